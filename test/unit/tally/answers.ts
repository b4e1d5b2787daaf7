import type { Totals } from '../../../src/model/sample.ts';
import type { TallyState } from '../../../src/model/tally-state.ts';
import { type Tallied, tally, tallyGone } from '../../../src/tally/tally.ts';

export const startMs = 1_764_000_000_000;
export const intervalMs = 15_000;

/** What happens to a room: its answer, a report that it is gone, or time in which nobody asks. */
export type Event = Totals | 'gone' | { readonly silentMs: number };

/** Tallies the answers of one room, polled every 15 seconds. */
export function tallyAll(...events: readonly Event[]): Tallied[] {
  const tallied: Tallied[] = [];
  let state: TallyState | undefined;
  let dueMs = startMs;
  for (const event of events) {
    if (event === 'gone') {
      state = tallyGone(state, dueMs);
      dueMs += intervalMs;
    } else if ('silentMs' in event) {
      dueMs += event.silentMs;
    } else {
      const result = tally(state, { dueMs, delayMs: 40, intervalMs, totals: event });
      tallied.push(result);
      state = result.state;
      dueMs += intervalMs;
    }
  }
  return tallied;
}

/** The deltas of each sample. */
export const deltasOf = (tallied: readonly Tallied[]) => tallied.map(({ sample }) => sample.deltas);

/** For each sample the start of its session, in intervals after the first sample. */
export const sessionsOf = (tallied: readonly Tallied[]) =>
  tallied.map(({ sample }) => (sample.sessionMs - startMs) / intervalMs);

export const kindsOf = (tallied: readonly Tallied[]) => tallied.map(({ session }) => session);
export const regressionsOf = (tallied: readonly Tallied[]) => tallied.map(({ regressions }) => regressions);
