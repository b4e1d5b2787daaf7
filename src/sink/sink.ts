import type { Point } from '../model/point.ts';

/** A time-series database that points are shipped to. It neither buffers nor retries: one call is one request. */
export interface Sink {
  /** Tells the sinks of a store apart: what was delivered is remembered under it. */
  readonly name: string;
  /**
   * Resolves for everything that a server or a network can do. Writing the same points again is harmless. The points are
   * read once, before this returns, and none is to be kept: there may be thousands.
   */
  write(points: Iterable<Point>, signal: AbortSignal): Promise<WriteOutcome>;
  /** Asks whether points would be taken, and writes none. */
  probe(signal: AbortSignal): Promise<ProbeOutcome>;
  /** Closes idle connections. */
  close(): void;
}

/** `reason` is what the server said, shortened and without secrets. */
export type WriteOutcome =
  /** Every point is stored. */
  | { readonly status: 'written' }
  /**
   * At least one point can never be stored as it is. `dropped` is how many, where the server says so; then all
   * others are stored. Without it nothing is known about any of them.
   */
  | { readonly status: 'refused'; readonly reason: string; readonly dropped: number | undefined }
  /** Points are older than what the server keeps: exactly the oldest `dropped`. All others are stored. */
  | { readonly status: 'too_old'; readonly reason: string; readonly dropped: number | undefined }
  /** The request has too many bytes; nothing is stored. */
  | { readonly status: 'too_large'; readonly reason: string }
  | SinkProblem;

export type ProbeOutcome = { readonly status: 'ready' } | SinkProblem;

/** Nothing is known about any point, and the same points may well be taken later. */
export type SinkProblem =
  /** `retryAfterMs` is the server's wish, at most five minutes. */
  | { readonly status: 'unavailable'; readonly reason: string; readonly retryAfterMs: number | undefined }
  /** The operator must mend the credentials. */
  | { readonly status: 'denied'; readonly reason: string; readonly remedy: string }
  /** The operator must create the place that points go to, or name the right one. */
  | { readonly status: 'missing'; readonly reason: string; readonly remedy: string };
