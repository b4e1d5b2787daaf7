import { describe, expect, test } from 'vitest';
import { tally, tallyGone } from '../../../src/tally/tally.ts';
import { deltasOf, intervalMs, kindsOf, regressionsOf, sessionsOf, startMs, tallyAll } from './answers.ts';

const silence = { silentMs: 30 * 60_000 };

describe('a room made anew without being reported gone', () => {
  test('is a new session when a counter was below half of its maximum for four samples, begun with the first of them', () => {
    const tallied = tallyAll([1000, 40], [1001, 40], [3, 40], [5, 40], [6, 40], [9, 41], [11, 41]);
    expect(kindsOf(tallied)).toEqual(['first', ...Array(4).fill('continued'), 'began', 'continued']);
    expect(sessionsOf(tallied)).toEqual([0, 0, 0, 0, 0, 2, 2]);
    expect(deltasOf(tallied).slice(2)).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [9, 41],
      [2, 0],
    ]);
  });

  test('counts nothing while in doubt, so that a counter which has overtaken its old maximum is not counted twice', () => {
    const tallied = tallyAll([1000, 40], [3, 50], [5, 55], [6, 60], [9, 61]);
    expect(deltasOf(tallied).slice(1)).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [9, 61],
    ]);
  });

  test('counts no regression in the sample that begins the session', () => {
    expect(regressionsOf(tallyAll([1000, 40], [3, 40], [5, 40], [6, 40], [7, 39]))).toEqual([0, 1, 0, 0, 0]);
  });

  test('counts a counter from zero that the first answers of the new session lack', () => {
    const tallied = tallyAll([1000, 40], [3, undefined], [5, undefined], [6, undefined], [9, undefined], [9, 7]);
    expect(deltasOf(tallied).slice(-2)).toEqual([
      [9, undefined],
      [0, 7],
    ]);
  });

  test('is a new session at once when every counter has fallen after half an hour without an answer', () => {
    const tallied = tallyAll([1000, 40, 0], silence, [990, 39, 2]);
    expect(kindsOf(tallied)).toEqual(['first', 'began']);
    expect(deltasOf(tallied)[1]).toEqual([990, 39, 2]);
  });

  test('is no new session after half an hour without an answer while one counter has not fallen', () => {
    expect(kindsOf(tallyAll([1000, 40], silence, [990, 40]))).toEqual(['first', 'continued']);
  });

  test('is no new session after half an hour without an answer while there are only zeros', () => {
    const tallied = tallyAll([1000, 40], silence, [0, 0], [1002, 40]);
    expect(kindsOf(tallied)).not.toContain('began');
    expect(deltasOf(tallied).at(-1)).toEqual([2, 0]);
  });
});

describe('a room that was reported gone', () => {
  test('begins a session when any counter has fallen, which counts from zero', () => {
    const tallied = tallyAll([1000, 40], 'gone', [1200, 39], [1201, 42]);
    expect(kindsOf(tallied)).toEqual(['first', 'began', 'continued']);
    expect(sessionsOf(tallied)).toEqual([0, 2, 2]);
    expect(deltasOf(tallied).slice(1)).toEqual([
      [1200, 39],
      [1, 3],
    ]);
    expect(regressionsOf(tallied)).toEqual([0, 0, 0]);
    expect(tallied[1]?.sample.gapMs).toBe(2 * intervalMs);
  });

  test('goes on when it answers with the same or higher totals', () => {
    const tallied = tallyAll([1000, 40], 'gone', 'gone', [1000, 41]);
    expect(kindsOf(tallied)).toEqual(['first', 'continued']);
    expect(tallied[1]?.sample).toMatchObject({ deltas: [0, 1], gapMs: 3 * intervalMs });
  });

  test('is like any other once it has answered', () => {
    expect(kindsOf(tallyAll([1000, 40], 'gone', [1000, 40], [990, 39]))).not.toContain('began');
  });

  test('shows nothing when it was made anew while all counters were zero', () => {
    const tallied = tallyAll([0, 0], 'gone', [0, 0], [3, 1]);
    expect(kindsOf(tallied)).not.toContain('began');
    expect(deltasOf(tallied).at(-1)).toEqual([3, 1]);
  });

  test('in the middle of a dip begins a session with its next answer that is below the maximum', () => {
    const tallied = tallyAll([1000, 40], [10, 1], [11, 1], 'gone', [12, 1]);
    expect(kindsOf(tallied)).toEqual(['first', 'continued', 'continued', 'began']);
    expect(sessionsOf(tallied).at(-1)).toBe(4);
    expect(deltasOf(tallied).at(-1)).toEqual([12, 1]);
  });

  test('in the middle of a dip goes on when the maximum is back', () => {
    const tallied = tallyAll([1000, 40], [10, 1], [11, 1], 'gone', [1003, 40]);
    expect(kindsOf(tallied)).not.toContain('began');
    expect(tallied.at(-1)?.state.dips).toBeUndefined();
  });

  test('before a room was ever met makes its first answer growth from zero, watched since the last report', () => {
    const tallied = tallyAll('gone', 'gone', [7, 0, undefined], [9, 1, 5]);
    expect(kindsOf(tallied)).toEqual(['began', 'continued']);
    expect(deltasOf(tallied)).toEqual([
      [7, 0, undefined],
      [2, 1, 5],
    ]);
    expect(sessionsOf(tallied)).toEqual([2, 2]);
    expect(tallied[0]?.sample).toMatchObject({ gapMs: intervalMs, inGap: false });
  });

  test('is remembered once, however often it is reported', () => {
    const { state } = tally(undefined, { dueMs: startMs, delayMs: 0, intervalMs, totals: [1] });
    expect(tallyGone(tallyGone(state, startMs + 1), startMs + 2)).toEqual({ ...state, gone: true });
  });
});

describe('what six counters cannot show', () => {
  test('a room made anew that has overtaken its old totals unseen goes on, short of the old totals', () => {
    expect(deltasOf(tallyAll([100, 40], 'gone', [130, 40])).at(-1)).toEqual([30, 0]);
  });

  test('a room made anew that overtakes its old totals within three samples goes on, short of the old totals', () => {
    expect(deltasOf(tallyAll([8, 2], [1, 0], [5, 2], [12, 3])).slice(1)).toEqual([
      [0, 0],
      [0, 0],
      [4, 1],
    ]);
  });

  test('a counter that has overtaken its old maximum, before another is seen below half of its own, counts in both sessions', () => {
    const answersLackIt = tallyAll([1000, 40], [undefined, 50], [3, 52], [5, 55], [6, 60], [9, 61]);
    expect(deltasOf(answersLackIt).slice(1)).toEqual([
      [undefined, 10],
      [0, 0],
      [0, 0],
      [0, 0],
      [9, 61],
    ]);
    const onlyJustBelow = tallyAll([1000, 40], [900, 50], 'gone', [901, 51]);
    expect(deltasOf(onlyJustBelow).slice(1)).toEqual([
      [0, 10],
      [901, 51],
    ]);
  });

  test('a stale read that is the first answer after a false report of gone looks like a room made anew', () => {
    expect(deltasOf(tallyAll([1000, 40], 'gone', [990, 39])).at(-1)).toEqual([990, 39]);
  });

  test('a stale read of the room that is no more, once the new session is believed, looks like growth', () => {
    expect(deltasOf(tallyAll([1000, 40], 'gone', [5, 1], [1000, 40])).at(-1)).toEqual([995, 39]);
  });
});
