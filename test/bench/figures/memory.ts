import { setTimeout as delay } from 'node:timers/promises';
import { startInfluxdb2 } from '../../real/servers/influxdb-2.ts';
import { startContender } from '../contender.ts';
import type { Figure } from '../figure.ts';
import { buildAsInImage, startLivetally } from '../livetally.ts';
import { type MemoryUse, mebibytes, observeMemory } from '../process-usage.ts';
import { startTelegraf } from '../rivals.ts';

const workload = { rooms: 1000, receivers: 0, intervalSeconds: 15 };

/** Resident memory of both, started at the same time, after they have worked side by side. */
export const memory: Figure = {
  name: 'memory',
  async run({ isQuick, log }) {
    const [minutes, observedSeconds] = isQuick ? [1, 10] : [10, 30];
    const command = await buildAsInImage();
    await using influxdb = await startInfluxdb2();
    await using livetally = await startContender('livetally', (settings) => startLivetally({ ...settings, command }), {
      workload,
      influxdb,
    });
    await using telegraf = await startContender('telegraf', startTelegraf, { workload, influxdb });
    log(`${minutes} min with ${workload.rooms} rooms, livetally as ${command.join(' ')}`);
    await delay(minutes * 60_000 - observedSeconds * 1000);
    const contenders = [livetally, telegraf];
    const [ours, theirs] = await Promise.all(
      contenders.map((contender) => observeMemory(contender.process.pid, observedSeconds)),
    );
    for (const contender of contenders) await contender.stopAndCheck();
    if (ours === undefined || theirs === undefined) throw new Error('a contender was not observed');
    const inWords = ({ residentBytes, peakBytes }: MemoryUse) =>
      `${mebibytes(residentBytes)} MiB (at most ${mebibytes(peakBytes)})`;
    return [
      {
        figure: `resident memory after ${minutes} min, 1,000 rooms`,
        bound: { kind: 'at_most', value: 1 },
        value: ours.residentBytes / theirs.residentBytes,
        livetally: inWords(ours),
        beside: `${inWords(theirs)}, Telegraf 1.37.2`,
      },
    ];
  },
};
