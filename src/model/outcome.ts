import type { Totals } from './sample.ts';

/**
 * How one request ended. Everything but `answered` is a failure of the poll.
 * `code` is Tencent's ErrorCode; the class of each is in `tencent/error-codes.ts`.
 */
export type Outcome =
  | { readonly status: 'answered'; readonly totals: Totals }
  | FailedAnswer
  | { readonly status: 'http_error'; readonly httpStatus: number }
  | { readonly status: 'timeout' }
  /** `reason` is the system's word for it, such as ECONNRESET. */
  | { readonly status: 'network_error'; readonly reason: string }
  /** No request could be started within the poll's own interval: the endpoint is paused, or behind. */
  | { readonly status: 'expired' }
  /** The process is stopping. */
  | { readonly status: 'cancelled' };

/** Tencent has answered, but not with counters. `requestId` is what its support asks for, where the answer has one. */
export type FailedAnswer = { readonly requestId?: string } /** The room does not exist (100004). */ & (
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
  | { readonly status: 'bad_answer'; readonly reason: BadAnswerReason }
  /** A code that no documentation names. */
  | { readonly status: 'unknown_code'; readonly code: number }
);

const statuses = {
  answered: true,
  gone: true,
  rate_limited: true,
  locked_out: true,
  signature_refused: true,
  refused: true,
  bad_target: true,
  server_error: true,
  http_error: true,
  timeout: true,
  network_error: true,
  bad_answer: true,
  unknown_code: true,
  expired: true,
  cancelled: true,
} satisfies Readonly<Record<Outcome['status'], true>>;

/** Every way in which a request can end. */
export const outcomeStatuses: readonly string[] = Object.keys(statuses);

/** Tencent has told of the target, be it that the room does not exist. */
export function isAnswer({ status }: Outcome): boolean {
  return status === 'answered' || status === 'gone';
}

export type BadAnswerReason = 'not_json' | 'too_large' | 'wrong_shape' | 'bad_counter';

/** What a person reads in logs and messages: what happened, and what to do where someone must. */
export function describeOutcome(outcome: Outcome): string {
  switch (outcome.status) {
    case 'answered':
      return 'answered';
    case 'gone':
      return `the room does not exist (${codeOf(outcome)})`;
    case 'rate_limited': {
      const limited = outcome.scope === 'app' ? 'the whole app' : 'this endpoint';
      return `the rate limit of ${limited} is exceeded (${codeOf(outcome)}): other programs of the account share it`;
    }
    case 'locked_out':
      return `the app is shut out for ${outcome.pauseMs / 1000} s (${codeOf(outcome)}): ${outcome.remedy}`;
    case 'signature_refused':
    case 'refused':
    case 'bad_target':
      return `refused (${codeOf(outcome)}): ${outcome.remedy}`;
    case 'server_error':
      return `Tencent failed inside (${codeOf(outcome)}): it may succeed when tried again`;
    case 'http_error':
      return `answered with HTTP ${outcome.httpStatus} instead of 200: check base_url and any proxy if it stays`;
    case 'timeout':
      return 'no complete answer in time';
    case 'network_error':
      return `the network failed (${outcome.reason}): check base_url, DNS, proxy and firewall if it stays`;
    case 'bad_answer':
      return `the answer is not what Tencent documents: ${[badAnswerWords[outcome.reason], ...requestOf(outcome)].join(', ')}`;
    case 'unknown_code':
      return `refused with a code that livetally does not know (${codeOf(outcome)}): look it up in Tencent's list of error codes`;
    case 'expired':
      return "not sent within the poll's own interval: the endpoint is paused or behind";
    case 'cancelled':
      return 'cancelled, livetally is stopping';
    default:
      return outcome satisfies never;
  }
}

type Coded = Extract<Outcome, { readonly code: number }>;

function codeOf(outcome: Coded): string {
  return [`ErrorCode ${outcome.code}`, ...requestOf(outcome)].join(', ');
}

function requestOf({ requestId }: FailedAnswer): readonly string[] {
  return requestId === undefined ? [] : [`RequestId ${requestId}`];
}

const badAnswerWords: Readonly<Record<BadAnswerReason, string>> = {
  not_json: 'it is no JSON',
  too_large: 'it is too large',
  wrong_shape: 'it has no ErrorCode, or none of the counters',
  bad_counter: 'a counter is no whole number of 0 to 2^53 - 1',
};
