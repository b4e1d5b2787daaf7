import { describe, expect, test } from 'vitest';
import type { Schedule } from '../../../src/model/round.ts';
import type { Target } from '../../../src/model/target.ts';
import { createSlots } from '../../../src/poll/slots.ts';

const schedule: Schedule = { app: 'main', endpoint: 'room_stats', cron: '*/15 * * * * *', timezone: 'Etc/UTC' };

function rooms(count: number): Target[] {
  return Array.from({ length: count }, (_, index) => ({
    endpoint: 'room_stats',
    app: 'main',
    roomId: `live-room-${index}`,
  }));
}

/** The offset of each room, by its name. */
function offsets(targets: readonly Target[], spreadMs = 15_000): Map<string, number> {
  const slots = createSlots(schedule, targets);
  return new Map(
    Array.from({ length: slots.count }, (_, slot) => [
      targets[slots.targetOf(slot)]?.roomId ?? '',
      slots.offsetMs(slot, spreadMs),
    ]),
  );
}

describe('the slots of a round', () => {
  test.each([1, 7, 1425, 20_000])('hold %i targets once each, evenly apart, and end before the round does', (count) => {
    const targets = rooms(count);
    const all = offsets(targets);
    expect(all.size).toBe(count);
    const sorted = [...all.values()].sort((a, b) => a - b);
    const gap = 15_000 / count;
    expect(sorted[0]).toBeLessThanOrEqual(gap);
    expect(sorted.at(-1)).toBeLessThan(15_000);
    expect(sorted.at(-1)).toBeGreaterThanOrEqual(15_000 - gap - 1);
    for (const [index, offset] of sorted.entries()) {
      expect(Math.abs(offset - (sorted[0] ?? 0) - index * gap)).toBeLessThanOrEqual(1);
    }
  });

  test('do not depend on the order of the watchlist', () => {
    const targets = rooms(100);
    expect(offsets(targets.toReversed())).toEqual(offsets(targets));
  });

  test('do not follow the order of the names', () => {
    const order = [...offsets(rooms(1000)).keys()].map((name) => Number(name.slice('live-room-'.length)));
    let neighbours = 0;
    for (const [index, room] of order.entries()) if (Math.abs(room - (order[index - 1] ?? -9)) === 1) neighbours++;
    expect(neighbours).toBeLessThan(100);
  });

  test('move by less than a slot when a target comes or goes', () => {
    const before = offsets(rooms(100));
    for (const [room, offset] of offsets(rooms(101))) {
      const previous = before.get(room);
      if (previous !== undefined) expect(Math.abs(offset - previous)).toBeLessThanOrEqual(151);
    }
  });

  test('of schedules that begin together do not begin together', () => {
    const firsts = Array.from({ length: 20 }, (_, index) =>
      createSlots({ ...schedule, app: `app-${index}` }, rooms(10)).offsetMs(0, 15_000),
    );
    expect(new Set(firsts).size).toBe(20);
    expect(Math.max(...firsts)).toBeLessThan(1500);
    expect(Math.max(...firsts) - Math.min(...firsts)).toBeGreaterThan(750);
  });

  test('of a daily round begin within a minute of its time', () => {
    for (const app of ['a', 'b', 'c', 'd']) {
      expect(createSlots({ ...schedule, app }, rooms(1)).offsetMs(0, 86_400_000)).toBeLessThan(60_000);
    }
  });
});
