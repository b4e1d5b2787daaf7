import type { TallyState } from '../../../src/model/tally-state.ts';
import { decodeTallyState, encodeTallyState } from '../../../src/tally/state-text.ts';
import { type Tallied, tally, tallyGone } from '../../../src/tally/tally.ts';
import type { Poll } from './room-walk.ts';

/** Tallies a walk; at every restart the state goes through its stored text. */
export function runTally(polls: readonly Poll[]): Tallied[] {
  let state: TallyState | undefined;
  return polls.map(({ dueMs, totals, goneBefore, restartedBefore }) => {
    if (state !== undefined && goneBefore) state = tallyGone(state, dueMs);
    if (state !== undefined && restartedBefore) state = restart(state);
    const tallied = tally(state, { dueMs, delayMs: 40, intervalMs: 15_000, totals });
    state = tallied.state;
    return tallied;
  });
}

function restart(state: TallyState): TallyState {
  const decoded = decodeTallyState(encodeTallyState(state));
  if (decoded.status !== 'read') throw new Error(decoded.problem);
  return decoded.state;
}
