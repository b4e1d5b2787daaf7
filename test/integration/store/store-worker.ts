import { parentPort, workerData } from 'node:worker_threads';
import { openJournal } from '../../../src/store/journal.ts';
import { serveStore } from '../../../src/store/serve-store.ts';
import { systemClock } from '../../../src/system-clock.ts';

/** Entry of a thread that holds nothing but the store; `workerData` is its path. */
const journal = openJournal({
  path: workerData,
  clock: systemClock,
  keepMs: 1e12,
  maxSizeBytes: 1e12,
  sinks: ['influxdb'],
  holder: { pid: process.pid, host: 'studio', command: 'livetally run' },
});
const server = serveStore({
  journal,
  clock: systemClock,
  send: (message) => parentPort?.postMessage(message),
  onCommitted: () => {},
});
parentPort?.on('message', (message) => server.receive(message));
