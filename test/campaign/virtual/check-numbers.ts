import type { Totals } from '../../../src/model/sample.ts';
import type { Findings } from './findings.ts';
import { keyOf, type TakenSample } from './truth-log.ts';

/** What cumulative counters cannot show, counted apart (README, "What the numbers mean"). */
export type Unshowable =
  | 're-made, nothing below the old maximum'
  | 're-made, lived too short'
  | 're-made, not low enough'
  | 're-made, the report of "gone" lost in a crash'
  | 'growth counted twice while a re-making was in doubt'
  | 'stale answer right after a false "gone"'
  | 'stale answer after half an hour of silence'
  | 'a counter first sent by a stale answer'
  | 'met for the first time after a false "gone"';

export type NumbersCount = { readonly makings: number; readonly unshowable: ReadonlyMap<Unshowable, number> };

const silenceMs = 30 * 60_000;
/** The least time for which a target that is off the watchlist is remembered, however short samples are kept. */
const rememberedMs = 24 * 60 * 60_000;
const lasting = 4;

/** Holds the committed samples of one endpoint, in the order of their ids, against what really happened in the rooms. */
export function checkNumbers(samples: readonly TakenSample[], findings: Findings): NumbersCount {
  const unshowable = new Map<Unshowable, number>();
  const note = (kind: Unshowable) => unshowable.set(kind, (unshowable.get(kind) ?? 0) + 1);
  let makings = 0;
  const targets = Map.groupBy(samples, ({ series }) => keyOf(series.target));
  for (const [key, ofTarget] of [...targets].flatMap(([key, all]) =>
    remembered(all).map((own) => [key, own] as const),
  )) {
    const wrong = (index: number, words: string) =>
      findings.add('wrong', `${key.replaceAll('\n', ' ')}, due ${ofTarget[index]?.sample.dueMs}: ${words}`);
    const highestBefore = checkSessions(ofTarget, wrong);
    for (const life of livesOf(ofTarget)) {
      makings++;
      checkLife(ofTarget, { ...life, highestBefore }, { wrong, note });
    }
  }
  return { makings, unshowable };
}

/** A target that was off the watchlist for longer than its samples were kept is forgotten, and met again as a new one. */
function remembered(samples: readonly TakenSample[]): (readonly TakenSample[])[] {
  const parts: (readonly TakenSample[])[] = [];
  let from = 0;
  for (const [index, { sample }] of samples.entries()) {
    const sinceMs = sample.dueMs - (samples[index - 1]?.sample.dueMs ?? sample.dueMs);
    if (sinceMs <= rememberedMs || sample.gapMs === sinceMs) continue;
    parts.push(samples.slice(from, index));
    from = index;
  }
  return [...parts, samples.slice(from)];
}

type Wrong = (index: number, words: string) => void;

/** In every session opening + sum of deltas = highest total. Gives the highest totals that were known before each sample. */
function checkSessions(samples: readonly TakenSample[], wrong: Wrong): Totals[] {
  const before: Totals[] = [];
  let highest: Totals = [];
  let counted: Totals = [];
  for (const [index, { sample }] of samples.entries()) {
    const previous = samples[index - 1]?.sample;
    const { totals, deltas } = sample;
    if (totals.join() !== ofAnswer(samples, index)) wrong(index, `totals ${totals}, not ${ofAnswer(samples, index)}`);
    before.push(highest);
    if (previous !== undefined && sample.dueMs <= previous.dueMs) wrong(index, 'not due after the sample before it');
    if (!isRightGap(samples, index)) wrong(index, `the gap is ${sample.gapMs}`);
    if (deltas.some((delta) => delta !== undefined && delta < 0)) wrong(index, `a negative delta: ${deltas}`);
    if (isBegin(samples, index)) {
      highest = totals.map(() => 0);
      counted = highest;
    }
    if (isInDoubt(totals, highest)) {
      if (deltas.some((delta) => delta !== undefined && delta !== 0)) wrong(index, `counted in doubt: ${deltas}`);
      continue;
    }
    const known = counted;
    counted = totals.map((total, counter) => {
      const sum = known[counter];
      return sum === undefined ? total : sum + (deltas[counter] ?? 0);
    });
    const reached = highest;
    highest = totals.map((total, counter) => higher(reached[counter], total));
    if (counted.some((sum, counter) => sum !== highest[counter])) {
      wrong(index, `opening + deltas are ${counted}, the highest totals ${highest}`);
      counted = highest;
    }
  }
  return before;
}

/** Samples `from` up to, not including, `to` are of one life of the room. */
type LifeRange = { readonly from: number; readonly to: number };

function livesOf(samples: readonly TakenSample[]): LifeRange[] {
  const starts = [...samples.keys()].filter((index) => samples[index]?.making !== samples[index - 1]?.making);
  return starts.map((from, index) => ({ from, to: starts[index + 1] ?? samples.length }));
}

type SeenLife = LifeRange & {
  /** What was known before each sample, of every life, in the session of that sample. */
  readonly highestBefore: readonly Totals[];
};

/** What grew in a life of the room is counted, once, from where a session was begun for it. */
function checkLife(
  samples: readonly TakenSample[],
  life: SeenLife,
  { wrong, note }: { readonly wrong: Wrong; readonly note: (kind: Unshowable) => void },
): void {
  const { from, to } = life;
  const isMet = from === 0 && !isBegin(samples, from);
  const begins = range(from, to).filter((index) => isBegin(samples, index));
  const believed = isMet ? from : begins[0];
  const unfounded = begins.filter((index) => index !== believed);
  for (const index of unfounded) {
    const kind = whyBegun(samples[index]);
    if (kind === undefined) wrong(index, 'a session of a room that was not made anew');
    else note(kind);
  }
  if (from > 0) judgeRemaking(samples, life, believed, { wrong, note });
  else judgeFirst(samples[from], { isMet }, { wrong: (words) => wrong(from, words), note });
  if (unfounded.length > 0) return;

  const last = samples[to - 1];
  for (const counter of last?.sample.totals.keys() ?? []) {
    const { least, most } = growthOf(samples, life, counter, isMet);
    const counted = sumOf(samples, { from: believed ?? from, to }, counter);
    if (believed !== undefined && sumOf(samples, { from, to: believed }, counter) > 0) {
      note('growth counted twice while a re-making was in doubt');
    }
    if (isMet && counted > least) note('a counter first sent by a stale answer');
    if (counted > most) wrong(to - 1, `counter ${counter} grew by ${most} in this life, ${counted} were counted`);
    const isSettled = last?.isStale === false && last.sample.totals[counter] !== undefined && believed !== undefined;
    // A counter that was not sent when the session began has all its growth with the first total after that.
    if (isSettled && counted < least) wrong(to - 1, `counter ${counter}: of ${least} only ${counted} were counted`);
  }
}

/** What a target shows first is its opening, unless it was reported gone before: then it is growth. */
function judgeFirst(
  first: TakenSample | undefined,
  { isMet }: { readonly isMet: boolean },
  { wrong, note }: { readonly wrong: (words: string) => void; readonly note: (kind: Unshowable) => void },
): void {
  if (first?.goneBefore === 'yes' && isMet) wrong('the room was gone before, and what it shows is not counted');
  if (first?.goneBefore === 'no' && !isMet) wrong('growth of a room that was met in the middle of a show');
  if (first?.isGoneFalse === true && !isMet) note('met for the first time after a false "gone"');
}

/** Why there is no session for a re-making, or only a late one, where that is not a fault. */
function judgeRemaking(
  samples: readonly TakenSample[],
  { from, to, highestBefore }: SeenLife,
  believed: number | undefined,
  { wrong, note }: { readonly wrong: Wrong; readonly note: (kind: Unshowable) => void },
): void {
  const first = samples[from];
  const highest = highestBefore[from];
  if (first === undefined || highest === undefined) return;
  const { totals, gapMs = 0 } = first.sample;
  const sent = [...totals.keys()].filter((counter) => totals[counter] !== undefined);
  const isBelow = (counter: number) => (totals[counter] ?? Infinity) < (highest[counter] ?? 0);
  const isSilent = gapMs >= silenceMs && sent.every((counter) => isBelow(counter) || highest[counter] === 0);
  const hasGrown = sent.some((counter) => totals[counter] !== 0);
  const anyBelow = sent.some(isBelow);
  const four = range(from, Math.min(from + lasting, to));
  const isLasting =
    four.length === lasting &&
    // Of what was in a hole nobody can tell whether it was low as well.
    four.slice(1).every((index) => samples[index]?.isBehindHole !== true) &&
    [...totals.keys()].some((counter) =>
      four.every((index) => (samples[index]?.sample.totals[counter] ?? Infinity) * 2 < (highest[counter] ?? 0)),
    );

  const isShownAtOnce = anyBelow && (first.goneBefore === 'yes' || (isSilent && hasGrown));
  if (isShownAtOnce && believed !== from) wrong(from, 'the room was made anew, and no session was begun at once');
  else if (isLasting && (believed === undefined || believed >= from + lasting)) {
    wrong(from, 'the room was made anew, and no session was begun with the fourth sample');
  } else if (believed !== undefined) return;
  else if (!anyBelow) note('re-made, nothing below the old maximum');
  else if (first.goneBefore === 'perhaps') note('re-made, the report of "gone" lost in a crash');
  else if (four.length < lasting) note('re-made, lived too short');
  else note('re-made, not low enough');
}

function whyBegun(taken: TakenSample | undefined): Unshowable | undefined {
  if (taken?.isStale !== true) return undefined;
  if (taken.goneBefore !== 'no') return 'stale answer right after a false "gone"';
  return (taken.sample.gapMs ?? 0) >= silenceMs ? 'stale answer after half an hour of silence' : undefined;
}

function ofAnswer(samples: readonly TakenSample[], index: number): string | undefined {
  return samples[index]?.answered.join();
}

/** A session that counts from zero. */
function isBegin(samples: readonly TakenSample[], index: number): boolean {
  const sample = samples[index]?.sample;
  if (index === 0) return sample?.deltas.some((delta) => delta !== undefined) === true;
  return sample?.sessionMs !== samples[index - 1]?.sample.sessionMs;
}

/** Since the sample before; of a target that was only ever gone before, since a report of that. */
function isRightGap(samples: readonly TakenSample[], index: number): boolean {
  const sample = samples[index]?.sample;
  const previous = samples[index - 1]?.sample;
  if (sample === undefined) return false;
  if (previous !== undefined) return sample.gapMs === sample.dueMs - previous.dueMs;
  return isBegin(samples, index) ? (sample.gapMs ?? 0) > 0 : sample.gapMs === undefined;
}

/** A fall so deep that it may be a new session: nothing is counted until that is settled. */
export function isInDoubt(totals: Totals, highest: Totals): boolean {
  return totals.some((total, counter) => (total ?? Infinity) * 2 < (highest[counter] ?? 0));
}

function higher(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.max(one, other);
}

function sumOf(samples: readonly TakenSample[], { from, to }: LifeRange, counter: number): number {
  let sum = 0;
  for (let index = from; index < to; index++) sum += samples[index]?.sample.deltas[counter] ?? 0;
  return sum;
}

/**
 * What a counter grew by in a life, as far as it was seen: from zero, unless the life was met in its middle. Then a stale answer
 * may have been the first to have the counter in it, and was believed unless it was in doubt.
 */
function growthOf(
  samples: readonly TakenSample[],
  { from, to, highestBefore }: SeenLife,
  counter: number,
  isMet: boolean,
): { readonly least: number; readonly most: number } {
  let highest = 0;
  let believed: number | undefined;
  let sound: number | undefined;
  for (const [index, { sample, isStale }] of samples.slice(from, to).entries()) {
    const total = sample.totals[counter];
    if (!isInDoubt(sample.totals, highestBefore[from + index] ?? [])) believed ??= total;
    if (!isStale) sound ??= total;
    highest = Math.max(highest, total ?? 0);
  }
  if (!isMet) return { least: highest, most: highest };
  return { least: highest - (sound ?? believed ?? highest), most: highest - (believed ?? highest) };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}
