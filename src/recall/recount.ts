import type { Sample } from '../model/sample.ts';
import type { TallyState } from '../model/tally-state.ts';
import { rememberSample, tally } from '../tally/tally.ts';

/** A sample out of the database as it is to be in the store, and what is remembered after it. */
export type Counted = {
  /** The sample itself, unless it is to be shipped in place of what is there. */
  readonly whole: Sample;
  readonly after: TallyState;
};

/** A target that is off the watchlist for longer may have been forgotten, and met anew. */
const rememberedMs = 24 * 60 * 60_000;

/**
 * A sample of a target of which nothing is remembered; the last one that the store has of it was due at `lastDueMs`. Where others
 * came between them, what the sample shows is the opening, as the collector has it with a target that it meets.
 */
export function meet(lastDueMs: number, sample: Sample): Counted {
  const { dueMs, gapMs, totals } = sample;
  const followsKnown = gapMs === undefined || dueMs - gapMs === lastDueMs || countsFromZero(sample);
  const met = { ...sample, gapMs: undefined, inGap: false, deltas: totals.map(() => undefined) };
  return remember(undefined, followsKnown ? sample : met);
}

/**
 * A sample with its growth counted from what is remembered. It is another one where the database lacks what was between, or a
 * highest total that came before. Of sessions, whoever took it knew more.
 */
export function recount(before: TallyState, sample: Sample): Counted {
  const { dueMs, totals } = sample;
  const isFirst = before.highest.length === 0 && countsFromZero(sample);
  if (sample.gapMs === undefined || isFirst) return remember(before, sample);
  const gapMs = dueMs - before.dueMs;
  const after = rememberSample(before, sample);
  const goesOn = before.sessionMs === after.sessionMs;
  const deltas = totals.map((total, counter) => {
    const [reached, known] = [after.highest[counter], goesOn ? before.highest[counter] : 0];
    return total === undefined || reached === undefined || known === undefined ? undefined : reached - known;
  });
  return remember(before, choose(sample, { gapMs, deltas }));
}

/**
 * Whoever took the sample did not know the last one that is known, or goes on with a session in which that is not: it is of another
 * life of livetally.
 */
export function isOfOtherLife(before: TallyState, sample: Sample): boolean {
  const { dueMs, gapMs, sessionMs } = sample;
  if (gapMs === undefined) return dueMs - before.dueMs < rememberedMs;
  if (dueMs - gapMs < before.dueMs) return true;
  if (before.highest.length === 0) return false;
  const isNext = dueMs - gapMs === before.dueMs;
  return sessionMs < before.sessionMs || (isNext && sessionMs > before.sessionMs && !countsFromZero(sample));
}

/** A sample of another life, or behind one, as the collector would have told it, had it known what came before. */
export function retell(
  before: TallyState,
  sample: Sample,
  { isFirstOfLife }: { readonly isFirstOfLife: boolean },
): Counted {
  // A session that was begun at once was known to be another one.
  const gone = before.gone || (!isFirstOfLife && sample.sessionMs === sample.dueMs);
  const told = tally({ ...before, gone }, { ...sample, intervalMs: Number.POSITIVE_INFINITY });
  const { gapMs, sessionMs, deltas } = told.sample;
  return { whole: choose(sample, { gapMs, sessionMs, deltas }), after: told.state };
}

function remember(before: TallyState | undefined, whole: Sample): Counted {
  return { whole, after: rememberSample(before, whole) };
}

/** The sample itself, where it says the same. How long an interval was then is not known: another gap is taken for a long one. */
function choose(sample: Sample, told: Pick<Sample, 'gapMs' | 'deltas'> & Partial<Pick<Sample, 'sessionMs'>>): Sample {
  const { sessionMs = sample.sessionMs, gapMs, deltas } = told;
  const hasSameGap = gapMs === sample.gapMs;
  const isSame = hasSameGap && sessionMs === sample.sessionMs && deltas.join() === sample.deltas.join();
  return isSame ? sample : { ...sample, sessionMs, gapMs, deltas, inGap: sample.inGap || !hasSameGap };
}

function countsFromZero({ totals, deltas }: Sample): boolean {
  return deltas.join() === totals.join();
}
