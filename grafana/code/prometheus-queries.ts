import type { MetricName } from '../../src/telemetry/metric-table.ts';
import type { Query } from './query-target.ts';

/** One curve, or number, for each series that the expression yields. */
export function expr(text: string, legend: string): Query {
  return { source: 'prometheus', text, format: 'time_series', legend };
}

/** A typed name: a metric that livetally does not have is no metric here. */
export function metric(name: MetricName): string {
  return name;
}

/** Prometheus' data source escapes the variable itself, twice as its strings need it. */
export function ofApp(name: MetricName): string {
  return `${name}{app=~"$app"}`;
}

export function rate(name: MetricName): string {
  return `rate(${ofApp(name)}[$__rate_interval])`;
}

/** What half of them, and 99 of 100, stay below. */
export function quantiles(histogram: MetricName, legend: string): readonly [Query, Query] {
  const buckets = `sum by (app, endpoint, le) (rate(${histogram}_bucket{app=~"$app"}[$__rate_interval]))`;
  return [
    expr(`histogram_quantile(0.5, ${buckets})`, `${legend} half`),
    expr(`histogram_quantile(0.99, ${buckets})`, `${legend} 99 of 100`),
  ];
}
