import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWorld, type World, type WorldTarget } from '../../../src/simulator/world.ts';

const startMs = Date.UTC(2026, 2, 2);
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Small worlds with everything in them often. */
const eventful = {
  showsPerDay: 6,
  showHours: { min: 1, max: 3 },
  spikesPerHour: 0.5,
  dipsPerHour: 1,
  remadeShare: 0.5,
};
const anyOptions = fc.record({
  seed: fc.integer(),
  rooms: fc.integer({ min: 1, max: 4 }),
  receivers: fc.integer({ min: 0, max: 12 }),
  pace: fc.constantFrom(1, 7, 60),
});
const anyInstant = fc.integer({ min: startMs, max: startMs + dayMs });

const roomTarget = (roomId: string): WorldTarget => ({ endpoint: 'room_stats', roomId });
const receiverTarget = (roomId: string, userId: string): WorldTarget => ({ endpoint: 'gift_count', roomId, userId });

function livesOf(world: World, hours = 12) {
  return world.roomIds.flatMap((roomId) =>
    world.truth(roomId, startMs, startMs + hours * hourMs).map((life) => ({ roomId, life })),
  );
}

describe('a simulated world', () => {
  test('gives the same reading for the same seed, room and instant, in whatever order and however often it is asked', () => {
    const options = { ...eventful, seed: 7, rooms: 5, receivers: 8 };
    const question = fc.record({
      room: fc.nat({ max: 4 }),
      user: fc.nat({ max: 7 }),
      isGift: fc.boolean(),
      atMs: anyInstant,
    });
    fc.assert(
      fc.property(fc.array(question, { minLength: 1, maxLength: 30 }), (questions) => {
        const ask = (world: World, { room, user, isGift, atMs }: (typeof questions)[number]) => {
          const roomId = `room-000${room + 1}`;
          return world.read(isGift ? receiverTarget(roomId, `user-000${user + 1}`) : roomTarget(roomId), atMs);
        };
        const once = createWorld(options);
        const backwards = createWorld(options);
        const answers = questions.map((question) => ask(once, question));
        expect(questions.toReversed().map((question) => ask(backwards, question))).toEqual(answers.toReversed());
        expect(questions.map((question) => ask(once, question))).toEqual(answers);
      }),
    );
  });

  test('does not change a room when there are more rooms', () => {
    const few = createWorld({ ...eventful, seed: 3, rooms: 2 });
    const many = createWorld({ ...eventful, seed: 3, rooms: 200 });
    expect(few.truth('room-0002', startMs, startMs + dayMs)).toEqual(many.truth('room-0002', startMs, startMs + dayMs));
    expect(few.read(roomTarget('room-0002'), startMs + 5 * hourMs)).toEqual(
      many.read(roomTarget('room-0002'), startMs + 5 * hourMs),
    );
  });

  test('never lets a counter fall within a life, of a room or of a receiver', () => {
    fc.assert(
      fc.property(
        anyOptions,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }),
        (options, parts) => {
          const world = createWorld({ ...eventful, ...options });
          for (const { roomId, life } of livesOf(world, 4)) {
            const targets = [
              roomTarget(roomId),
              ...world.receiversOf(roomId).map((userId) => receiverTarget(roomId, userId)),
            ];
            const lastMs = life.destroyedMs - 1;
            const instants = parts.map((part) => Math.round(life.createdMs + part * (lastMs - life.createdMs)));
            for (const target of targets) {
              let before = world.totals(target, life.createdMs) ?? [];
              for (const atMs of instants.sort((a, b) => a - b)) {
                const now = world.totals(target, atMs) ?? [];
                for (const [index, total] of now.entries()) expect(total).toBeGreaterThanOrEqual(before[index] ?? 0);
                before = now;
              }
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('answers what is true, but for the planned dips, in which it answers what was true before', () => {
    let dips = 0;
    fc.assert(
      fc.property(anyOptions, (options) => {
        const world = createWorld({ ...eventful, ...options });
        for (const { roomId, life } of livesOf(world, 4)) {
          const target = roomTarget(roomId);
          for (const atMs of [life.createdMs, life.destroyedMs - 1]) {
            expect(world.read(target, atMs)).toEqual({ status: 'exists', totals: world.totals(target, atMs) });
          }
          const [dip, next] = life.dips;
          if (dip === undefined) continue;
          if (next !== undefined) expect(next.startMs - dip.endMs).toBeGreaterThanOrEqual(40_000);
          dips++;
          expect(dip.asOfMs).toBeGreaterThanOrEqual(life.createdMs);
          expect(dip.asOfMs).toBeLessThanOrEqual(dip.startMs);
          for (const atMs of [dip.startMs, dip.endMs - 1]) {
            expect(world.read(target, atMs)).toEqual({ status: 'exists', totals: world.totals(target, dip.asOfMs) });
          }
        }
      }),
      // A life of this world begins in the first millisecond of its slot.
      { numRuns: 40, examples: [[{ seed: -1910815023, rooms: 3, receivers: 0, pace: 60 }]] },
    );
    expect(dips).toBeGreaterThan(10);
  });

  test('begins each life with every counter at 0, and is gone before and after', () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const world = createWorld({ ...eventful, ...options });
        for (const roomId of world.roomIds) {
          const lives = world.truth(roomId, startMs, startMs + 6 * hourMs);
          for (const [index, life] of lives.entries()) {
            expect(life.onAirUntilMs).toBeGreaterThan(life.createdMs);
            expect(life.destroyedMs).toBeGreaterThanOrEqual(life.onAirUntilMs);
            expect(world.totals(roomTarget(roomId), life.createdMs)).toEqual([0, 0, 0, 0, 0, 0]);
            const next = lives[index + 1];
            // The last may be re-made just after the period.
            if (next === undefined) continue;
            expect(next.createdMs).toBeGreaterThanOrEqual(life.destroyedMs);
            if (next.createdMs === life.destroyedMs) continue;
            expect(world.read(roomTarget(roomId), life.destroyedMs)).toEqual({ status: 'gone' });
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test('keeps the counters of a life in proportion: receivers together within their room, senders within gifts', () => {
    fc.assert(
      fc.property(anyOptions, fc.array(anyInstant, { minLength: 5, maxLength: 20 }), (options, instants) => {
        const world = createWorld({ ...eventful, ...options });
        for (const roomId of world.roomIds) {
          for (const atMs of instants) {
            const room = world.totals(roomTarget(roomId), atMs);
            if (room === undefined) continue;
            const [, gifts = 0, coins = 0, senders = 0] = room;
            expect(senders).toBeLessThanOrEqual(gifts);
            expect(coins).toBeGreaterThanOrEqual(gifts);
            let [count, worth] = [0, 0];
            for (const userId of world.receiversOf(roomId)) {
              const receiver = world.totals(receiverTarget(roomId, userId), atMs) ?? [];
              expect(receiver[2]).toBeLessThanOrEqual(Math.min(senders, receiver[0] ?? 0));
              count += receiver[0] ?? 0;
              worth += receiver[1] ?? 0;
            }
            expect(count).toBeLessThanOrEqual(gifts);
            expect(worth).toBeLessThanOrEqual(coins);
          }
        }
      }),
    );
  });

  test('gives every reading as safe integers from 0', () => {
    fc.assert(
      fc.property(anyOptions, anyInstant, (options, atMs) => {
        const world = createWorld({ ...eventful, ...options });
        for (const roomId of world.roomIds) {
          for (const total of world.totals(roomTarget(roomId), atMs) ?? []) {
            expect(Number.isSafeInteger(total) && Number(total) >= 0).toBe(true);
          }
        }
      }),
    );
  });

  test('deals receivers to the rooms in turn, and knows no others', () => {
    const world = createWorld({ ...eventful, seed: 1, rooms: 2, receivers: 3 });
    expect(world.receiversOf('room-0001')).toEqual(['user-0001', 'user-0003']);
    expect(world.receiversOf('room-0002')).toEqual(['user-0002']);
    const [life] = world.truth('room-0001', startMs, startMs + dayMs);
    const lateMs = (life?.onAirUntilMs ?? 0) - 1;
    expect(world.totals(receiverTarget('room-0001', 'user-0002'), lateMs)).toEqual([0, 0, 0]);
    expect(world.read(receiverTarget('room-0001', 'nobody'), lateMs)).toEqual({ status: 'unknown_user' });
    expect(world.read(roomTarget('nowhere'), lateMs)).toEqual({ status: 'gone' });
  });

  test.each([
    [{ rooms: 0 }, 'at least 1 room'],
    [{ rooms: 1.5 }, 'at least 1 room'],
    [{ rooms: 1, receivers: -1 }, 'whole number of receivers'],
    [{ rooms: 1, pace: 0 }, 'pace'],
    [{ rooms: 1, showsPerDay: Number.NaN }, 'showsPerDay'],
  ])('refuses options that make no world: %j', (options, word) => {
    expect(() => createWorld({ seed: 1, ...options })).toThrow(word);
  });
});
