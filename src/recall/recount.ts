import type { Sample } from '../model/sample.ts';
import type { TallyState } from '../model/tally-state.ts';
import { findFalls } from '../tally/falls.ts';
import { longestStaleReadMs, rememberSample, tally } from '../tally/tally.ts';

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
  const { dueMs, gapMs, sessionMs, totals } = sample;
  if (begins(sample)) return remember(undefined, sample);
  const followsKnown = gapMs === undefined || dueMs - gapMs === lastDueMs;
  const met = { ...sample, gapMs: undefined, inGap: false, deltas: totals.map(() => undefined) };
  return {
    whole: followsKnown ? sample : met,
    after: { dueMs, sessionMs, highest: totals, gone: false, dips: undefined },
  };
}

/** Whoever took the sample may have met its target anew, whether the one that it was met with is there or not. */
export function isForgotten(before: TallyState, sample: Sample): boolean {
  const { dueMs, gapMs, sessionMs } = sample;
  const knewOlder = gapMs !== undefined && dueMs - gapMs <= before.dueMs;
  return !knewOlder && dueMs - before.dueMs >= rememberedMs && sessionMs !== before.sessionMs && !begins(sample);
}

/**
 * A sample with its growth counted from what is remembered. It is another one where the database lacks what was between, or a
 * highest total that came before. Of sessions, whoever took it knew more.
 */
export function recount(before: TallyState, sample: Sample): Counted {
  if (before.highest.length === 0 && begins(sample)) return remember(before, sample);
  const gapMs = sample.dueMs - before.dueMs;
  const known = gapMs === sample.gapMs ? before : { ...before, dips: undefined };
  const after = rememberSample(known, sample);
  const goesOn = before.sessionMs === after.sessionMs;
  const deltas = sample.totals.map((total, counter) => {
    const [reached, from] = [after.highest[counter], goesOn ? before.highest[counter] : 0];
    return total === undefined || reached === undefined || from === undefined ? undefined : reached - from;
  });
  return { whole: choose(sample, { gapMs, deltas }), after };
}

/** Whoever took the sample did not know the last one that is known, or what had come before it. */
export function isOfOtherLife(before: TallyState, sample: Sample): boolean {
  const { dueMs, gapMs, sessionMs } = sample;
  if (gapMs === undefined || dueMs - gapMs < before.dueMs) return true;
  if (before.highest.length === 0) return false;
  const isNext = dueMs - gapMs === before.dueMs;
  const { fallen, lastingSinceMs } = findFalls(before, sample);
  if (sessionMs === before.sessionMs) return isNext && lastingSinceMs !== undefined;
  const goesOnElsewhere = isNext && !isAllGrowth(sample);
  const beginsUnseen = fallen === 0 && sessionMs !== dueMs;
  return sessionMs < before.sessionMs || beginsUnseen || goesOnElsewhere;
}

/** What is known of whoever took a sample. */
export type Taker = {
  /** It had not known the samples before this one. */
  readonly isNew: boolean;
  /** It may have heard before all of these samples that the room was gone. */
  readonly heardOld: boolean;
};

/** A sample of another life, or behind one, as the collector would have told it, had it known what came before. */
export function retell(before: TallyState, sample: Sample, taker: Taker): Counted {
  const { dueMs, gapMs = Number.POSITIVE_INFINITY } = sample;
  const isBehindHole = dueMs - gapMs > before.dueMs;
  // Of a session that began in a hole, whoever took the sample knew more.
  if (!taker.isNew && isBehindHole && sample.sessionMs > before.dueMs && findFalls(before, sample).fallen > 0)
    return recount(before, sample);
  // A session that was begun at once is one that the room was known to be gone before, or silent for long.
  const heardItself = !taker.isNew || (!taker.heardOld && gapMs < longestStaleReadMs);
  const gone = before.gone || (heardItself && sample.sessionMs === dueMs && isAllGrowth(sample));
  // Of a row of low totals nobody knows what was in the hole between them, unless whoever took them saw them grow.
  const isStaleRow = isBehindHole && !sample.deltas.some((delta = 0) => delta > 0);
  const known = { ...before, gone, dips: isStaleRow ? undefined : before.dips };
  const told = tally(known, { ...sample, intervalMs: Number.POSITIVE_INFINITY });
  const { sessionMs, deltas } = told.sample;
  return { whole: choose(sample, { gapMs: told.sample.gapMs, sessionMs, deltas }), after: told.state };
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

/** It is the first of a session that counts from zero, or the one that carries all since then. */
function begins(sample: Sample): boolean {
  return isAllGrowth(sample) && (sample.sessionMs === sample.dueMs || sample.totals.some((total = 0) => total > 0));
}

function isAllGrowth({ gapMs, totals, deltas }: Sample): boolean {
  return gapMs !== undefined && deltas.join() === totals.join();
}
