import { describe, expect, test } from 'vitest';
import { createWorld, type World, type WorldTarget } from '../../../src/simulator/world.ts';

const startMs = Date.UTC(2026, 2, 2);
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Everything that can happen to a room happens often. */
const eventful = {
  showsPerDay: 6,
  showHours: { min: 1, max: 3 },
  spikesPerHour: 0.5,
  dipsPerHour: 1,
  remadeShare: 0.5,
};

const roomTarget = (roomId: string): WorldTarget => ({ endpoint: 'room_stats', roomId });

function livesOf(world: World, hours = 12) {
  return world.roomIds.flatMap((roomId) =>
    world.truth(roomId, startMs, startMs + hours * hourMs).map((life) => ({ roomId, life })),
  );
}

describe('the shows of a simulated world', () => {
  test.each([
    ['viewers', 0],
    ['gifts', 1],
    ['coins', 2],
  ] as const)('multiply the rate of %s by the factor of a spike', (counter, column) => {
    const world = createWorld({ ...eventful, seed: 11, rooms: 1000, rampShare: 0 });
    const sum = { spikes: 0, grown: 0, expected: 0 };
    for (const { roomId, life } of livesOf(world)) {
      const total = (ms: number) => world.totals(roomTarget(roomId), ms)?.[column] ?? 0;
      for (const { startMs, endMs, factor } of life.spikes.filter((spike) => spike.counter === counter)) {
        const lengthMs = endMs - startMs;
        const usual = (total(startMs) - total(startMs - lengthMs) + total(endMs + lengthMs) - total(endMs)) / 2;
        sum.spikes++;
        sum.grown += total(endMs) - total(startMs);
        sum.expected += usual * factor;
      }
    }
    expect(sum.spikes).toBeGreaterThan(200);
    expect(sum.grown / sum.expected).toBeGreaterThan(0.85);
    expect(sum.grown / sum.expected).toBeLessThan(1.15);
  });

  test('differ widely in size: a few rooms have most of the viewers', () => {
    const world = createWorld({ seed: 5, rooms: 400, showsPerDay: 6 });
    const viewers = world.roomIds
      .map((roomId) => {
        const [life] = world.truth(roomId, startMs, startMs + dayMs);
        return (life && world.totals(roomTarget(roomId), life.onAirUntilMs - 1)?.[0]) ?? 0;
      })
      .sort((a, b) => b - a);
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
    expect(sum(viewers.slice(0, 40))).toBeGreaterThan(sum(viewers) / 2);
  });

  test('are of every sort: re-made at once and after a while, with ramps, spikes and dips, and days off', () => {
    const world = createWorld({ ...eventful, seed: 2, rooms: 50 });
    const lives = livesOf(world, 24);
    expect(lives.some(({ life }) => life.ramp !== undefined)).toBe(true);
    for (const counter of ['viewers', 'gifts', 'coins']) {
      expect(lives.some(({ life }) => life.spikes.some((spike) => spike.counter === counter))).toBe(true);
    }
    const breaks = world.roomIds.flatMap((roomId) => {
      const own = world.truth(roomId, startMs, startMs + dayMs);
      return own.slice(1).map((life, index) => life.createdMs - (own[index]?.destroyedMs ?? 0));
    });
    expect(breaks).toContain(0);
    expect(breaks.some((breakMs) => breakMs > 0 && breakMs < hourMs / 20)).toBe(true);
    expect(Math.max(...breaks)).toBeGreaterThan(4 * hourMs);
  });

  test('take less time at a faster pace', () => {
    const slow = createWorld({ ...eventful, seed: 9, rooms: 1, epochMs: startMs });
    const fast = createWorld({ ...eventful, seed: 9, rooms: 1, epochMs: startMs, pace: 60, dipsPerHour: 0 });
    const [slowLife] = slow.truth('room-0001', startMs, startMs + dayMs);
    const [fastLife] = fast.truth('room-0001', startMs, startMs + dayMs / 60);
    const lengthOf = (life: typeof slowLife) => (life === undefined ? 0 : life.onAirUntilMs - life.createdMs);
    expect(lengthOf(fastLife)).toBeGreaterThan(0);
    expect(Math.abs(lengthOf(fastLife) - lengthOf(slowLife) / 60)).toBeLessThanOrEqual(2);
  });
});
