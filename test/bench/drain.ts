import { setTimeout as delay } from 'node:timers/promises';
import type { Influxdb2 } from '../real/servers/influxdb-2.ts';
import { readText } from '../real/servers/json-answer.ts';
import { readFreshAgeMs } from './fresh-data.ts';
import { type Lateness, latenessBetween, readLateness } from './lateness.ts';
import { readMemory } from './process-usage.ts';
import type { Workload } from './workload.ts';

/** A backlog on its way into an InfluxDB, beside a livetally that polls. */
export type Draining = {
  readonly influxdb: Influxdb2;
  readonly livetally: { readonly pid: number; readonly url: string };
  readonly workload: Workload;
  readonly points: number;
  readonly log: (line: string) => void;
};

/** What was seen from a twentieth of the points to the last but a twentieth: starts and ends are left out. */
export type Drain = {
  readonly pointsPerSecond: number;
  /** Means over the first and the last eighth of the time. */
  readonly residentBytes: { readonly beginning: number; readonly end: number };
  /** Of the data that came in meanwhile, at its worst; see `readFreshAgeMs`. */
  readonly freshAgeMs: number;
  readonly lateness: Lateness;
};

const [fromShare, toShare] = [0.05, 0.95];
const lookMs = 250;
/** A thousandth of what InfluxDB can do in that time. */
const freshLookMs = 5_000;
/** A third of what two cores give. */
const leastPointsPerSecond = 10_000;
const leastDeadlineMs = 300_000;

type Glance = { readonly atMs: number; readonly written: number; readonly residentBytes: number };

export async function observeDrain({ influxdb, livetally, workload, points, log }: Draining): Promise<Drain> {
  const before = await countWritten(influxdb);
  const deadlineMs = performance.now() + Math.max(leastDeadlineMs, (1000 * points) / leastPointsPerSecond);
  async function look(): Promise<Glance> {
    const [all, { residentBytes }] = await Promise.all([countWritten(influxdb), readMemory(livetally.pid)]);
    const glance = { atMs: performance.now(), written: all - before, residentBytes };
    if (glance.atMs > deadlineMs) throw new Error(`only ${glance.written} of ${points} points arrived in time`);
    await delay(lookMs);
    return glance;
  }

  let first = await look();
  while (first.written < fromShare * points) first = await look();
  const latenessBefore = await readLateness(livetally.url);
  const glances = [first];
  let last = first;
  let freshAgeMs = 0;
  let nextFreshMs = first.atMs;
  let nextTenth = 0.1;
  while (last.written < toShare * points) {
    last = await look();
    glances.push(last);
    if (last.atMs >= nextFreshMs) {
      freshAgeMs = Math.max(freshAgeMs, await readFreshAgeMs(influxdb, workload));
      nextFreshMs = last.atMs + freshLookMs;
    }
    if (last.written >= nextTenth * points) {
      const tenths = Math.floor((10 * last.written) / points);
      log(`${10 * tenths} % after ${((last.atMs - first.atMs) / 1000).toFixed(0)} s`);
      nextTenth = (tenths + 1) / 10;
    }
  }
  const eighth = Math.ceil(glances.length / 8);
  return {
    pointsPerSecond: ((last.written - first.written) / (last.atMs - first.atMs)) * 1000,
    residentBytes: { beginning: meanMemory(glances.slice(0, eighth)), end: meanMemory(glances.slice(-eighth)) },
    freshAgeMs,
    lateness: latenessBetween(latenessBefore, await readLateness(livetally.url)),
  };
}

/** Points that InfluxDB has stored since its start, by its own count. */
async function countWritten({ url }: Influxdb2): Promise<number> {
  const metrics = await readText(await fetch(`${url}/metrics`));
  const line = /^storage_writer_ok_points_sum\{.*\} (\S+)$/m.exec(metrics);
  return Number(line?.[1] ?? 0);
}

function meanMemory(glances: readonly Glance[]): number {
  return glances.reduce((sum, { residentBytes }) => sum + residentBytes, 0) / glances.length;
}
