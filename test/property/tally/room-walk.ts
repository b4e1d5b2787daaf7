import fc from 'fast-check';
import type { Totals } from '../../../src/model/sample.ts';

/** One answered poll of a random walk, with what really happened beside it. */
export type Poll = {
  readonly dueMs: number;
  readonly totals: Totals;
  /** The room was reported gone since the poll before. */
  readonly goneBefore: boolean;
  /** livetally was restarted since the poll before. */
  readonly restartedBefore: boolean;
  /** Which making of the room answered: 0, then one more with every re-making. */
  readonly making: number;
  /** Some counter shows an earlier instant of the same making. */
  readonly stale: boolean;
};

export const intervalMs = 15_000;
export const silenceMs = 30 * 60_000;
export const startMs = 1_764_000_000_000;

/** Which counters a stale read shows of an earlier instant. */
type Staleness = { readonly counter: number | 'all'; readonly age: number; readonly samples: number };

type Step = {
  readonly growth: readonly number[];
  readonly remade: boolean;
  readonly gone: boolean;
  readonly gapMs: number;
  readonly stale: Staleness | undefined;
  readonly missing: readonly boolean[];
  readonly restarted: boolean;
};

/** True once in so many times. */
const rarely = (times: number) => fc.nat(times - 1).map((drawn) => drawn === 0);

const growth = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 5, arbitrary: fc.nat(9) },
  { weight: 1, arbitrary: fc.nat(1_000) },
);

const gap = fc.oneof(
  { weight: 12, arbitrary: fc.constant(intervalMs) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: silenceMs - 1 }) },
  { weight: 1, arbitrary: fc.integer({ min: silenceMs, max: 20 * silenceMs }) },
);

const staleness = fc.record({
  counter: fc.oneof(fc.constant('all' as const), fc.nat(5)),
  // As old as the room is what a cache shows that answers zeros.
  age: fc.oneof(fc.nat(5), fc.constant(Number.MAX_SAFE_INTEGER)),
  samples: fc.integer({ min: 1, max: 3 }),
});

const step: fc.Arbitrary<Step> = fc.record({
  growth: fc.array(growth, { minLength: 6, maxLength: 6 }),
  remade: rarely(10),
  gone: rarely(8),
  gapMs: gap,
  stale: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: staleness }),
  missing: fc.oneof(
    { weight: 9, arbitrary: fc.constant<boolean[]>([]) },
    { weight: 1, arbitrary: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }) },
  ),
  restarted: rarely(6),
});

/**
 * Walks of a room that grows, is re-made, vanishes and returns, answers stale, lacks counters. No counter is stale in
 * more than three answers in a row, and a stale read is of the same making of the room and less than half an hour old
 * (zeros may be older). Left out, because no counter can tell them apart from a re-making: a stale read as the first
 * answer after the room was falsely reported gone, and a stale read of the room that is no more.
 */
export const roomWalk: fc.Arbitrary<Poll[]> = fc
  .record({ counters: fc.constantFrom(1, 3, 6), steps: fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }) })
  .map(({ counters, steps }) => walk(counters, steps));

function walk(counters: number, steps: readonly Step[]): Poll[] {
  const polls: Poll[] = [];
  let room = newRoom(counters);
  let making = 0;
  let dueMs = startMs;
  for (const [index, step] of steps.entries()) {
    const isFirst = index === 0;
    const remade = step.remade && !isFirst;
    const goneBefore = step.gone && !isFirst;
    dueMs += step.gapMs;
    if (remade) {
      making++;
      room = newRoom(counters);
    }
    room.truths.push((room.truths.at(-1) ?? []).map((total, counter) => total + (step.growth[counter] ?? 0)));
    const mayBe = remade || isFirst ? 'stale' : goneBefore ? 'fresh' : step.gapMs >= silenceMs ? 'zeros' : 'stale';
    const shown = read(room, step.stale, mayBe);
    polls.push({
      dueMs,
      totals: shown.map((total, counter) => (step.missing[counter] ? undefined : total)),
      goneBefore,
      restartedBefore: step.restarted,
      making,
      stale: room.lags.some(({ run }) => run > 0),
    });
  }
  return polls;
}

type Room = {
  /** All totals at every instant of this making, the latest last; it begins with zeros. */
  readonly truths: number[][];
  /** For each counter: how many more answers show it stale, how old, and in how many in a row it was by now. */
  readonly lags: { left: number; age: number; run: number }[];
};

function newRoom(counters: number): Room {
  return {
    truths: [Array<number>(counters).fill(0)],
    lags: Array.from({ length: counters }, () => ({ left: 0, age: 0, run: 0 })),
  };
}

/** What the room answers now; `stale` asks for stale reads from now on, `mayBe` says which are allowed. */
function read({ truths, lags }: Room, stale: Staleness | undefined, mayBe: 'stale' | 'zeros' | 'fresh'): number[] {
  const latest = truths.length - 1;
  const isZeros = stale?.counter === 'all' && stale.age >= latest;
  if (mayBe !== 'stale') for (const lag of lags) lag.left = 0;
  if (stale !== undefined && (mayBe === 'stale' || (mayBe === 'zeros' && isZeros))) {
    for (const [counter, lag] of lags.entries()) {
      if (stale.counter === 'all' || stale.counter === counter)
        Object.assign(lag, { left: stale.samples, age: stale.age });
    }
  }
  // When one counter has been stale for long enough, all are fresh, so that a read of one instant stays one.
  if (lags.some(({ left, run }) => left > 0 && run >= 3)) for (const lag of lags) lag.left = 0;

  return lags.map((lag, counter) => {
    const isStale = lag.left > 0;
    lag.run = isStale ? lag.run + 1 : 0;
    if (isStale) lag.left--;
    return truths[isStale ? Math.max(0, latest - lag.age) : latest]?.[counter] ?? 0;
  });
}
