import type { Totals } from './sample.ts';

/**
 * How one request ended. Everything but `answered` is a failure of the poll.
 * `code` is Tencent's ErrorCode; the class of each is in `tencent/error-codes.ts`.
 */
export type Outcome =
  | { readonly status: 'answered'; readonly totals: Totals }
  /** The room does not exist (100004). */
  | { readonly status: 'gone'; readonly code: number }
  /** A limit of this endpoint, or of the whole app, was exceeded by anyone who uses the account. */
  | { readonly status: 'rate_limited'; readonly code: number; readonly scope: 'endpoint' | 'app' }
  /** The app is shut out for a known time. */
  | { readonly status: 'locked_out'; readonly code: number; readonly pauseMs: number; readonly remedy: string }
  /** The signature was not accepted; the next request carries a new one. */
  | { readonly status: 'signature_refused'; readonly code: number; readonly remedy: string }
  /** Something that the operator must mend: no request of this app, or of this endpoint, can succeed before. */
  | { readonly status: 'refused'; readonly code: number; readonly scope: 'endpoint' | 'app'; readonly remedy: string }
  /** This target can not be answered, the others can. */
  | { readonly status: 'bad_target'; readonly code: number; readonly remedy: string }
  /** May succeed at once when tried again. */
  | { readonly status: 'server_error'; readonly code: number }
  | { readonly status: 'http_error'; readonly httpStatus: number }
  | { readonly status: 'timeout' }
  /** `reason` is the system's word for it, such as ECONNRESET. */
  | { readonly status: 'network_error'; readonly reason: string }
  | { readonly status: 'bad_answer'; readonly reason: BadAnswerReason }
  /** A code that no documentation names. */
  | { readonly status: 'unknown_code'; readonly code: number }
  /** No request could be started within the poll's own interval: the endpoint is paused, or behind. */
  | { readonly status: 'expired' }
  /** The process is stopping. */
  | { readonly status: 'cancelled' };

export type BadAnswerReason = 'not_json' | 'too_large' | 'wrong_shape' | 'bad_counter';

export type OutcomeStatus = Outcome['status'];
