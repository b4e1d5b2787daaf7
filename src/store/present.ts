import type { RoundTable } from './round-table.ts';
import type { RunTable } from './run-table.ts';

const dayMs = 24 * 60 * 60 * 1_000;

/**
 * The instant that ages are counted from: the last due instant or, where due instants have leapt, a day after the newest round
 * before the leap, until the leap is a day ago. A wall clock that is years ahead is followed at a start, and nothing is to be
 * too old before somebody has seen it. Where samples are kept for less than four days, a quarter of that stands for the day.
 * Epoch milliseconds; minus infinity while nothing has an age.
 */
export function presentMs(
  { runs, rounds }: { readonly runs: Pick<RunTable, 'lastDueMs'>; readonly rounds: Pick<RoundTable, 'lastStartMs'> },
  keepMs: number,
): number {
  const settlingMs = Math.min(dayMs, keepMs / 4);
  const lastDueMs = runs.lastDueMs() ?? Number.NEGATIVE_INFINITY;
  const settledMs = rounds.lastStartMs(lastDueMs - settlingMs) ?? Number.NEGATIVE_INFINITY;
  return Math.min(lastDueMs, settledMs + settlingMs);
}
