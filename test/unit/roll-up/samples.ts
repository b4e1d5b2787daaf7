import type { Sample } from '../../../src/model/sample.ts';
import type { Tier, Window } from '../../../src/model/window.ts';
import type { RollUp, WindowStep } from '../../../src/roll-up/roll-up.ts';

export const intervalMs = 15_000;
/** A Saturday in 2026, the start of windows of every tier but the month, in UTC. */
export const startMs = Date.UTC(2026, 2, 28);

/** A sample `atMs` after the start, of a session that began then, 15 s after the one before it; the rest as given. */
export function sampleAt(atMs: number, given: Partial<Sample> = {}): Sample {
  return {
    dueMs: startMs + atMs,
    delayMs: 40,
    gapMs: intervalMs,
    inGap: false,
    sessionMs: startMs,
    totals: [100],
    deltas: [0],
    ...given,
  };
}

/** All windows of a tier that these samples make, the last ones ended by time. */
export function windowsOf(rollUp: RollUp, tier: Tier, ...samples: readonly Sample[]): readonly Window[] {
  const added = rollUp.addToWindows(undefined, samples);
  const rest = rollUp.endWindows(stateOf(added), startMs + 400 * 86_400_000);
  return [...added.ended, ...rest.ended].filter((one) => one.tier === tier).map(({ window }) => window);
}

/** The state of a step that leaves something open. */
export function stateOf({ state }: WindowStep): string {
  if (state === undefined) throw new Error('nothing is open any more');
  return state;
}
