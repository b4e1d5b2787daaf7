import { parentPort, workerData } from 'node:worker_threads';
import { loadConfig } from './config/load.ts';
import { readCron } from './poll/cron.ts';

/** The entry of a thread that reads the configuration and ends: what parsing takes is given back before the first poll. */
parentPort?.postMessage(
  await loadConfig({
    ...workerData,
    readCron: (expression, timezone) => {
      const reading = readCron(expression, timezone);
      return reading.status === 'read' ? { status: 'read', intervalMs: reading.cron.intervalMs } : reading;
    },
  }),
);
