import { expect, test } from 'vitest';
import { RoundBlocks } from '../../../src/verify/round-blocks.ts';

test('rounds that overlap are one block, and a sample counts in the block that it was due in', () => {
  const blocks = new RoundBlocks();
  blocks.add({ startMs: 0, endMs: 10, polled: 3 });
  blocks.add({ startMs: 10, endMs: 40, polled: 1 });
  blocks.add({ startMs: 15, endMs: 30, polled: 1 });
  blocks.add({ startMs: 50, endMs: 60, polled: 1 });

  expect([-1, 0, 9, 10, 39, 40, 49, 50, 59, 60].map((dueMs) => blocks.countRow(dueMs))).toEqual([
    ...[false, true, true, true, true, false, false, true, true, false],
  ]);
  expect([...blocks.differing()]).toEqual([
    { startMs: 0, endMs: 10, rounds: 1, polled: 3, rows: 2 },
    { startMs: 50, endMs: 60, rounds: 1, polled: 1, rows: 2 },
  ]);
});

test('there may be any number of rounds', () => {
  const blocks = new RoundBlocks();
  const count = 10_000;
  for (let round = 0; round < count; round++) blocks.add({ startMs: round * 10, endMs: round * 10 + 10, polled: 1 });
  for (let round = 0; round < count; round++) if (round !== 7_777) blocks.countRow(round * 10 + 9);
  expect([...blocks.differing()]).toEqual([{ startMs: 77_770, endMs: 77_780, rounds: 1, polled: 1, rows: 0 }]);
});
