import { describe, expect, test } from 'vitest';
import { createRests, type Rests } from '../../../src/poll/rests.ts';

/** Rounds in which target 0 is due while its room stays gone, as a string of 1 and 0. */
function roundsWhileGone(rests: Rests, rounds: number): string {
  let due = '';
  for (let round = 0; round < rounds; round++) {
    rests.beginRound();
    due += rests.isResting(0) ? '0' : '1';
    if (!rests.isResting(0)) rests.gone(0);
  }
  return due;
}

describe('a target whose room is gone', () => {
  test('is polled in every second round, then about once a minute', () => {
    expect(roundsWhileGone(createRests(1, 15_000), 15)).toBe('101000100010001');
  });

  test('is polled ever more rarely where rounds are near each other', () => {
    expect(roundsWhileGone(createRests(1, 1000), 200).lastIndexOf('1')).toBe(182);
  });

  test('is polled in every round where that is once a minute or less often', () => {
    expect(roundsWhileGone(createRests(1, 60_000), 5)).toBe('11111');
    expect(roundsWhileGone(createRests(1, 3_600_000), 5)).toBe('11111');
  });

  test('is polled in every round again as soon as it answers', () => {
    const rests = createRests(1, 15_000);
    expect(roundsWhileGone(rests, 7)).toBe('1010001');
    rests.answered(0);
    expect(roundsWhileGone(rests, 3)).toBe('101');
  });

  test('does not change a round that has begun', () => {
    const rests = createRests(3, 15_000);
    expect(rests.beginRound()).toBe(3);
    rests.gone(1);
    expect(rests.isResting(1)).toBe(false);
    expect(rests.due).toBe(2);
    expect(rests.beginRound()).toBe(2);
    rests.answered(1);
    expect([0, 1, 2].map(rests.isResting)).toEqual([false, true, false]);
    expect(rests.beginRound()).toBe(3);
  });
});
