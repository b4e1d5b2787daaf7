import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SlidingSecond } from '../../../src/simulator/sliding-second.ts';

describe('a sliding second', () => {
  test('holds what arrived less than 1000 ms before, so two instants a whole second apart are in no second together', () => {
    const second = new SlidingSecond();
    second.add(10);
    expect(second.countAt(1009.999)).toBe(1);
    second.add(1010);
    expect(second.worst).toBe(1);
    second.add(1010);
    expect(second.worst).toBe(2);
  });

  test('counts as a look at every window would, for any arrivals', () => {
    const pauses = fc.array(fc.constantFrom(0, 0.25, 1, 3, 10, 250, 999.75, 1000, 4000), {
      minLength: 1,
      maxLength: 1500,
    });
    fc.assert(
      fc.property(pauses, (pausesMs) => {
        let nowMs = 0;
        const instants = pausesMs.map((pauseMs) => (nowMs += pauseMs));
        const second = new SlidingSecond();
        for (const instant of instants) second.add(instant);
        const windows = instants.map((end) => instants.filter((at) => at <= end && at > end - 1000).length);
        // An instant that comes later at the same time belongs to the window too.
        expect(second.worst).toBe(Math.max(...windows));
      }),
      { numRuns: 50 },
    );
  });

  test('of arrivals whose instants are known between two bounds, it never counts more than really were in a second', () => {
    const arrivals = fc.array(
      fc.record({
        pauseMs: fc.nat({ max: 300 }),
        doubtMs: fc.nat({ max: 600 }),
        truth: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(arrivals, (list) => {
        const second = new SlidingSecond();
        const truths: number[] = [];
        let atMs = 0;
        for (const { pauseMs, doubtMs, truth } of list) {
          atMs += pauseMs;
          second.add(atMs, atMs - doubtMs);
          truths.push(atMs - doubtMs * truth);
        }
        const windows = truths.map((start) => truths.filter((at) => at >= start && at < start + 1000).length);
        expect(second.worst).toBeLessThanOrEqual(Math.max(...windows));
      }),
    );
  });

  test('counts what certainly lay in it in spite of the doubt', () => {
    const second = new SlidingSecond();
    second.add(300, 0);
    second.add(300, 250);
    second.add(1100, 1090);
    expect(second.worst).toBe(2);
    second.add(1240, 1240);
    expect(second.worst).toBe(3);
  });
});
