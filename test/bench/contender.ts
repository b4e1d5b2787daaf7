import { tiers } from '../../src/model/window.ts';
import type { Influxdb2 } from '../real/servers/influxdb-2.ts';
import type { ServerProcess } from '../real/servers/spawn-server.ts';
import { readCpuSeconds } from './process-usage.ts';
import { answeredPolls, networkDelay, startBenchSimulator } from './simulator.ts';
import type { CollectorSettings, Workload } from './workload.ts';

/** A collector at work: its own simulator before it, its own bucket behind it. */
export type Contender = AsyncDisposable & {
  readonly process: ServerProcess;
  /** Since its start. */
  observe(): Promise<{ readonly cpuSeconds: number; readonly polls: number }>;
  /** Ends it, and throws where its answers did not reach InfluxDB: a collector that loses them would be the cheapest of all. */
  stopAndCheck(): Promise<void>;
};

export async function startContender(
  name: string,
  start: (settings: CollectorSettings) => Promise<ServerProcess>,
  { workload, influxdb }: { readonly workload: Workload; readonly influxdb: Influxdb2 },
): Promise<Contender> {
  await using resources = new AsyncDisposableStack();
  const simulator = resources.use(await startBenchSimulator({ ...workload, limits: null, networkDelay }));
  await influxdb.createBucket(name);
  for (const tier of tiers) await influxdb.createBucket(`${name}_${tier}`);
  const { url, org, token } = influxdb;
  const simulatorUrl = simulator.server.url;
  const process = resources.use(await start({ workload, simulatorUrl, influxdb: { url, org, token, bucket: name } }));
  const held = resources.move();
  return {
    process,
    async observe() {
      const [cpuSeconds, traffic] = await Promise.all([readCpuSeconds(process.pid), simulator.report()]);
      return { cpuSeconds, polls: answeredPolls(traffic) };
    },
    async stopAndCheck() {
      await process.stop();
      const answered = answeredPolls(await simulator.report());
      const stored = await countPoints(influxdb, name);
      if (!(stored >= 0.98 * answered)) {
        throw new Error(`${name} brought only ${stored} of ${answered} answers into InfluxDB: it cannot be compared`);
      }
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Samples in a bucket, of both endpoints. */
async function countPoints(influxdb: Influxdb2, bucket: string): Promise<number> {
  const query = 'SELECT count(total_viewers) FROM room_stats; SELECT count(total_count) FROM gift_count';
  const counts = await influxdb.influxql(query, { bucket });
  return counts.reduce((sum, row) => sum + Number(row['count']), 0);
}
