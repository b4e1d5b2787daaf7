import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Totals } from '../../../src/model/sample.ts';
import { naiveTally } from './naive-tally.ts';
import { intervalMs, type Poll, roomWalk, silenceMs } from './room-walk.ts';
import { runTally } from './run-tally.ts';

/** Answers without any room behind them: few small totals in any order, so that all rules meet. */
const anyAnswers: fc.Arbitrary<Poll[]> = fc
  .array(
    fc.record({
      totals: fc.tuple(...Array.from({ length: 3 }, () => fc.constantFrom(undefined, 0, 1, 2, 3, 4, 8))),
      gapMs: fc.constantFrom(intervalMs, intervalMs, intervalMs, silenceMs - 1, silenceMs),
      goneBefore: fc.constantFrom(false, false, false, false, true),
      restartedBefore: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40, size: 'max' },
  )
  .map((steps) => {
    let dueMs = 0;
    return steps.map(({ totals, gapMs, goneBefore, restartedBefore }) => {
      dueMs += gapMs;
      return { dueMs, totals: totals satisfies Totals, goneBefore, restartedBefore, making: 0, stale: false };
    });
  });

function expectTheSame(polls: readonly Poll[]): void {
  expect(runTally(polls).map(({ sample, regressions, session }) => ({ sample, regressions, session }))).toEqual(
    naiveTally(polls),
  );
}

test('a room of any life gets the samples that a look through its whole history gives', () => {
  fc.assert(fc.property(roomWalk, expectTheSame), { numRuns: 200 });
});

test('answers of any kind get the samples that a look through their whole history gives', () => {
  fc.assert(fc.property(anyAnswers, expectTheSame), { numRuns: 500 });
});
