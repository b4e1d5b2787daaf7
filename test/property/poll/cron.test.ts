import fc from 'fast-check';
import { createTask } from 'node-cron';
import { expect, test } from 'vitest';
import { readCron } from '../../../src/poll/cron.ts';

const hourMs = 3_600_000;

/** A field that is a star, a step, a list or a range. */
function field(min: number, max: number): fc.Arbitrary<string> {
  const value = fc.integer({ min, max });
  return fc.oneof(
    fc.constant('*'),
    fc.integer({ min: 2, max: 30 }).map((step) => `*/${step}`),
    fc.uniqueArray(value, { minLength: 1, maxLength: 3 }).map((values) => values.join()),
    fc.tuple(value, value).map(([from, to]) => `${from}-${to}`),
  );
}

const expressions = fc
  .tuple(field(0, 59), field(0, 59), field(0, 23), fc.constantFrom('*', '*', '1-20', '29,30,31', 'L'), field(0, 6))
  .map(([second, minute, hour, day, weekday]) => `${second} ${minute} ${hour} ${day} * ${weekday}`);

/** Zones with odd offsets, a half-hour summer time, and days on which their clocks change. */
const starts = fc.constantFrom(
  { zone: 'Etc/UTC', at: Date.UTC(2026, 1, 27, 20) },
  { zone: 'Asia/Kathmandu', at: Date.UTC(2026, 0, 31, 12) },
  { zone: '+05:43', at: Date.UTC(2026, 0, 31, 12) },
  { zone: 'Europe/Berlin', at: Date.UTC(2026, 2, 28, 21) },
  { zone: 'Europe/Berlin', at: Date.UTC(2026, 9, 24, 21) },
  { zone: 'Australia/Lord_Howe', at: Date.UTC(2026, 3, 4, 10) },
  { zone: 'Australia/Lord_Howe', at: Date.UTC(2026, 9, 3, 10) },
  { zone: 'America/St_Johns', at: Date.UTC(2026, 2, 8, 0) },
  { zone: 'Africa/Cairo', at: Date.UTC(2026, 9, 29, 18) },
);

test('the next round is the first second that node-cron says matches, in any zone and across clock changes', () => {
  fc.assert(
    fc.property(expressions, starts, fc.integer({ min: 0, max: 8 * hourMs }), (expression, { zone, at }, offsetMs) => {
      const reading = readCron(expression, zone);
      fc.pre(reading.status === 'read');
      const fromMs = at + offsetMs;
      const task = createTask(expression, () => {}, { timezone: zone });
      task.destroy();
      const endMs = fromMs + 2 * hourMs;
      let expected = (Math.floor(fromMs / 1000) + 1) * 1000;
      while (expected < endMs && !task.match(new Date(expected))) expected += 1000;
      const found = reading.cron.nextAfter(fromMs) ?? Number.POSITIVE_INFINITY;
      if (expected < endMs) expect(found).toBe(expected);
      else expect(found).toBeGreaterThanOrEqual(endMs);
    }),
    { numRuns: 60 },
  );
});

test('no two rounds are nearer than the interval while the clocks do not change', () => {
  fc.assert(
    fc.property(expressions, fc.integer({ min: 0, max: 400 * 24 }), (expression, hours) => {
      const reading = readCron(expression, 'Etc/UTC');
      fc.pre(reading.status === 'read');
      const { cron } = reading;
      let round = cron.nextAfter(Date.UTC(2026, 0) + hours * hourMs);
      for (let count = 0; count < 20 && round !== undefined; count++) {
        const next = cron.nextAfter(round);
        if (next !== undefined) expect(next - round).toBeGreaterThanOrEqual(cron.intervalMs);
        round = next;
      }
    }),
    { numRuns: 100 },
  );
});
