import { describe, expect, test } from 'vitest';
import { answered, seededRandom, worstWindow } from './upstream.ts';
import { startMs, startWorld } from './world.ts';

describe('polling', () => {
  test('polls every target once a round, promptly, and says how long it took', async () => {
    const { clock, ended, lateness, statuses, skipped } = startWorld({ rooms: 300, receivers: 500 });
    await clock.advance(10_000 + 30_000 + 490);
    expect(ended.length).toBe(2 * 800);
    expect(new Set(statuses())).toEqual(new Set(['answered']));
    expect(skipped).toEqual([]);
    expect(Math.max(...lateness)).toBeLessThanOrEqual(520);
    expect(ended[0]).toMatchObject({ attempts: 1, round: { startMs } });
    for (const { delayMs } of ended) expect(delayMs).toBeLessThanOrEqual(520 + 40);
  });

  test('keeps a full watchlist within both limits, and on time', async () => {
    const { clock, ended, lateness, skipped, upstreams } = startWorld({
      rooms: 1425,
      receivers: 2850,
      answerMs: () => 3000,
    });
    await clock.advance(10_000 + 60_500);
    expect(upstreams.room_stats.worstSecond()).toBeLessThanOrEqual(100);
    expect(upstreams.gift_count.worstSecond()).toBeLessThanOrEqual(200);
    expect(upstreams.room_stats.arrivals.length / 60 / 100).toBeGreaterThanOrEqual(0.95);
    expect(upstreams.gift_count.arrivals.length / 60 / 200).toBeGreaterThanOrEqual(0.95);
    expect(skipped).toEqual([]);
    expect(ended.every(({ outcome }) => outcome.status === 'answered')).toBe(true);
    expect(Math.max(...lateness)).toBeLessThan(500);
  });

  test('knows until when all that was due has ended, whatever the answers take and however late a timer is', async () => {
    const random = seededRandom(7);
    const { clock, polling, ended } = startWorld({ rooms: 400, receivers: 300, answerMs: () => random(18_000) });
    for (let step = 0; step < 150; step++) {
      const settledMs = polling.settledMs();
      const endedBefore = ended.length;
      await clock.advance(random(700));
      if (random(20) === 0) clock.stall(random(20_000));
      expect(polling.settledMs()).toBeGreaterThanOrEqual(settledMs);
      for (const { dueMs } of ended.slice(endedBefore)) expect(dueMs).toBeGreaterThanOrEqual(settledMs);
    }
    expect(clock.wallMs() - polling.settledMs()).toBeLessThan(25_000);
  });

  test('skips and counts a target that is still in flight when it is due again', async () => {
    const { clock, skipped, ended } = startWorld({ rooms: 1, answerMs: () => 20_000 });
    await clock.advance(10_000 + 60_000);
    expect(skipped).toEqual(['room_stats in_flight', 'room_stats in_flight']);
    expect(ended.length).toBe(2);
    expect(ended[0]?.delayMs).toBeGreaterThanOrEqual(20_000);
  });

  test('skips and counts while the store is behind', async () => {
    let isBehind = true;
    const { clock, skipped, ended } = startWorld({ rooms: 3, isStoreBehind: () => isBehind });
    await clock.advance(10_000 + 14_999);
    expect(skipped).toEqual(Array(3).fill('room_stats store_behind'));
    isBehind = false;
    await clock.advance(15_000);
    expect(ended.length).toBe(3);
  });

  test('waits out a throttled endpoint, and polls then what still has time', async () => {
    let throttles = 0;
    const { clock, ended, told, upstreams } = startWorld({
      rooms: 600,
      receivers: 600,
      answerMs: () => 400,
      answer: (target) => {
        if (target.endpoint !== 'room_stats' || throttles >= 5) return answered;
        throttles++;
        return { status: 'rate_limited', code: 60007, scope: 'endpoint' };
      },
    });
    await clock.advance(10_000 + 29_000);
    expect(told).toEqual(['room_stats throttled']);
    expect(ended.length).toBeGreaterThan(2 * 1100);
    expect(ended.every(({ outcome }) => outcome.status === 'answered')).toBe(true);
    expect(ended.filter(({ attempts }) => attempts === 2).length).toBe(5);
    expect(upstreams.room_stats.worstSecond()).toBeLessThanOrEqual(100);
  });

  test('while the app is refused, sends a probe now and then, and counts the other polls as expired', async () => {
    let isRefused = true;
    const { clock, ended, skipped, told, upstreams } = startWorld({
      rooms: 200,
      answer: () =>
        isRefused ? { status: 'refused', code: 60010, scope: 'app', remedy: 'make it an administrator' } : answered,
    });
    await clock.advance(10_000 + 15_000 * 20 - 1);
    expect(told).toEqual(['room_stats refused', 'gift_count refused']);
    expect(upstreams.room_stats.arrivals.length).toBeLessThan(25);
    expect(skipped.length).toBeLessThan(4);
    expect(ended.length + skipped.length).toBeGreaterThanOrEqual(200 * 20 - 8);
    expect(ended.filter(({ outcome }) => outcome.status === 'expired').length).toBeGreaterThan(200 * 20 - 25);
    isRefused = false;
    await clock.advance(60_000);
    expect(told.slice(2)).toEqual(['room_stats resumed', 'gift_count resumed']);
    ended.length = 0;
    await clock.advance(15_000);
    expect(ended.length).toBe(200);
    expect(ended.every(({ outcome }) => outcome.status === 'answered')).toBe(true);
  });

  test('polls a gone room more rarely, and in every round once it answers', async () => {
    let isGone = true;
    const { clock, ended } = startWorld({
      rooms: 40,
      answer: () => (isGone ? { status: 'gone', code: 100004 } : answered),
    });
    await clock.advance(10_000 + 15_000 * 15 + 500);
    const polls = ended.filter(({ dueMs }) => dueMs < startMs + 15_000 * 15).length;
    // The last target of a round may be called out when the next round, with those that rest in it, is decided already.
    expect(polls).toBeGreaterThanOrEqual(40 * 5);
    expect(polls).toBeLessThanOrEqual(40 * 5 + 1);
    isGone = false;
    await clock.advance(60_000);
    ended.length = 0;
    await clock.advance(30_000);
    expect(ended.length).toBe(80);
  });

  test('under three times the load that the limit allows, lets every target have its turn', async () => {
    const { clock, ended, skipped, dueCount, upstreams } = startWorld({ rooms: 4365 });
    await clock.advance(10_000 + 15_000 * 8 + 14_000);
    expect(upstreams.room_stats.worstSecond()).toBeLessThanOrEqual(100);
    const polled = new Map<number, number>();
    for (const { target, outcome } of ended) {
      if (outcome.status === 'answered') polled.set(target, (polled.get(target) ?? 0) + 1);
    }
    expect(polled.size).toBe(4365);
    expect(Math.min(...polled.values())).toBeGreaterThanOrEqual(2);
    expect(upstreams.room_stats.arrivals.length / 134 / 100).toBeGreaterThanOrEqual(0.95);
    expect(ended.length + skipped.length).toBeLessThanOrEqual(dueCount());
  });

  test('catches up within the limit after a pause of the process', async () => {
    const { clock, upstreams, ended, skipped } = startWorld({ rooms: 1400 });
    await clock.advance(10_000 + 20_000);
    clock.stall(40_000);
    await clock.advance(60_000);
    expect(worstWindow(upstreams.room_stats.arrivals, 1000)).toBeLessThanOrEqual(100);
    expect(new Set(ended.map(({ target, dueMs }) => `${target} ${dueMs}`)).size).toBe(ended.length);
    expect(skipped.filter((line) => line === 'room_stats late').length).toBeGreaterThan(2000);
    expect(ended.some(({ attempts, delayMs }) => attempts === 1 && delayMs > 5000)).toBe(true);
  });
});
