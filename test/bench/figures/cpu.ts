import { setTimeout as delay } from 'node:timers/promises';
import { startInfluxdb2 } from '../../real/servers/influxdb-2.ts';
import { type Contender, startContender } from '../contender.ts';
import type { BenchContext, Figure, Measurement } from '../figure.ts';
import { startLivetally } from '../livetally.ts';
import { startNaiveCollector, startTelegraf } from '../rivals.ts';
import type { Workload } from '../workload.ts';

/** What the documented limits allow: 95 % of 100 rooms a second, and with the receivers 95 % of 300. */
const workloads: readonly (readonly [name: string, workload: Workload])[] = [
  ['100/s', { rooms: 1425, receivers: 0, intervalSeconds: 15 }],
  ['300/s', { rooms: 1425, receivers: 2850, intervalSeconds: 15 }],
];

/** CPU time per poll, from the request to the point in InfluxDB, of the collector alone: not of the server it writes to. */
export const cpu: Figure = {
  name: 'cpu',
  async run(context) {
    const measurements: Measurement[] = [];
    for (const [name, workload] of workloads) {
      measurements.push(...(await compare(name, workload, context)));
    }
    return measurements;
  },
};

/**
 * All three at the same time, so that whatever else the machine does slows them alike, and long after their start: collectors run
 * for months, and V8 takes some ten thousand polls to compile what is hot.
 */
async function compare(rate: string, workload: Workload, { isQuick, log }: BenchContext): Promise<Measurement[]> {
  const [warmUpSeconds, measuredSeconds] = isQuick ? [60, 20] : [120, 90];
  await using influxdb = await startInfluxdb2();
  await using livetally = await startContender('livetally', startLivetally, { workload, influxdb });
  await using naive = await startContender('naive', startNaiveCollector, { workload, influxdb });
  await using telegraf = await startContender('telegraf', startTelegraf, { workload, influxdb });
  log(`${rate}: ${warmUpSeconds} s to warm up, then ${measuredSeconds} s measured`);
  await delay(warmUpSeconds * 1000);
  const [ours = Number.NaN, ofNaive = Number.NaN, ofTelegraf = Number.NaN] = await Promise.all(
    [livetally, naive, telegraf].map((contender) => microsecondsPerPoll(contender, measuredSeconds)),
  );
  for (const contender of [livetally, naive, telegraf]) await contender.stopAndCheck();

  const against = (what: string, theirs: number, bound: number): Measurement => ({
    figure: `CPU per poll at ${rate}`,
    bound: { kind: 'at_most', value: bound },
    value: ours / theirs,
    livetally: `${ours.toFixed(0)} us`,
    beside: `${theirs.toFixed(0)} us, ${what}`,
  });
  return [
    against('the same packages wired as their READMEs show', ofNaive, 0.5),
    against('Telegraf 1.37.2', ofTelegraf, 0.25),
  ];
}

async function microsecondsPerPoll(contender: Contender, seconds: number): Promise<number> {
  const from = await contender.observe();
  await delay(seconds * 1000);
  const to = await contender.observe();
  return ((to.cpuSeconds - from.cpuSeconds) / (to.polls - from.polls)) * 1e6;
}
