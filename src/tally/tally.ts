import type { Sample, Totals } from '../model/sample.ts';
import type { TallyState } from '../model/tally-state.ts';
import { type Falls, findFalls } from './falls.ts';

/** What the poll brings; `intervalMs` is that of the schedule. `totals` is kept, not copied. */
export type Answer = Pick<Sample, 'dueMs' | 'delayMs' | 'totals'> & { readonly intervalMs: number };

export type Tallied = {
  readonly sample: Sample;
  readonly state: TallyState;
  /** Counters that fell below their highest total with this sample, without a new session: each dip counts once. */
  readonly regressions: number;
  /** `first`: met now, perhaps in the middle of a show. `began`: counts from zero, under our eyes. */
  readonly session: 'first' | 'continued' | 'began';
};

/**
 * No answer is taken to be older than this. So when all counters have fallen after a silence as long, it was no stale
 * read. The design closes a session that is unanswered for the same time.
 */
export const longestStaleReadMs = 30 * 60_000;

/**
 * Derives growth, session and gap of an answer from what is remembered of the samples before it. Throws a RangeError
 * when the due instant is not after the previous one, which the collector clock promises.
 */
export function tally(previous: TallyState | undefined, answer: Answer): Tallied {
  if (previous === undefined) return meet(answer);
  if (!(answer.dueMs > previous.dueMs)) {
    throw new RangeError(
      `tally: due instant ${answer.dueMs} is not after ${previous.dueMs}, that of the previous sample of the same target. ` +
        'Due instants never repeat nor go back: this is a fault of the schedule or the collector clock, please report it',
    );
  }
  const gapMs = answer.dueMs - previous.dueMs;
  if (neverAnswered(previous)) return begin(answer, gapMs, answer.dueMs);
  const falls = findFalls(previous, answer);
  const sessionMs = newSessionMs(falls, previous.gone, gapMs, answer.dueMs);
  return sessionMs === undefined ? goOn(previous, answer, gapMs, falls) : begin(answer, gapMs, sessionMs);
}

/** What is remembered after a sample that `tally` has made, where nothing but the sample is left of it. */
export function rememberSample(previous: TallyState | undefined, sample: Sample): TallyState {
  const { dueMs, sessionMs, totals, deltas } = sample;
  if (previous !== undefined && !neverAnswered(previous) && previous.sessionMs === sessionMs) {
    const falls = findFalls(previous, sample);
    return { dueMs, sessionMs, highest: highestAfter(previous, totals, falls), gone: false, dips: falls.dips };
  }
  const isMet = deltas.every((delta) => delta === undefined);
  return { dueMs, sessionMs, highest: isMet ? totals : fromZero(totals), gone: false, dips: undefined };
}

/**
 * Remembers that the room was reported gone. When it comes back with less, it was made anew; when it has never answered,
 * whatever it shows first began after this report.
 */
export function tallyGone(previous: TallyState | undefined, dueMs: number): TallyState {
  if (previous === undefined || neverAnswered(previous)) {
    return { dueMs, sessionMs: dueMs, highest: [], gone: true, dips: undefined };
  }
  return previous.gone ? previous : { ...previous, gone: true };
}

function neverAnswered({ highest }: TallyState): boolean {
  return highest.length === 0;
}

/** Due instant of the first sample of the session that these falls prove, or undefined when a stale read may explain them. */
function newSessionMs(falls: Falls, gone: boolean, gapMs: number, dueMs: number): number | undefined {
  if (falls.fallen === 0) return undefined;
  if (gone) return dueMs;
  const allHaveFallen = falls.standing === 0;
  // Zeros alone are what a service that has just recovered may send before it knows better.
  if (gapMs >= longestStaleReadMs && allHaveFallen && !falls.onlyZeros) return dueMs;
  return falls.lastingSinceMs;
}

function meet({ dueMs, delayMs, totals }: Answer): Tallied {
  return {
    sample: {
      dueMs,
      delayMs,
      gapMs: undefined,
      inGap: false,
      sessionMs: dueMs,
      totals,
      deltas: totals.map(() => undefined),
    },
    state: { dueMs, sessionMs: dueMs, highest: totals, gone: false, dips: undefined },
    regressions: 0,
    session: 'first',
  };
}

function begin({ dueMs, delayMs, totals, intervalMs }: Answer, gapMs: number, sessionMs: number): Tallied {
  return {
    sample: { dueMs, delayMs, gapMs, inGap: isGap(gapMs, intervalMs), sessionMs, totals, deltas: totals },
    state: { dueMs, sessionMs, highest: fromZero(totals), gone: false, dips: undefined },
    regressions: 0,
    session: 'began',
  };
}

/** A counter that is not sent yet has nothing. */
function fromZero(totals: Totals): Totals {
  return totals.includes(undefined) ? totals.map((total) => total ?? 0) : totals;
}

function goOn(previous: TallyState, answer: Answer, gapMs: number, falls: Falls): Tallied {
  const { dueMs, delayMs, totals, intervalMs } = answer;
  const { sessionMs } = previous;
  const highest = highestAfter(previous, totals, falls);
  return {
    sample: {
      dueMs,
      delayMs,
      gapMs,
      inGap: isGap(gapMs, intervalMs),
      sessionMs,
      totals,
      deltas: growth(previous.highest, highest, totals),
    },
    state: { dueMs, sessionMs, highest, gone: false, dips: falls.dips },
    regressions: falls.newlyFallen,
    session: 'continued',
  };
}

/**
 * In doubt nothing is counted: a counter that has overtaken its old maximum in a room made anew would be counted in both
 * sessions. When it was a stale read, the next answer brings the growth.
 */
function highestAfter({ highest }: TallyState, totals: Totals, { inDoubt }: Falls): Totals {
  return inDoubt ? highest : raise(highest, totals);
}

/** One missed poll is no gap: its growth is still seen within two intervals. */
function isGap(gapMs: number, intervalMs: number): boolean {
  return gapMs > 2 * intervalMs;
}

/** A counter sent for the first time in a session that was there before us has no growth yet: what it shows is its opening. */
function growth(before: Totals, after: Totals, totals: Totals): Totals {
  return totals.map((total, index) => {
    const highest = before[index];
    return total === undefined || highest === undefined ? undefined : (after[index] ?? highest) - highest;
  });
}

/** The higher of both, counter by counter; one of the two lists itself where that says the same, to keep memory small. */
function raise(highest: Totals, totals: Totals): Totals {
  let raised = false;
  let held = false;
  for (let index = 0; index < totals.length; index++) {
    const total = totals[index];
    const before = highest[index];
    if (total === undefined || (before !== undefined && total < before)) held = true;
    else if (total !== before) raised = true;
  }
  if (!raised) return highest;
  if (!held) return totals;
  return totals.map((total, index) => {
    const before = highest[index];
    return total === undefined || (before !== undefined && total < before) ? before : total;
  });
}
