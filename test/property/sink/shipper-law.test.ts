import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/model/clock.ts';
import { type Point, samplePoint } from '../../../src/model/point.ts';
import { type Endpoint, endpoints, type Target } from '../../../src/model/target.ts';
import type { Backlog } from '../../../src/sink/backlog.ts';
import { createShipper } from '../../../src/sink/shipper.ts';
import { createVirtualClock } from '../../virtual-clock.ts';
import { MemoryBacklog } from './memory-backlog.ts';
import { createModelSink, type Mishap, pointKey } from './model-sink.ts';

const hourMs = 3_600_000;
const badTotal = 666;
const damagedTotal = 667;

type Action =
  /** Rows of an age in minutes: after an hour the model's server finds them too old. */
  | {
      readonly kind: 'commit';
      readonly endpoint: Endpoint;
      readonly rows: readonly { readonly ageMinutes: number; readonly total: number }[];
    }
  | { readonly kind: 'advance'; readonly ms: number }
  /** From now on, requests end like this, one after the other, again and again. */
  | { readonly kind: 'weather'; readonly mishaps: readonly Mishap[]; readonly delayMs: number }
  | { readonly kind: 'crash' };

type Scenario = {
  readonly actions: readonly Action[];
  readonly refuses: 'bad_points' | 'whole_batch';
  readonly tellsDropped: boolean;
  readonly mostPoints: number;
  readonly batchPoints: number;
};

const row = fc.record({
  ageMinutes: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 50, max: 70 })),
  total: fc.oneof({ weight: 12, arbitrary: fc.constant(1) }, fc.constantFrom(badTotal, badTotal, damagedTotal)),
});

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      endpoint: fc.constantFrom(...endpoints),
      rows: fc.array(row, { minLength: 1, maxLength: 40, size: 'max' }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 5_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 300_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('weather' as const),
      mishaps: fc.array(
        fc.constantFrom<Mishap>('none', 'none', 'none', 'unavailable', 'denied', 'missing', 'answer_lost', 'hangs'),
        { minLength: 1, maxLength: 6 },
      ),
      delayMs: fc.integer({ min: 0, max: 3_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
);

const scenario: fc.Arbitrary<Scenario> = fc.record({
  actions: fc.array(action, { minLength: 1, maxLength: 40, size: 'max' }),
  refuses: fc.constantFrom('bad_points' as const, 'whole_batch' as const),
  tellsDropped: fc.boolean(),
  mostPoints: fc.integer({ min: 1, max: 60 }),
  batchPoints: fc.integer({ min: 1, max: 50 }),
});

function targetOf(endpoint: Endpoint, roomId: string): Target {
  return endpoint === 'room_stats'
    ? { endpoint, app: 'main', roomId }
    : { endpoint, app: 'main', roomId, userId: 'anchor' };
}

const isBad = (point: Point) => point.fields[0]?.[1] === badTotal;
const isDamaged = (point: Point) => point.fields[0]?.[1] === damagedTotal;

/** A clock whose owner can die: no timer of a dead one goes off. */
function mortal(clock: Clock, isAlive: () => boolean): Clock {
  return { ...clock, after: (delayMs, callback) => clock.after(delayMs, () => isAlive() && callback()) };
}

/** What a killed process would do to the store never happens. */
function mortalBacklog(backlog: Backlog, isAlive: () => boolean): Backlog {
  return {
    waitingRanges: (sink, table) => backlog.waitingRanges(sink, table),
    readPoints: (...asked) => backlog.readPoints(...asked),
    settle: (...marks) => {
      if (isAlive()) backlog.settle(...marks);
    },
  };
}

async function run({ actions, refuses, tellsDropped, mostPoints, batchPoints }: Scenario) {
  const clock = createVirtualClock();
  const keptFromMs = () => clock.wallMs() - hourMs;
  const violations: string[] = [];
  let weather: { mishaps: readonly Mishap[]; delayMs: number } = { mishaps: ['none'], delayMs: 5 };
  let requests = 0;
  const sink = createModelSink({
    ...{ clock, refuses, tellsDropped, isBad, keptFromMs },
    delayMs: () => weather.delayMs,
    mishap: (points) =>
      points.length > mostPoints ? 'too_large' : (weather.mishaps[requests++ % weather.mishaps.length] ?? 'none'),
  });
  const backlog = new MemoryBacklog((_, rows, rejected) => {
    for (const { id, point } of rows) {
      const isRejected = rejected.some((rejection) => rejection.id === id);
      const isDoomed = isBad(point) || isDamaged(point) || point.timeMs < keptFromMs();
      if (isRejected && !isDoomed) violations.push(`row ${id} is good, and was rejected`);
      if (!isRejected && !sink.stored.has(pointKey(point)))
        violations.push(`row ${id} counts as delivered, and is not`);
    }
  }, isDamaged);

  let generation = 0;
  function begin() {
    const mine = ++generation;
    const isAlive = () => generation === mine;
    const shipper = createShipper({
      ...{ sink, batchPoints, tables: endpoints },
      backlog: mortalBacklog(backlog, isAlive),
      clock: mortal(clock, isAlive),
      random: (bound) => (mine * 7_919) % bound,
      events: {
        problemBegan: (problem) => {
          if (problem.status === 'failed') violations.push(problem.reason);
        },
        problemEnded: () => {},
        rowsRejected: () => {},
      },
    });
    shipper.start();
    return shipper;
  }

  let shipper = begin();
  let commits = 0;
  for (const step of actions) {
    switch (step.kind) {
      case 'commit':
        commits++;
        for (const [index, { ageMinutes, total }] of step.rows.entries()) {
          const series = { target: targetOf(step.endpoint, `room-${commits}-${index}`), labels: {} };
          const dueMs = clock.wallMs() - ageMinutes * 60_000;
          const unknown = { gapMs: undefined, inGap: false, deltas: [] };
          const sample = { dueMs, delayMs: 1, sessionMs: 0, totals: [total], ...unknown };
          backlog.commit(step.endpoint, samplePoint(series, sample));
        }
        shipper.rowsCommitted();
        break;
      case 'advance':
        await clock.advance(step.ms);
        break;
      case 'weather':
        weather = step;
        break;
      case 'crash':
        shipper = begin();
        break;
      default:
        step satisfies never;
    }
  }
  weather = { mishaps: ['none'], delayMs: 5 };
  await clock.advance(10 * 60_000);
  return { clock, backlog, violations, shipper };
}

describe('whatever happens to the sink and the process', () => {
  test('every row is delivered or rejected once, and only what the server would never take is rejected', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (plan) => {
        const { clock, backlog, violations, shipper } = await run(plan);
        expect(violations).toEqual([]);
        expect(backlog.waiting('room_stats') + backlog.waiting('gift_count')).toBe(0);
        expect(shipper.status()).toEqual({ state: 'shipping' });
        const stopped = shipper.stop({ deadlineMs: 1_000 });
        await clock.advance(10);
        await stopped;
      }),
      { numRuns: 300 },
    );
  });

  test('fresh rows are delivered soon while a backlog is being worked off', async () => {
    const plan = fc.record({
      backlogRows: fc.integer({ min: 100, max: 3_000 }),
      delayMs: fc.integer({ min: 1, max: 400 }),
      everyMs: fc.integer({ min: 50, max: 900 }),
      maxInFlight: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ backlogRows, delayMs, everyMs, maxInFlight }) => {
        const clock = createVirtualClock();
        const sink = createModelSink({ clock, delayMs: () => delayMs });
        const committedAtMs = new Map<string, number>();
        let slowestMs = 0;
        const backlog = new MemoryBacklog((endpoint, rows) => {
          for (const { id } of rows) {
            const sinceMs = committedAtMs.get(`${endpoint} ${id}`);
            if (sinceMs !== undefined) slowestMs = Math.max(slowestMs, clock.monotonicMs() - sinceMs);
          }
        });
        let dueMs = 0;
        const commit = (endpoint: Endpoint) => {
          const sample = {
            dueMs: ++dueMs,
            delayMs: 1,
            gapMs: undefined,
            inGap: false,
            sessionMs: 0,
            totals: [1],
            deltas: [],
          };
          return backlog.commit(endpoint, samplePoint({ target: targetOf(endpoint, 'r'), labels: {} }, sample));
        };
        for (let i = 0; i < backlogRows; i++) commit('room_stats');
        const shipper = createShipper({
          ...{ sink, backlog, tables: endpoints, clock, maxInFlight, batchPoints: 20, lingerMs: 1_000 },
          random: () => 0,
          events: { problemBegan: () => {}, problemEnded: () => {}, rowsRejected: () => {} },
        });
        shipper.start();
        for (let i = 0; i < 10; i++) {
          for (const endpoint of endpoints) committedAtMs.set(`${endpoint} ${commit(endpoint)}`, clock.monotonicMs());
          shipper.rowsCommitted();
          await clock.advance(everyMs);
        }
        await clock.advance(5_000);
        // The linger, a batch that is under way, the other table's fresh rows, and its own way there.
        expect(slowestMs).toBeLessThanOrEqual(1_000 + 3 * delayMs + 10);
        expect(slowestMs).toBeGreaterThan(0);
      }),
      { numRuns: 40 },
    );
  });
});
