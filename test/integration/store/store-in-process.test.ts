import { expect, test } from 'vitest';
import { openDatabase } from '../../../src/store/database.ts';
import { createStoreInProcess } from '../../../src/store/store-in-process.ts';
import { roomSeries, roundAt, sampleAt, startMs, TemporaryStore } from './temporary-store.ts';

test('A row is on the disk 80 ms after it was handed over, in virtual time.', async () => {
  using store = new TemporaryStore();
  using journal = store.open();
  let commits = 0;
  const client = createStoreInProcess({
    journal,
    clock: store.clock,
    onCommitProblem: () => {},
    onCommitted: () => commits++,
    onRolledUp: () => {},
  });
  await client.opened;
  const [registration] = await client.register([roomSeries('room-1')]);
  if (registration === undefined) throw new Error('one series gives one registration');

  const roundId = client.beginRound(roundAt('room_stats', startMs), 1);
  client.append(registration, roundId, sampleAt(startMs), 'state');
  await store.clock.advance(79);
  expect(journal.status().committed.room_stats).toBe(0);
  await store.clock.advance(1);

  expect(journal.status().committed.room_stats).toBe(1);
  expect(client.unacknowledged).toBe(0);
  expect(commits).toBe(1);
  await client.close();
});

test('While another program locks the store, rows wait; then they are committed once.', async () => {
  using store = new TemporaryStore();
  using journal = store.open();
  const problems: (string | undefined)[] = [];
  const client = createStoreInProcess({
    journal,
    clock: store.clock,
    onCommitProblem: (problem) => problems.push(problem),
    onCommitted: () => {},
    onRolledUp: () => {},
  });
  await client.opened;
  const [registration] = await client.register([roomSeries('room-1')]);
  if (registration === undefined) throw new Error('one series gives one registration');
  using shell = openDatabase(store.path, 0);
  shell.exec('BEGIN IMMEDIATE');

  const roundId = client.beginRound(roundAt('room_stats', startMs), 1);
  client.append(registration, roundId, sampleAt(startMs), 'state');
  await store.clock.advance(90);
  expect(problems).toEqual(['database is locked']);
  expect(client.unacknowledged).toBe(1);
  shell.exec('ROLLBACK');
  await store.clock.advance(100);

  expect(problems).toEqual(['database is locked', undefined]);
  expect(client.unacknowledged).toBe(0);
  expect(journal.status().committed.room_stats).toBe(1);
  await client.close();
});

test('A roll-up begins when what was handed over before it is on the disk, however long that takes.', async () => {
  using store = new TemporaryStore();
  using journal = store.open();
  let rollUps = 0;
  const client = createStoreInProcess({
    journal,
    clock: store.clock,
    onCommitProblem: () => {},
    onCommitted: () => {},
    onRolledUp: () => rollUps++,
  });
  await client.opened;
  const [registration] = await client.register([roomSeries('room-1')]);
  if (registration === undefined) throw new Error('one series gives one registration');
  const take = (dueMs: number) => {
    client.append(registration, client.beginRound(roundAt('room_stats', dueMs), 1), sampleAt(dueMs), 'state');
  };
  {
    using shell = openDatabase(store.path, 0);
    shell.exec('BEGIN IMMEDIATE');
    take(startMs);
    await store.clock.advance(100);
    take(startMs + 1_000);
    await store.clock.advance(100);
    take(startMs + 2_000);
    client.rollUp(startMs + 5 * 60_000);
    await store.clock.advance(1_000);
    expect(journal.status().rolledUp[0]?.rows).toBe(0);
    shell.exec('ROLLBACK');
  }
  await store.clock.advance(10_000);

  expect(rollUps).toBe(1);
  const [window] = journal.readPoints('room_stats_5m', { fromId: 0, toId: 1 });
  expect(Object.fromEntries(window?.point.fields ?? [])['samples']).toBe(3);
  await client.close();
});
