import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome } from '../../../src/model/outcome.ts';
import type { Round } from '../../../src/model/round.ts';
import type { Target } from '../../../src/model/target.ts';
import { createAccountLimits } from '../../../src/poll/account-limits.ts';
import { createCollectorClock } from '../../../src/poll/collector-clock.ts';
import { readCron } from '../../../src/poll/cron.ts';
import { startPolling } from '../../../src/poll/polling.ts';
import { answered, createUpstream, seededRandom } from '../../unit/poll/upstream.ts';
import { createVirtualClock } from '../../virtual-clock.ts';

const limitPerSecond = 20;

const outcomes: readonly Outcome[] = [
  { status: 'gone', code: 100004 },
  { status: 'rate_limited', code: 60007, scope: 'endpoint' },
  { status: 'rate_limited', code: 60011, scope: 'app' },
  { status: 'locked_out', code: 70050, pauseMs: 3000, remedy: 'wait' },
  { status: 'signature_refused', code: 70001, remedy: 'check the key' },
  { status: 'refused', code: 60010, scope: 'app', remedy: 'make it an administrator' },
  { status: 'refused', code: 60009, scope: 'endpoint', remedy: 'check the path' },
  { status: 'bad_target', code: 100002, remedy: 'check the room' },
  { status: 'server_error', code: 60008 },
  { status: 'http_error', httpStatus: 502 },
  { status: 'http_error', httpStatus: 429 },
  { status: 'timeout' },
  { status: 'network_error', reason: 'ECONNRESET' },
  { status: 'bad_answer', reason: 'not_json' },
  { status: 'unknown_code', code: 1 },
];

const troubles = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('none' as const), ms: fc.integer({ min: 1, max: 9000 }) }) },
  fc.record({ kind: fc.constant('stall' as const), ms: fc.integer({ min: 1, max: 30_000 }) }),
  fc.record({ kind: fc.constant('wall' as const), ms: fc.integer({ min: -3_600_000, max: 3_600_000 }) }),
  fc.record({ kind: fc.constant('behind' as const), ms: fc.integer({ min: 1, max: 5000 }) }),
);

const worlds = fc.record({
  seed: fc.nat(),
  targets: fc.integer({ min: 1, max: 150 }),
  /** One answer in so many is bad. */
  badOneIn: fc.constantFrom(2, 10, 100),
  bad: fc.subarray([...outcomes], { minLength: 1 }),
  slowestMs: fc.constantFrom(10, 500, 7000),
  latestMs: fc.constantFrom(1, 5, 60),
  connectMs: fc.constantFrom(0, 120, 3000),
  troubles: fc.array(troubles, { minLength: 1, maxLength: 12 }),
});

type Count = { due: number; ended: number; skipped: number; passed: boolean };

test('whatever the server answers and the clocks do, the limit holds and each due target ends exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const { seed, targets: size, badOneIn, bad, slowestMs, latestMs, connectMs, troubles } = world;
      const random = seededRandom(seed);
      const clock = createVirtualClock({ lateMs: () => random(latestMs) });
      const upstream = createUpstream({
        clock,
        networkMs: () => 5 + random(15_001) / 1000,
        answerMs: () => random(slowestMs),
        connectMs: () => connectMs,
      });
      const limits = createAccountLimits({
        limits: { room_stats: limitPerSecond, gift_count: 1 },
        timeoutMs: 5000,
        clock,
        random,
        events: { paused: () => {}, resumed: () => {} },
      });
      const reading = readCron('*/10 * * * * *', 'Etc/UTC');
      if (reading.status === 'refused') throw new Error(reading.problem);
      const rounds = new Map<number, Count>();
      const count = ({ startMs }: Round): Count => {
        const known = rounds.get(startMs) ?? { due: 0, ended: 0, skipped: 0, passed: false };
        rounds.set(startMs, known);
        return known;
      };
      const lastDue = new Map<number, number>();
      let isBehind = false;
      const polling = startPolling({
        plans: [
          {
            schedule: { app: 'main', endpoint: 'room_stats', cron: '*/10 * * * * *', timezone: 'Etc/UTC' },
            cron: reading.cron,
            targets: Array.from(
              { length: size },
              (_, index): Target => ({ endpoint: 'room_stats', app: 'main', roomId: `${index}` }),
            ),
            limits,
            request: (_target, _signal, departed) =>
              upstream.request(departed, random(badOneIn) === 0 ? (bad[random(bad.length)] ?? answered) : answered),
          },
        ],
        clock,
        collectorClock: createCollectorClock({ clock }),
        random,
        isStoreBehind: () => isBehind,
        events: {
          roundBegun: (round, { remaining }) => {
            count(round).due += remaining;
          },
          roundPassed: (round) => {
            count(round).passed = true;
          },
          skipped: (round, skipped) => {
            count(round).skipped += skipped;
          },
          requestStarted: () => {},
          requestEnded: () => {},
          pollEnded: ({ round, target, dueMs }) => {
            count(round).ended++;
            expect(dueMs).toBeGreaterThan(lastDue.get(target) ?? 0);
            lastDue.set(target, dueMs);
          },
        },
        onError: (cause) => {
          throw cause;
        },
      });
      for (const { kind, ms } of troubles) {
        if (kind === 'stall') clock.stall(ms);
        if (kind === 'wall') clock.setWall(clock.wallMs() + ms);
        isBehind = kind === 'behind';
        await clock.advance(kind === 'wall' ? 3000 : ms);
      }
      const stopped = polling.stop(new AbortController().signal);
      await clock.advance(10_000);
      await stopped;
      expect(upstream.worstSecond()).toBeLessThanOrEqual(limitPerSecond);
      for (const { due, ended, skipped, passed } of rounds.values()) {
        if (passed) expect(ended + skipped).toBe(due);
        else expect(ended + skipped).toBeLessThanOrEqual(due);
      }
      expect([...rounds.values()].filter(({ passed }) => !passed).length).toBeLessThanOrEqual(1);
      expect(clock.timers).toBe(0);
    }),
    { numRuns: 60 },
  );
});
