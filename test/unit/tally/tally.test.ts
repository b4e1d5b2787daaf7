import { describe, expect, test } from 'vitest';
import { tally } from '../../../src/tally/tally.ts';
import { deltasOf, intervalMs, kindsOf, regressionsOf, startMs, tallyAll } from './answers.ts';

describe('growth', () => {
  test('the first sample of a room opens its session and has neither deltas nor a gap', () => {
    const { sample, session, regressions } = tally(undefined, {
      dueMs: startMs,
      delayMs: 40,
      intervalMs,
      totals: [7, 0, undefined],
    });
    expect(sample).toEqual({
      dueMs: startMs,
      delayMs: 40,
      gapMs: undefined,
      inGap: false,
      sessionMs: startMs,
      totals: [7, 0, undefined],
      deltas: [undefined, undefined, undefined],
    });
    expect({ session, regressions }).toEqual({ session: 'first', regressions: 0 });
  });

  test('a delta is what a counter has grown by since the previous sample', () => {
    const tallied = tallyAll([7, 0, 3], [9, 0, 4], [9, 5, 4]);
    expect(deltasOf(tallied).slice(1)).toEqual([
      [2, 0, 1],
      [0, 5, 0],
    ]);
    expect(kindsOf(tallied)).toEqual(['first', 'continued', 'continued']);
  });

  test('the gap is the distance between the due instants, however late the answers are', () => {
    const first = tally(undefined, { dueMs: startMs, delayMs: 4_900, intervalMs, totals: [1] });
    const second = tally(first.state, { dueMs: startMs + 60_000, delayMs: 10, intervalMs, totals: [2] });
    expect(second.sample).toMatchObject({ gapMs: 60_000, delayMs: 10 });
  });

  test('one missed poll is no gap, two are', () => {
    const { state } = tally(undefined, { dueMs: startMs, delayMs: 0, intervalMs, totals: [1] });
    const after = (gapMs: number) =>
      tally(state, { dueMs: startMs + gapMs, delayMs: 0, intervalMs, totals: [2] }).sample.inGap;
    expect([15_000, 30_000, 30_001, 45_000].map(after)).toEqual([false, false, true, true]);
  });

  test('a counter that one answer lacks has no delta there, and its growth comes with the next answer', () => {
    expect(deltasOf(tallyAll([10, 10], [undefined, 12], [15, 13])).slice(1)).toEqual([
      [undefined, 2],
      [5, 1],
    ]);
  });

  test('a counter that appears in the middle of a session that was there before us opens with what it shows', () => {
    expect(deltasOf(tallyAll([10, undefined], [11, 500], [12, 501])).slice(1)).toEqual([
      [1, undefined],
      [1, 1],
    ]);
  });

  test('an answer in doubt opens no counter: what a service shows that has just recovered would count as growth', () => {
    expect(deltasOf(tallyAll([10, undefined], [0, 0], [12, 500], [12, 503])).slice(1)).toEqual([
      [0, undefined],
      [2, undefined],
      [0, 3],
    ]);
  });

  test('a due instant that repeats or goes back is refused with both instants', () => {
    const { state } = tally(undefined, { dueMs: startMs, delayMs: 0, intervalMs, totals: [1] });
    for (const dueMs of [startMs, startMs - 1, Number.NaN]) {
      expect(() => tally(state, { dueMs, delayMs: 0, intervalMs, totals: [2] })).toThrow(
        `due instant ${dueMs} is not after ${startMs}`,
      );
    }
  });
});

describe('dips', () => {
  test('a stale read in which one counter falls adds nothing until the old maximum is passed', () => {
    const tallied = tallyAll([100, 50], [90, 51], [98, 52], [103, 52]);
    expect(deltasOf(tallied).slice(1)).toEqual([
      [0, 1],
      [0, 1],
      [3, 0],
    ]);
    expect(kindsOf(tallied)).not.toContain('began');
  });

  test('a stale read of a busy room, in which every counter falls, is a dip', () => {
    const tallied = tallyAll([1000, 200, 30], [990, 198, 29], [1010, 204, 31]);
    expect(deltasOf(tallied).slice(1)).toEqual([
      [0, 0, 0],
      [10, 4, 1],
    ]);
    expect(kindsOf(tallied)).not.toContain('began');
  });

  test('three answers of nothing but zeros in the middle of a show are a dip', () => {
    const zeros = [0, 0, 0];
    const tallied = tallyAll([1000, 200, 30], zeros, zeros, zeros, [1010, 204, 31]);
    expect(deltasOf(tallied).at(-1)).toEqual([10, 4, 1]);
    expect(kindsOf(tallied)).not.toContain('began');
  });

  test('a dip counts as one regression for each counter, however long it lasts', () => {
    expect(regressionsOf(tallyAll([100, 100], [90, 90], [80, 90], [100, 90], [70, 100]))).toEqual([0, 2, 0, 0, 1]);
  });

  test('a counter that is missing within its dip is not counted as fallen again', () => {
    expect(regressionsOf(tallyAll([100, 1], [90, 1], [undefined, 1], [91, 1]))).toEqual([0, 1, 0, 0]);
  });

  test('a counter that stays at half of its maximum or above never begins a session', () => {
    const tallied = tallyAll([100, 9], [50, 9], [50, 9], [50, 9], [50, 9], [51, 9]);
    expect(kindsOf(tallied)).not.toContain('began');
  });

  test('while a counter is below half of its maximum nothing is counted, and the next answer brings the growth of all', () => {
    expect(deltasOf(tallyAll([100, 50, undefined], [10, 51, 7], [103, 53, 8], [103, 54, 9])).slice(1)).toEqual([
      [0, 0, undefined],
      [3, 3, undefined],
      [0, 1, 1],
    ]);
  });

  test('dips of different counters that follow one another do not add up to four samples', () => {
    const tallied = tallyAll([100, 100], [10, 100], [10, 10], [10, 10], [101, 10], [102, 101]);
    expect(kindsOf(tallied)).not.toContain('began');
    expect(deltasOf(tallied).at(-1)).toEqual([2, 1]);
  });

  test('stale reads with an answer between them that lacks the counter do not add up to four samples', () => {
    const tallied = tallyAll([100, 9], [10, 9], [10, 9], [10, 9], [undefined, 9], [10, 9], [101, 9]);
    expect(kindsOf(tallied)).not.toContain('began');
  });
});
