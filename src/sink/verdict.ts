import type { Rejection } from './backlog.ts';
import type { SinkProblem, WriteOutcome } from './sink.ts';

/** What must be known of a row to tell whether an answer means it. `timeMs` is that of its point. */
export type SentRow = { readonly id: number; readonly timeMs: number };

/** What the answer to a batch means for its rows. */
export type Verdict =
  | { readonly kind: 'settled'; readonly rejected: readonly Rejection[] }
  /** Some rows are bad and it takes smaller batches to see which. */
  | { readonly kind: 'some_refused' }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'problem'; readonly problem: SinkProblem };

/** A row counts as rejected only where the answer leaves no doubt that it is meant. `rows` is empty only where the outcome is `written`. */
export function judge(rows: readonly SentRow[], outcome: WriteOutcome): Verdict {
  switch (outcome.status) {
    case 'written':
      return settled([], '');
    case 'refused':
      return rows.length === 1 || outcome.dropped === rows.length
        ? settled(rows, outcome.reason)
        : { kind: 'some_refused' };
    case 'too_old': {
      const old = rows.length === 1 ? rows : oldestRows(rows, outcome.dropped);
      return old === undefined ? { kind: 'some_refused' } : settled(old, outcome.reason);
    }
    case 'too_large':
      return rows.length > 1 ? { kind: 'too_large' } : { kind: 'problem', problem: refusesAnySize(outcome.reason) };
    case 'unavailable':
    case 'denied':
    case 'missing':
      return { kind: 'problem', problem: outcome };
    default:
      return outcome satisfies never;
  }
}

/** No server is set up to take less than one point: it is a proxy in trouble, and the point is good. */
function refusesAnySize(reason: string): SinkProblem {
  const words = `even a single point is refused as too large: ${reason}`;
  return { status: 'unavailable', reason: words, retryAfterMs: undefined };
}

/**
 * The `count` oldest rows, or undefined where there is no such set: retention cuts at an instant, so rows of the same
 * instant are all kept or all dropped.
 */
function oldestRows(rows: readonly SentRow[], count: number | undefined): readonly SentRow[] | undefined {
  if (count === undefined || count === 0 || count > rows.length) return undefined;
  const byTime = rows.toSorted((a, b) => a.timeMs - b.timeMs);
  const youngestDropped = byTime[count - 1]?.timeMs;
  const oldestKept = byTime[count]?.timeMs;
  return youngestDropped === oldestKept ? undefined : byTime.slice(0, count);
}

/** What was not rejected was delivered. */
function settled(rejected: readonly SentRow[], reason: string): Verdict {
  return { kind: 'settled', rejected: rejected.map(({ id }) => ({ id, reason })) };
}
