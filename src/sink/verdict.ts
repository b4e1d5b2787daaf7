import type { Rejection, Row } from './backlog.ts';
import type { SinkProblem, WriteOutcome } from './sink.ts';

/** What the answer to a batch means for its rows. */
export type Verdict =
  | { readonly kind: 'settled'; readonly rejected: readonly Rejection[] }
  /** Some rows are bad and it takes smaller batches to see which. */
  | { readonly kind: 'some_refused' }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'problem'; readonly problem: SinkProblem };

/** A row counts as rejected only where the answer leaves no doubt that it is meant. `rows` is not empty. */
export function judge(rows: readonly Row[], outcome: WriteOutcome): Verdict {
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
function oldestRows(rows: readonly Row[], count: number | undefined): readonly Row[] | undefined {
  if (count === undefined || count === 0 || count > rows.length) return undefined;
  const byTime = rows.toSorted((a, b) => a.point.timeMs - b.point.timeMs);
  const youngestDropped = byTime[count - 1]?.point.timeMs;
  const oldestKept = byTime[count]?.point.timeMs;
  return youngestDropped === oldestKept ? undefined : byTime.slice(0, count);
}

/** What was not rejected was delivered. */
function settled(rejected: readonly Row[], reason: string): Verdict {
  return { kind: 'settled', rejected: rejected.map(({ id }) => ({ id, reason })) };
}
