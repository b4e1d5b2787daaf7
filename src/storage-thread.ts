import { parentPort, workerData } from 'node:worker_threads';
import { openStorage } from './storage.ts';
import { systemClock, systemRandom } from './system-clock.ts';

/** The entry of the storage thread. An exception ends the thread, which the collector takes as the loss of the store. */
const port = parentPort;
if (port === null) throw new Error('storage-thread.ts is the entry of a thread, not a program');
const storage = openStorage(workerData, {
  clock: systemClock,
  random: systemRandom,
  send: (message) => port.postMessage(message),
});
port.on('message', storage.receive);
