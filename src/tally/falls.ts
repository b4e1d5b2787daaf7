import { isDeepFall } from '../model/deep-fall.ts';
import type { Totals } from '../model/sample.ts';
import type { Dip, TallyState } from '../model/tally-state.ts';

/** How the counters of one answer stand to their highest totals. A counter that is not sent says nothing. */
export type Falls = {
  /** Counters below their highest total. */
  readonly fallen: number;
  /** Those of them that were not below it when last sent. */
  readonly newlyFallen: number;
  /** Counters above zero before that have not fallen. */
  readonly standing: number;
  /** No counter in the answer is above zero. */
  readonly onlyZeros: boolean;
  /** Some counter is below half of its highest total: until that is settled, this answer may be of a room made anew. */
  readonly inDoubt: boolean;
  /** Due instant of the first of four samples in a row, this one the last, that sent one same counter below half of its highest total. */
  readonly lastingSinceMs: number | undefined;
  /** The dips to remember, this sample included. */
  readonly dips: readonly (Dip | undefined)[] | undefined;
};

/** A stale read is over after three samples. */
const lastingSamples = 4;

const noFalls: Falls = {
  fallen: 0,
  newlyFallen: 0,
  standing: 0,
  onlyZeros: false,
  inDoubt: false,
  lastingSinceMs: undefined,
  dips: undefined,
};

/** Shallow: below the highest total, not below half of it. */
const shallowDip: Dip = { samples: 0, sinceMs: undefined };

export function findFalls(previous: TallyState, answer: { readonly dueMs: number; readonly totals: Totals }): Falls {
  const { totals } = answer;
  // Nearly every answer ends here, so that it costs no allocation.
  if (previous.dips === undefined && !anyBelow(totals, previous.highest)) return noFalls;

  let fallen = 0;
  let newlyFallen = 0;
  let standing = 0;
  let onlyZeros = true;
  let inDoubt = false;
  let lastingSinceMs: number | undefined;
  const dips = totals.map((total, index): Dip | undefined => {
    const highest = previous.highest[index];
    const before = previous.dips?.[index];
    // Unseen, a run of deep samples is broken: two stale reads with an unread counter between them must not add up.
    if (total === undefined) return before && shallowDip;
    if (total > 0) onlyZeros = false;
    if (highest === undefined) return undefined;
    if (total >= highest) {
      if (highest > 0) standing++;
      return undefined;
    }
    fallen++;
    if (before === undefined) newlyFallen++;
    if (!isDeepFall(total, highest)) return shallowDip;
    inDoubt = true;
    const dip = { samples: (before?.samples ?? 0) + 1, sinceMs: before?.sinceMs ?? answer.dueMs };
    if (dip.samples >= lastingSamples) lastingSinceMs = dip.sinceMs;
    return dip;
  });
  const remembered = dips.some((dip) => dip !== undefined) ? dips : undefined;
  return { fallen, newlyFallen, standing, onlyZeros, inDoubt, lastingSinceMs, dips: remembered };
}

function anyBelow(totals: Totals, highest: Totals): boolean {
  for (let index = 0; index < totals.length; index++) {
    const total = totals[index];
    const before = highest[index];
    if (total !== undefined && before !== undefined && total < before) return true;
  }
  return false;
}
