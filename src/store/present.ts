import type { RoundTable } from './round-table.ts';
import type { RunTable } from './run-table.ts';

const dayMs = 24 * 60 * 60 * 1_000;

type Lived = {
  readonly runs: Pick<RunTable, 'lastDueMs' | 'lastLivedMs'>;
  readonly rounds: Pick<RoundTable, 'lastStartMs'>;
};

/**
 * The instant that ages are counted from: the last due instant or, where due instants have leapt, a day after the newest round
 * before the leap, until the leap is a day ago. A wall clock that is years ahead is followed at a start, and nothing more is to
 * become too old than in a day, before somebody has seen it. Where samples are kept for less than four days, a quarter of
 * that stands for the day. Where rounds are rarer than that, it is behind by up to the time between two of them.
 * Epoch milliseconds; minus infinity while nothing has an age.
 */
export function findPresent({ runs, rounds }: Lived, keepMs: number): number {
  const settlingMs = Math.floor(Math.min(dayMs, keepMs / 4));
  const lastDueMs = runs.lastDueMs() ?? Number.NEGATIVE_INFINITY;
  // A round that was under way when the process started tells of no time before that.
  const livedMs = runs.lastLivedMs(lastDueMs - settlingMs) ?? Number.NEGATIVE_INFINITY;
  const settledMs = rounds.lastStartMs(livedMs) ?? Number.NEGATIVE_INFINITY;
  return Math.min(lastDueMs, settledMs + settlingMs);
}
