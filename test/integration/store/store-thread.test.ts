import { expect, test } from 'vitest';
import { startStoreThread } from './store-thread.ts';
import { receiverSeries, roomSeries, roundAt, sampleAt, startMs, TemporaryStore } from './temporary-store.ts';

test('Samples that are handed over arrive in the store, in order, in a thread of its own.', async () => {
  using store = new TemporaryStore();
  await using thread = startStoreThread(store.path);
  const { client } = thread;
  expect(await client.opened).toEqual({ lastDueMs: undefined, nextRoundId: 1, openRounds: [] });
  const [room, receiver] = await client.register([
    roomSeries('room-1', { team: 'music' }),
    receiverSeries('room-1', 'anchor'),
  ]);
  if (room === undefined || receiver === undefined) throw new Error('two series give two registrations');

  const rooms = client.beginRound(roundAt('room_stats', startMs), 1_300);
  const gifts = client.beginRound(roundAt('gift_count', startMs), 3);
  for (let index = 0; index < 1_200; index++) client.append(room, rooms, sampleAt(startMs + index), `state ${index}`);
  client.append(receiver, gifts, sampleAt(startMs, { totals: [1, 2, 3], deltas: [1, 0, 0] }), 'receiver');
  client.saveState(receiver, 'gone');
  client.countFailed(gifts, startMs);
  client.countSkipped(gifts, 1, startMs + 7_000);
  client.endRound(gifts);
  expect(client.unacknowledged).toBe(1_201);
  await client.flush();

  expect(client.unacknowledged).toBe(0);
  expect(await client.status()).toMatchObject({
    committed: { room_stats: 1_200, gift_count: 1 },
    commitProblem: undefined,
  });
  await client.close();
  using journal = store.open();
  const rows = journal.readRows('room_stats', { fromId: 0, toId: 2_000 }, 2_000);
  expect(rows.map(({ sample }) => sample.dueMs - startMs)).toEqual(Array.from({ length: 1_200 }, (_, index) => index));
  expect(journal.openRounds().map(({ counts }) => counts)).toEqual([
    { due: 1_300, polled: 1_200, failed: 0, skipped: 0, cutOff: 0 },
  ]);
  expect(store.query('SELECT polled, failed, skipped, cut_off FROM round WHERE ended')).toEqual([
    { polled: 1, failed: 1, skipped: 1, cut_off: 0 },
  ]);
  expect(journal.register([receiverSeries('room-1', 'anchor')])[0]?.state).toBe('gone');
  expect(journal.lastDueMs()).toBe(startMs + 7_000);
});

test('Thousands of series are registered in their order.', async () => {
  using store = new TemporaryStore();
  await using thread = startStoreThread(store.path);
  await thread.client.opened;

  const series = Array.from({ length: 2_500 }, (_, index) => roomSeries(`room-${index}`));
  const registrations = await thread.client.register(series);

  expect(registrations.map(({ seriesId }) => seriesId)).toEqual(series.map((_, index) => index + 1));
});

test('A store that cannot be opened is a rejected promise with the words for the operator.', async () => {
  using store = new TemporaryStore();
  using journal = store.open();
  await using thread = startStoreThread(store.path);

  await expect(thread.client.opened).rejects.toThrow('is in use by process 1234 on studio (livetally run');

  await expect(thread.client.flush()).rejects.toThrow('is in use by process 1234');
  expect(journal.status().committed.room_stats).toBe(0);
});
