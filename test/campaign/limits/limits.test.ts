import { expect, test } from 'vitest';
import { findingsOf } from './limits.ts';

const bounded = {
  ...{ polls: 100, answered: 0, startBytes: 1e8, mostBytes: 1.2e8, longestLagSeconds: 0.5, logLines: 5, exitCode: 0 },
};

test('a run within its bounds has no findings', () => {
  expect(findingsOf(bounded)).toEqual([]);
});

test.each([
  ['nothing was polled', { polls: 0 }],
  ['answered all the same', { answered: 1 }],
  ['memory grew', { mostBytes: 5e8 }],
  ['stood still', { longestLagSeconds: 5 }],
  ['lines were logged', { logLines: 4_000 }],
  ['ended with 1', { exitCode: 1 }],
])('a run is found out in which %s', (words, change) => {
  expect(findingsOf({ ...bounded, ...change })).toEqual([expect.stringContaining(words)]);
});
