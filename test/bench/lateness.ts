import { type MetricSample, readMetrics, sumOf } from '../campaign/upstream/metrics-text.ts';
import { readText } from '../real/servers/json-answer.ts';

const name = 'livetally_poll_lateness_seconds';

/** How late the polls of a livetally began, by its own metrics. */
export type Lateness = { readonly polls: number; readonly meanMs: number; readonly p99Ms: number };

/** All polls since the start. */
export type LatenessCounts = readonly MetricSample[];

export async function readLateness(url: string): Promise<LatenessCounts> {
  const metrics = readMetrics(await readText(await fetch(`${url}/metrics`)));
  return metrics.filter((sample) => sample.name.startsWith(name));
}

/** Of the polls between two readings. */
export function latenessBetween(from: LatenessCounts, to: LatenessCounts): Lateness {
  const grown = (metric: string, labels = {}) => sumOf(to, metric, labels) - sumOf(from, metric, labels);
  const polls = grown(`${name}_count`);
  const bounds = [...new Set(to.flatMap(({ labels }) => (labels['le'] === undefined ? [] : [labels['le']])))];
  const buckets = bounds
    .map((le) => ({ boundMs: Number(le.replace('+Inf', 'Infinity')) * 1000, polls: grown(`${name}_bucket`, { le }) }))
    .sort((a, b) => a.boundMs - b.boundMs);
  return { polls, meanMs: (1000 * grown(`${name}_sum`)) / polls, p99Ms: quantile(0.99 * polls, buckets) };
}

/** As Prometheus does it: even within a bucket; beyond the last bound it is that bound. */
function quantile(rank: number, buckets: readonly { readonly boundMs: number; readonly polls: number }[]): number {
  let below = { boundMs: 0, polls: 0 };
  for (const bucket of buckets) {
    if (bucket.boundMs === Number.POSITIVE_INFINITY) break;
    if (bucket.polls >= rank) {
      const share = (rank - below.polls) / (bucket.polls - below.polls);
      return below.boundMs + share * (bucket.boundMs - below.boundMs);
    }
    below = bucket;
  }
  return below.boundMs;
}
