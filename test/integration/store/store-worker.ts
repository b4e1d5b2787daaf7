import { parentPort, workerData } from 'node:worker_threads';
import { createRollUp } from '../../../src/roll-up/roll-up.ts';
import { openJournal } from '../../../src/store/journal.ts';
import { serveStore } from '../../../src/store/serve-store.ts';
import { systemClock } from '../../../src/system-clock.ts';
import { rollUpOptions, sinkOf } from './temporary-store.ts';

/** Entry of a thread that holds nothing but the store; `workerData` is its path. */
const journal = openJournal({
  path: workerData,
  clock: systemClock,
  keepMs: 1e12,
  keepTiersMs: { '5m': 1e12, '1h': 1e12, '1d': 1e12, '1mo': 1e12 },
  maxSizeBytes: 1e12,
  sinks: [sinkOf('influxdb')],
  rollUp: createRollUp(rollUpOptions),
  onForgotten: () => {},
  onDamagedRows: () => {},
  onTornCommit: () => {},
  holder: { pid: process.pid, host: 'studio', command: 'livetally run' },
});
const server = serveStore({
  journal,
  clock: systemClock,
  send: (message) => parentPort?.postMessage(message),
  onCommitted: () => {},
  onRolledUp: () => {},
});
parentPort?.on('message', (message) => server.receive(message));
