import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { tierPlace } from '../../../src/model/tier-place.ts';
import { tiers } from '../../../src/model/window.ts';
import { systemClock } from '../../../src/system-clock.ts';
import { readMetrics, sumOf } from '../../campaign/upstream/metrics-text.ts';
import { type Influxdb2, startInfluxdb2 } from '../../real/servers/influxdb-2.ts';
import { readText } from '../../real/servers/json-answer.ts';
import type { ServerProcess } from '../../real/servers/spawn-server.ts';
import { fillStore, type Outage } from '../backlog-store.ts';
import { type Drain, observeDrain } from '../drain.ts';
import type { BenchContext, Figure, Measurement } from '../figure.ts';
import { type Lateness, latenessBetween, readLateness } from '../lateness.ts';
import { buildAsInImage, startLivetally } from '../livetally.ts';
import { mebibytes } from '../process-usage.ts';
import { networkDelay, startBenchSimulator } from '../simulator.ts';

/** 285 polls a second, both during the drain and beside the bare loader. */
const workload = { rooms: 1425, receivers: 2850, intervalSeconds: 15 };
const targets = workload.rooms + workload.receivers;
const intervalMs = workload.intervalSeconds * 1000;

/** An hour when quick: of less, the making of series in an InfluxDB that is new would be a good part. */
const sizes = {
  // Before InfluxDB is back every target was polled: the first round begins up to 15 s after the start, and takes as long.
  quick: { rounds: 240, warmUpMs: 24_000, observedMs: 8_000 },
  full: { rounds: 24 * 240, warmUpMs: 60_000, observedMs: 60_000 },
} as const;
type Size = (typeof sizes)['quick' | 'full'];

type Watched = { readonly drain: Drain; readonly before: Lateness; readonly after: Lateness };

/** An outage of InfluxDB of a day at the full rate: how fast it is made up for, and what that does to everything else. */
export const backlog: Figure = {
  name: 'backlog',
  async run({ isQuick, log }) {
    const size = isQuick ? sizes.quick : sizes.full;
    const outage = {
      rounds: size.rounds,
      firstMs: Math.floor(systemClock.wallMs()) - (size.rounds + 4) * intervalMs,
    };
    const command = await buildAsInImage();
    log(`${pointsOf(outage)} points through livetally`);
    const ours = await drainThroughLivetally({ outage, size, command, log });
    log(`${pointsOf(outage)} points through the bare loader`);
    const bare = await loadBare({ outage, size, command, log });
    return toMeasurements(ours, bare);
  },
};

/** Samples, and the windows of 5 minutes and of an hour. */
function pointsOf({ rounds }: Outage): number {
  const windows = [300_000, 3_600_000].map((lengthMs) => Math.floor((rounds * intervalMs) / lengthMs));
  return targets * windows.reduce((sum, count) => sum + count, rounds);
}

type Run = {
  readonly outage: Outage;
  readonly size: Size;
  readonly command: readonly string[];
  readonly log: BenchContext['log'];
};

async function drainThroughLivetally({ outage, size, command, log }: Run): Promise<Watched> {
  await using store = await fillStore(workload, outage, log);
  await using influxdb = await startInfluxdbWithTiers();
  // It is away until livetally polls as it always does.
  await influxdb.server.stop();
  await using simulator = await startBenchSimulator({ ...workload, limits: null, networkDelay });
  const settings = { workload, simulatorUrl: simulator.server.url, influxdb, command, storePath: store.path };
  await using livetally = await startLivetally(settings);
  await delay(size.warmUpMs);
  const before = await observeLateness(livetally, size.observedMs);
  await influxdb.server.restart();
  log('InfluxDB is back');
  const drain = await observeDrain({ influxdb, livetally, workload, points: pointsOf(outage), log });
  await untilNothingWaits(livetally);
  log('drained');
  return { drain, before, after: await observeLateness(livetally, size.observedMs) };
}

async function loadBare({ outage, size, command, log }: Run): Promise<Drain> {
  await using influxdb = await startInfluxdbWithTiers();
  await using simulator = await startBenchSimulator({ ...workload, limits: null, networkDelay });
  await using livetally = await startLivetally({ workload, simulatorUrl: simulator.server.url, influxdb, command });
  await delay(size.warmUpMs + size.observedMs);
  const { url, org, bucket, token } = influxdb;
  const options = { ...workload, ...outage, influxdb: { url, org, bucket, token } };
  const loader = join(import.meta.dirname, '../bare-loader.ts');
  const loading = promisify(execFile)(process.execPath, [loader, JSON.stringify(options)]);
  const observing = observeDrain({ influxdb, livetally, workload, points: pointsOf(outage), log });
  const [drain] = await Promise.all([observing, loading]);
  return drain;
}

async function startInfluxdbWithTiers(): Promise<Influxdb2> {
  const influxdb = await startInfluxdb2();
  for (const tier of tiers) await influxdb.createBucket(tierPlace(influxdb.bucket, tier));
  return influxdb;
}

async function observeLateness({ url }: ServerProcess, ms: number): Promise<Lateness> {
  const from = await readLateness(url);
  await delay(ms);
  return latenessBetween(from, await readLateness(url));
}

/** The rest of the backlog: no more than what has just come in. */
async function untilNothingWaits({ url }: ServerProcess): Promise<void> {
  const deadlineMs = performance.now() + 300_000;
  for (;;) {
    const metrics = readMetrics(await readText(await fetch(`${url}/metrics`)));
    const waiting = sumOf(metrics, 'livetally_samples_waiting') + sumOf(metrics, 'livetally_windows_waiting');
    if (waiting < targets) return;
    if (performance.now() > deadlineMs) throw new Error(`${waiting} rows still wait after the drain`);
    await delay(1_000);
  }
}

function toMeasurements({ drain, before, after }: Watched, bare: Drain): readonly Measurement[] {
  const speed = ({ pointsPerSecond }: Drain) => `${Math.round(pointsPerSecond).toLocaleString('en-US')} points/s`;
  const rounds = ({ freshAgeMs }: Drain) => freshAgeMs / intervalMs;
  const { beginning, end } = drain.residentBytes;
  const inWords = ({ meanMs, p99Ms }: Lateness) => `${meanMs.toFixed(0)} ms (p99 ${p99Ms.toFixed(0)} ms)`;
  return [
    {
      figure: 'backlog drained while polling at 285/s',
      bound: { kind: 'at_least', value: 0.8 },
      value: drain.pointsPerSecond / bare.pointsPerSecond,
      livetally: speed(drain),
      beside: `${speed(bare)}, a bare loader of the same points with the same client, beside the same polling`,
    },
    {
      figure: 'fresh data meanwhile: its age at worst, in rounds',
      bound: { kind: 'at_most', value: 2 },
      value: rounds(drain),
      livetally: `${(drain.freshAgeMs / 1000).toFixed(1)} s at the target where it is oldest`,
      beside: `a round of ${workload.intervalSeconds} s; ${rounds(bare).toFixed(3)} rounds beside the bare loader`,
    },
    {
      figure: 'resident memory at the end of the drain',
      bound: { kind: 'at_most', value: 1.1 },
      value: end / beginning,
      livetally: `${mebibytes(end)} MiB`,
      beside: `${mebibytes(beginning)} MiB at its beginning`,
    },
    {
      // The mean is exact; a quantile lies at the bound of a bucket, or anywhere behind it.
      figure: 'mean lateness of polls during the drain',
      bound: { kind: 'at_most', value: 1.25 },
      value: drain.lateness.meanMs / before.meanMs,
      livetally: inWords(drain.lateness),
      beside: `${inWords(before)} before it, ${inWords(after)} after it; ${inWords(bare.lateness)} beside the bare loader`,
    },
  ];
}
