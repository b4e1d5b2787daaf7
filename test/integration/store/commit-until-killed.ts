import { setImmediate } from 'node:timers/promises';
import { startStoreThread } from './store-thread.ts';
import { roomSeries, roundAt, sampleAt, startMs } from './temporary-store.ts';

/** A program that commits samples for ever, and says up to which due instant they are on the disk. */
await using thread = startStoreThread(process.argv[2] ?? '');
const { client } = thread;
const { lastDueMs = startMs } = await client.opened;
const [registration] = await client.register([roomSeries('room-1')]);
if (registration === undefined) throw new Error('one series gives one registration');

for (let dueMs = lastDueMs + 1; ; ) {
  const roundId = client.beginRound(roundAt('room_stats', dueMs), 100);
  for (let row = 0; row < 100; row++) client.append(registration, roundId, sampleAt(dueMs++), `${dueMs}`);
  client.endRound(roundId);
  await client.flush();
  process.stdout.write(`${dueMs - 1}\n`);
  await setImmediate();
}
