import { describe, expect, test } from 'vitest';
import { findPresent } from '../../../src/store/present.ts';

const hourMs = 60 * 60 * 1_000;
const dayMs = 24 * hourMs;

/** The hour that is the present after rounds of these hours in one run, the last due instant that of the last. */
function presentOf(hours: readonly number[], keepMs = 14 * dayMs): number {
  const last = (untilMs: number) => hours.findLast((hour) => hour * hourMs <= untilMs);
  const inMs = (hour: number | undefined) => (hour === undefined ? undefined : hour * hourMs);
  const tables = {
    runs: { lastDueMs: () => inMs(hours.at(-1)), lastLivedMs: (untilMs: number) => untilMs },
    rounds: { lastStartMs: (untilMs: number) => inMs(last(untilMs)) },
  };
  return findPresent(tables, keepMs) / hourMs;
}

const hoursFrom = (first: number, count: number) => Array.from({ length: count }, (_, hour) => first + hour);

describe('the present of a store', () => {
  test('is the last due instant, where a day stands behind it', () => {
    expect(presentOf(hoursFrom(0, 100))).toBe(99);
    expect(presentOf(hoursFrom(75, 25))).toBe(99);
  });

  test('is a day after what was before a leap, until a day has passed', () => {
    const before = hoursFrom(0, 100);
    expect(presentOf([...before, ...hoursFrom(9_000, 1)])).toBe(99 + 24);
    expect(presentOf([...before, ...hoursFrom(9_000, 24)])).toBe(99 + 24);
    expect(presentOf([...before, ...hoursFrom(9_000, 25)])).toBe(9_024);
  });

  test('is a day after the show before, where shows are of some hours a week', () => {
    const shows = [0, 168, 336].flatMap((week) => hoursFrom(week, 5));
    expect(presentOf(shows)).toBe(172 + 24);
  });

  test('takes a quarter of the age of samples for the day, where they are kept for less than four', () => {
    const before = hoursFrom(0, 8);
    expect(presentOf([...before, 9_000, 9_001], 8 * hourMs)).toBe(7 + 2);
    expect(presentOf([...before, 9_000, 9_001, 9_002], 8 * hourMs)).toBe(9_002);
  });

  test('is not yet, where there is no day', () => {
    expect(presentOf([])).toBe(Number.NEGATIVE_INFINITY);
    expect(presentOf(hoursFrom(0, 24))).toBe(Number.NEGATIVE_INFINITY);
  });
});
