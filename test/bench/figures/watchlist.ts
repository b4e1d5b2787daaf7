import { setTimeout as delay } from 'node:timers/promises';
import { startInfluxdb2 } from '../../real/servers/influxdb-2.ts';
import { startContender } from '../contender.ts';
import type { Figure } from '../figure.ts';
import { buildAsInImage, startLivetally } from '../livetally.ts';
import { mebibytes, observeMemory } from '../process-usage.ts';

/** What the documented limits allow every 6 minutes: 83 rooms and 167 receivers a second. */
const workload = { rooms: 30_000, receivers: 60_000, intervalSeconds: 360 };

/** Resident memory once every target has been polled, or after a minute and a half when quick. */
export const watchlist: Figure = {
  name: 'watchlist',
  async run({ isQuick, log }) {
    const [seconds, observedSeconds] = isQuick ? [90, 10] : [2 * workload.intervalSeconds, 30];
    const command = await buildAsInImage();
    await using influxdb = await startInfluxdb2();
    await using livetally = await startContender('livetally', (settings) => startLivetally({ ...settings, command }), {
      workload,
      influxdb,
    });
    log(`${seconds} s with ${workload.rooms} rooms and ${workload.receivers} receivers`);
    await delay((seconds - observedSeconds) * 1000);
    const { residentBytes, peakBytes } = await observeMemory(livetally.process.pid, observedSeconds);
    const { polls } = await livetally.observe();
    await livetally.stopAndCheck();
    return [
      {
        figure: 'resident memory, 30,000 rooms and 60,000 receivers',
        bound: { kind: 'at_most', value: 200 },
        value: residentBytes / 2 ** 20,
        unit: 'MiB',
        livetally: `${mebibytes(residentBytes)} MiB (at most ${mebibytes(peakBytes)})`,
        beside: `absolute, after ${polls.toLocaleString('en-US')} polls in ${seconds} s`,
      },
    ];
  },
};
