import { expect, test } from 'vitest';
import type { Batch } from '../../../src/store/batch.ts';
import { GroupCommit } from '../../../src/store/group-commit.ts';
import { createVirtualClock } from '../../virtual-clock.ts';

test('What is collected goes 80 ms after the first of it, all together.', async () => {
  const { clock, commits, sent } = create();
  collect(commits, 1);
  await clock.advance(30);
  collect(commits, 2);
  await clock.advance(49);
  expect(sent).toEqual([]);

  await clock.advance(1);

  expect(sent.map(rowsOf)).toEqual([3]);
});

test('Nothing is sent when nothing was collected.', async () => {
  const { clock, commits, sent } = create();

  await clock.advance(10_000);
  await commits.flush();

  expect(sent).toEqual([]);
  expect(clock.timers).toBe(0);
});

test('A group of 1,000 rows does not wait.', () => {
  const { commits, sent } = create();

  collect(commits, 999);
  expect(sent).toEqual([]);
  collect(commits, 1);

  expect(sent.map(rowsOf)).toEqual([1_000]);
});

test('While two groups are on their way, the next one grows; it goes as soon as one of them is committed.', async () => {
  const { clock, commits, sent } = create();
  for (let group = 0; group < 5; group++) {
    collect(commits, 1);
    await clock.advance(80);
  }
  expect(sent.map(rowsOf)).toEqual([1, 1]);
  expect(commits.unacknowledgedRows).toBe(5);

  commits.committed();

  expect(sent.map(rowsOf)).toEqual([1, 1, 3]);
  expect(commits.unacknowledgedRows).toBe(4);
});

test('A flush sends at once and waits for everything before it, and for nothing behind it.', async () => {
  const { commits, sent } = create();
  collect(commits, 1);
  const order: string[] = [];
  const first = commits.flush().then(() => order.push('first'));
  collect(commits, 1);
  const second = commits.flush().then(() => order.push('second'));
  expect(sent.map(rowsOf)).toEqual([1, 1]);

  commits.committed();
  await first;
  expect(order).toEqual(['first']);
  commits.committed();
  await second;

  expect(order).toEqual(['first', 'second']);
});

test('When the store is lost, who waits is told, and so is whoever comes later.', async () => {
  const { clock, commits } = create();
  collect(commits, 1);
  const flushed = commits.flush();
  collect(commits, 1);

  commits.fail(new Error('the thread has died'));

  await expect(flushed).rejects.toThrow('the thread has died');
  await expect(commits.flush()).rejects.toThrow('the thread has died');
  expect(() => commits.collect()).toThrow('the thread has died');
  expect(clock.timers).toBe(0);
});

function create() {
  const clock = createVirtualClock();
  const sent: Batch[] = [];
  return { clock, sent, commits: new GroupCommit(clock, (batch) => sent.push(batch)) };
}

function collect(commits: GroupCommit, rows: number): void {
  const sample = { dueMs: 1, delayMs: 1, gapMs: undefined, inGap: false, sessionMs: 1, totals: [], deltas: [] };
  for (let row = 0; row < rows; row++) {
    commits.collect().append({ endpoint: 'room_stats', seriesId: 1, roundId: 1, sample });
    commits.sendIfFull();
  }
}

function rowsOf(batch: Batch): number {
  return batch.samples.length;
}
