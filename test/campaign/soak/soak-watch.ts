import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import type { Endpoint } from '../../../src/model/target.ts';
import { residentBytes } from '../limits/usage-watch.ts';
import { type MetricSample, readMetrics, sumOf } from '../upstream/metrics-text.ts';

/** What is to be seen of the program from outside at one instant. */
export type Glance = {
  /** Of the run. */
  readonly atSecond: number;
  readonly residentBytes: number;
  readonly descriptors: number;
  /** Those of them that are open connections to the service. */
  readonly connections: number;
  readonly logBytes: number;
  /** Of the event loop, the longest since the glance before. */
  readonly lagSeconds: number;
  /** By livetally's own metric: the sink of the samples. */
  readonly isSinkUp: boolean;
  /** Since the start. */
  readonly requests: Readonly<Record<Endpoint, number>>;
  readonly answered: Readonly<Record<Endpoint, number>>;
};

export type Watched = {
  readonly pid: number;
  readonly metricsUrl: string;
  readonly store: string;
  /** On this machine. */
  readonly servicePort: number;
};

/** The metric is of a timer that livetally sets to it, in `telemetry/metrics.ts`. */
const lagStepSeconds = 0.5;
/** In /proc/net/tcp. */
const established = '01';
const inodeField = 9;

export async function glance({ pid, metricsUrl, store, servicePort }: Watched, beganMs: number): Promise<Glance> {
  const metrics = await scrape(metricsUrl);
  const descriptors = openDescriptors(pid);
  return {
    atSecond: (performance.now() - beganMs) / 1000,
    residentBytes: residentBytes(pid),
    descriptors: descriptors.length,
    connections: countConnections(descriptors, servicePort),
    logBytes: statSync(`${store}-wal`).size,
    lagSeconds: Math.max(0, sumOf(metrics, 'nodejs_eventloop_lag_max_seconds') - lagStepSeconds),
    isSinkUp: sumOf(metrics, 'livetally_sink_up', { sink: 'influxdb' }) === 1,
    requests: ofEndpoints((endpoint) => sumOf(metrics, 'livetally_requests_total', { endpoint })),
    answered: ofEndpoints((endpoint) => sumOf(metrics, 'livetally_polls_total', { endpoint, outcome: 'answered' })),
  };
}

export async function scrape(metricsUrl: string): Promise<readonly MetricSample[]> {
  return readMetrics(await (await fetch(metricsUrl)).text());
}

function ofEndpoints(count: (endpoint: Endpoint) => number): Record<Endpoint, number> {
  return { room_stats: count('room_stats'), gift_count: count('gift_count') };
}

/** What each is of, such as `socket:[4711]`. */
function openDescriptors(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return readlinkSync(`${folder}/${name}`);
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}

/** Connections that both sides have open: one that only this side has not closed is none. */
function countConnections(descriptors: readonly string[], port: number): number {
  const own = new Set(descriptors);
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote, state]) => remote?.endsWith(`:${hexPort}`) && state === established)
    .filter((fields) => own.has(`socket:[${fields[inodeField]}]`)).length;
}
