import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/model/outcome.ts';
import { type AccountLimits, createAccountLimits } from '../../../src/poll/account-limits.ts';
import { createVirtualClock, type VirtualClock } from '../../virtual-clock.ts';
import { answered } from './upstream.ts';

const throttled: Outcome = { status: 'rate_limited', code: 60007, scope: 'endpoint' };
const appThrottled: Outcome = { status: 'rate_limited', code: 60011, scope: 'app' };
const refused: Outcome = { status: 'refused', code: 60010, scope: 'app', remedy: 'make it an administrator' };
const signatureRefused: Outcome = { status: 'signature_refused', code: 70001, remedy: 'check the key' };

function setUp(): { clock: VirtualClock; limits: AccountLimits; told: string[] } {
  const clock = createVirtualClock();
  const told: string[] = [];
  const limits = createAccountLimits({
    limits: { room_stats: 100, gift_count: 200 },
    timeoutMs: 5000,
    clock,
    random: () => 0,
    events: {
      paused: (endpoint, reason, pauseMs) => told.push(`${endpoint} ${reason} ${pauseMs}`),
      resumed: (endpoint) => told.push(`${endpoint} resumed`),
    },
  });
  return { clock, limits, told };
}

/** Whether a request to the endpoint starts within a tenth of a second. */
async function isOpen(
  { clock, limits }: { clock: VirtualClock; limits: AccountLimits },
  endpoint: 'room_stats' | 'gift_count',
) {
  const run = limits.limiters[endpoint].run(async () => {}, { deadlineMs: clock.monotonicMs() + 100 });
  await clock.advance(100);
  return (await run).status === 'done';
}

describe('a throttle answer', () => {
  test('pauses its endpoint alone, ever longer while it repeats, up to half a minute', async () => {
    const { clock, limits, told } = setUp();
    await clock.advance(2000);
    for (const pauseMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      limits.heed('room_stats', throttled, clock.monotonicMs());
      expect(told.pop()).toBe(`room_stats throttled ${pauseMs}`);
      await clock.advance(pauseMs + 1000);
    }
    expect(told).toEqual([]);
    expect(limits.limiters.room_stats.currentRate).toBeLessThan(97 / 8);
    expect(limits.limiters.gift_count.currentRate).toBeCloseTo(194);
  });

  test('counts once for all requests that were under way', async () => {
    const setup = setUp();
    const { clock, limits, told } = setup;
    await clock.advance(2000);
    const startedMs = clock.monotonicMs();
    await clock.advance(100);
    for (let answer = 0; answer < 300; answer++) limits.heed('gift_count', throttled, startedMs + (answer % 100));
    expect(told).toEqual(['gift_count throttled 1000']);
    expect(limits.limiters.gift_count.currentRate).toBe(0);
    expect(limits.limiters.room_stats.currentRate).toBe(97);
    await clock.advance(1000);
    expect(limits.limiters.gift_count.currentRate).toBeCloseTo(97);
  });

  test('for the app pauses both endpoints', async () => {
    const setup = setUp();
    await setup.clock.advance(2000);
    setup.limits.heed('gift_count', appThrottled, 1500);
    expect(setup.told).toEqual(['room_stats throttled 1000', 'gift_count throttled 1000']);
    expect(await isOpen(setup, 'room_stats')).toBe(false);
    await setup.clock.advance(1000);
    expect(await isOpen(setup, 'room_stats')).toBe(true);
  });

  test('may be an HTTP status of a gateway', async () => {
    const setup = setUp();
    await setup.clock.advance(2000);
    setup.limits.heed('room_stats', { status: 'http_error', httpStatus: 429 }, 1500);
    setup.limits.heed('gift_count', { status: 'http_error', httpStatus: 503 }, 1500);
    expect(setup.told).toEqual(['room_stats throttled 1000']);
  });

  test('after quiet seconds begins with the shortest pause again', async () => {
    const { clock, limits, told } = setUp();
    await clock.advance(2000);
    limits.heed('room_stats', throttled, clock.monotonicMs());
    await clock.advance(6500);
    limits.heed('room_stats', throttled, clock.monotonicMs());
    expect(told).toEqual(['room_stats throttled 1000', 'room_stats throttled 1000']);
  });
});

test('a lock-out pauses the whole app for the time that is known', async () => {
  const setup = setUp();
  await setup.clock.advance(2000);
  const lockedOut: Outcome = { status: 'locked_out', code: 70050, pauseMs: 60_000, remedy: 'wait' };
  for (let answer = 0; answer < 20; answer++) setup.limits.heed('room_stats', lockedOut, 1500 + answer);
  expect(setup.told).toEqual(['room_stats locked_out 60000', 'gift_count locked_out 60000']);
  await setup.clock.advance(59_800);
  expect(await isOpen(setup, 'gift_count')).toBe(false);
  await setup.clock.advance(100);
  expect(await isOpen(setup, 'gift_count')).toBe(true);
});

describe('a refusal', () => {
  test('of the app leaves one probe each half minute, and an answer to any ends it for both endpoints', async () => {
    const setup = setUp();
    const { clock, limits, told } = setup;
    await clock.advance(2000);
    limits.heed('room_stats', refused, 1500);
    limits.heed('room_stats', refused, 1501);
    expect(told).toEqual(['room_stats refused undefined', 'gift_count refused undefined']);
    expect(await isOpen(setup, 'room_stats')).toBe(false);
    await clock.advance(30_000);
    expect(await isOpen(setup, 'room_stats')).toBe(true);
    expect(await isOpen(setup, 'room_stats')).toBe(false);
    limits.heed('room_stats', answered, 1900);
    expect(await isOpen(setup, 'gift_count')).toBe(true);
    expect(await isOpen(setup, 'gift_count')).toBe(false);
    limits.heed('room_stats', answered, clock.monotonicMs() - 50);
    expect(told.slice(2)).toEqual(['room_stats resumed', 'gift_count resumed']);
    expect(await isOpen(setup, 'gift_count')).toBe(true);
    expect(await isOpen(setup, 'gift_count')).toBe(true);
  });

  test('of an endpoint leaves the other alone', async () => {
    const setup = setUp();
    await setup.clock.advance(2000);
    setup.limits.heed(
      'gift_count',
      { status: 'refused', code: 60009, scope: 'endpoint', remedy: 'check the path' },
      1500,
    );
    expect(await isOpen(setup, 'gift_count')).toBe(false);
    expect(await isOpen(setup, 'room_stats')).toBe(true);
  });

  test('of the signature counts from the second on, when a new signature was refused too', async () => {
    const { clock, limits, told } = setUp();
    await clock.advance(2000);
    for (let answer = 0; answer < 50; answer++) limits.heed('gift_count', signatureRefused, 1900 + answer);
    expect(told).toEqual([]);
    limits.heed('gift_count', answered, 2001);
    await clock.advance(1000);
    limits.heed('gift_count', signatureRefused, 2900);
    expect(told).toEqual([]);
    await clock.advance(1000);
    limits.heed('gift_count', signatureRefused, 3900);
    expect(told).toEqual(['room_stats refused undefined', 'gift_count refused undefined']);
  });
});
