import { describe, expect, test } from 'vitest';
import { createRateLimiter, type RateLimiter } from '../../../src/poll/rate-limiter.ts';
import { createVirtualClock, type VirtualClock } from '../../virtual-clock.ts';
import { createUpstream, seededRandom, type Upstream, worstWindow } from './upstream.ts';

const forever = { deadlineMs: Number.POSITIVE_INFINITY };

/** Keeps `lanes` requests waiting or running. */
async function load(limiter: RateLimiter, upstream: Upstream, lanes: number): Promise<void> {
  const lane = async () => {
    while ((await limiter.run(upstream.request, forever)).status === 'done');
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function limiterOf(clock: VirtualClock, limitPerSecond = 100): RateLimiter {
  return createRateLimiter({ clock, limitPerSecond, concurrency: limitPerSecond * 5 });
}

const nothing = async () => undefined;

describe('the rate limiter', () => {
  test('starts nothing in the first second, as the process before may have used it', async () => {
    const clock = createVirtualClock();
    const limiter = limiterOf(clock);
    const runs = load(limiter, createUpstream({ clock }), 100);
    await clock.advance(1019);
    expect(limiter.started).toBe(0);
    await clock.advance(11);
    expect(limiter.started).toBeGreaterThan(0);
    limiter.close();
    await clock.advance(100);
    await runs;
  });

  test.each([100, 200])('of a limit of %i a second, nearly all is used while answers take 3 s', async (limit) => {
    const clock = createVirtualClock();
    const limiter = limiterOf(clock, limit);
    const upstream = createUpstream({ clock, answerMs: () => 3000 });
    const runs = load(limiter, upstream, limit * 4);
    await clock.advance(2000);
    const before = limiter.started;
    await clock.advance(20_000);
    expect((limiter.started - before) / 20 / limit).toBeGreaterThanOrEqual(0.95);
    expect(upstream.worstSecond()).toBeLessThanOrEqual(limit);
    limiter.close();
    await clock.advance(4000);
    await runs;
  });

  test('counts a request that must connect first when it departs: it may not arrive together with those that had a connection', async () => {
    const clock = createVirtualClock();
    const limiter = limiterOf(clock);
    const upstream = createUpstream({ clock, networkMs: () => 30, answerMs: () => 60, connectMs: () => 120 });
    const runs = load(limiter, upstream, 100);
    await clock.advance(10_000);
    expect(upstream.worstSecond()).toBeLessThanOrEqual(100);
    expect(upstream.arrivals.length).toBeGreaterThan(0.95 * 100 * 8);
    limiter.close();
    await clock.advance(1000);
    await runs;
  });

  test('lets no more requests wait for a connection than may depart together', async () => {
    const clock = createVirtualClock();
    const limiter = limiterOf(clock);
    // All connections come at the same instant, as after a name server that was silent.
    const upstream = createUpstream({ clock, connectMs: () => Math.max(0, 6000 - clock.monotonicMs()) });
    const runs = load(limiter, upstream, 300);
    await clock.advance(12_000);
    expect(upstream.worstSecond()).toBeLessThanOrEqual(100);
    limiter.close();
    await clock.advance(1000);
    await runs;
  });

  test('keeps 100,000 starts with late timers and jitter on the way within the limit, and use 95 % of it', async () => {
    const random = seededRandom(7);
    const clock = createVirtualClock({ lateMs: () => (random(50) === 0 ? random(40) : random(3)) });
    const limiter = limiterOf(clock, 200);
    const upstream = createUpstream({
      clock,
      networkMs: () => 5 + random(15_001) / 1000,
      answerMs: () => random(50),
    });
    const runs = load(limiter, upstream, 240);
    await clock.advance(2000);
    const beforeMs = clock.monotonicMs();
    const before = limiter.started;
    while (limiter.started < 100_000) await clock.advance(1000);
    expect(((limiter.started - before) * 1000) / (clock.monotonicMs() - beforeMs) / 200).toBeGreaterThanOrEqual(0.95);
    expect(upstream.worstSecond()).toBeLessThanOrEqual(200);
    limiter.close();
    await clock.advance(100);
    await runs;
  });

  test('makes up for late timers a little at a time, and never above the limit', async () => {
    const clock = createVirtualClock();
    const limiter = limiterOf(clock);
    const upstream = createUpstream({ clock });
    const runs = load(limiter, upstream, 100);
    for (let stall = 0; stall < 20; stall++) {
      await clock.advance(700);
      clock.stall(300);
    }
    expect(worstWindow(upstream.arrivals, 1)).toBeLessThanOrEqual(50);
    expect(worstWindow(upstream.arrivals, 1015)).toBeLessThanOrEqual(100);
    limiter.close();
    await clock.advance(1000);
    await runs;
  });

  test('starts higher priority first, and the same priority in the order of asking', async () => {
    const clock = createVirtualClock();
    const limiter = limiterOf(clock);
    const order: string[] = [];
    const run = (name: string, priority: number) =>
      limiter.run(async () => order.push(name), { deadlineMs: 60_000, priority });
    const runs = [run('a', 0), run('b', 0), run('c', 2), run('d', 1), run('e', 2)];
    await clock.advance(2000);
    await Promise.all(runs);
    expect(order).toEqual(['c', 'e', 'd', 'a', 'b']);
  });

  test('says at once that a line is too long for a deadline', async () => {
    const clock = createVirtualClock();
    const limiter = limiterOf(clock);
    const runs = Array.from({ length: 200 }, () => limiter.run(nothing, { deadlineMs: 2020 }));
    await clock.advance(0);
    expect(limiter.waiting).toBeLessThan(100);
    await clock.advance(3000);
    const results = await Promise.all(runs);
    expect(results.filter(({ status }) => status === 'done').length).toBe(limiter.started);
    expect(limiter.started).toBeGreaterThan(90);
    expect(limiter.waiting).toBe(0);
  });

  test('ends what waits longer than its deadline, also in a pause', async () => {
    const clock = createVirtualClock();
    const limiter = limiterOf(clock);
    const run = limiter.run(nothing, { deadlineMs: 5000 });
    limiter.pause(60_000);
    await clock.advance(5000);
    expect(await run).toEqual({ status: 'expired' });
    expect(await limiter.run(nothing, { deadlineMs: 10_000 })).toEqual({ status: 'expired' });
    expect(limiter.started).toBe(0);
  });

  test('is silent in a pause and goes on after it', async () => {
    const clock = createVirtualClock();
    const limiter = limiterOf(clock);
    await clock.advance(5000);
    limiter.pause(30_000);
    limiter.pause(1000);
    const run = limiter.run(nothing, forever);
    await clock.advance(29_999);
    expect(limiter.currentRate).toBe(0);
    expect(limiter.started).toBe(0);
    await clock.advance(1);
    expect(await run).toEqual({ status: 'done', value: undefined });
  });

  test('comes back from a throttle at half the rate, and in steps of a twentieth a second to the full', async () => {
    const clock = createVirtualClock();
    const limiter = limiterOf(clock);
    const upstream = createUpstream({ clock });
    const runs = load(limiter, upstream, 100);
    await clock.advance(5000);
    const starts = async (ms: number) => {
      const before = limiter.started;
      await clock.advance(ms);
      return limiter.started - before;
    };
    limiter.throttle(1000);
    expect(await starts(999)).toBe(0);
    expect(await starts(1)).toBe(1);
    expect(limiter.currentRate).toBeCloseTo(48.5);
    expect(await starts(1000)).toBe(48);
    expect(limiter.currentRate).toBeCloseTo(53.35);
    await clock.advance(8000);
    expect(limiter.currentRate).toBeCloseTo(92.15);
    limiter.throttle(0);
    expect(limiter.currentRate).toBeCloseTo(46.075);
    for (let again = 0; again < 10; again++) limiter.throttle(0);
    expect(limiter.currentRate).toBeCloseTo(97 / 20);
    await clock.advance(30_000);
    expect(limiter.currentRate).toBe(97);
    expect(await starts(10_000)).toBeGreaterThanOrEqual(950);
    limiter.close();
    await clock.advance(1000);
    await runs;
  });

  test('sends one probe after each gap until it is told to resume', async () => {
    const clock = createVirtualClock();
    const limiter = limiterOf(clock);
    const upstream = createUpstream({ clock });
    const runs = load(limiter, upstream, 50);
    await clock.advance(5000);
    limiter.probe(() => 30_000);
    await clock.advance(100);
    const before = limiter.started;
    await clock.advance(95_000);
    expect(limiter.started - before).toBe(3);
    limiter.resume();
    await clock.advance(1000);
    expect(limiter.started - before).toBeGreaterThan(90);
    limiter.close();
    await clock.advance(1000);
    await runs;
  });

  test('lets no more run at a time than it was told', async () => {
    const clock = createVirtualClock();
    const limiter = createRateLimiter({ clock, limitPerSecond: 100, concurrency: 7 });
    const runs = load(limiter, createUpstream({ clock, answerMs: () => 1000 }), 50);
    for (let step = 0; step < 300; step++) {
      await clock.advance(20);
      expect(limiter.inFlight).toBeLessThanOrEqual(7);
    }
    expect(limiter.started).toBeGreaterThanOrEqual(28);
    limiter.close();
    await clock.advance(2000);
    await runs;
  });

  test('when closed, ends what waits as cancelled, lets run what runs, and leaves no timer behind', async () => {
    const clock = createVirtualClock();
    const limiter = limiterOf(clock);
    const upstream = createUpstream({ clock, answerMs: () => 3000 });
    const runs = Array.from({ length: 300 }, () => limiter.run(upstream.request, forever));
    await clock.advance(2000);
    const running = limiter.inFlight;
    limiter.close();
    await clock.advance(3100);
    await limiter.idle();
    const statuses = (await Promise.all(runs)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 'done').length).toBe(running);
    expect(statuses.filter((status) => status === 'cancelled').length).toBe(300 - running);
    expect(await limiter.run(nothing, forever)).toEqual({ status: 'cancelled' });
    expect(clock.timers).toBe(0);
  });

  test('passes on what a task throws, and goes on', async () => {
    const clock = createVirtualClock();
    const limiter = limiterOf(clock);
    const failing = limiter.run(() => Promise.reject(new Error('a defect')), forever);
    const sound = limiter.run(async () => 'sound', forever);
    const failed = expect(failing).rejects.toThrow('a defect');
    await clock.advance(2000);
    await failed;
    expect(await sound).toEqual({ status: 'done', value: 'sound' });
  });
});
