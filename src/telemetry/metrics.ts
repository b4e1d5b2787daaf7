import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type MetricName, metricTable } from './metric-table.ts';

type NameOfKind<Kind extends string> = {
  [Name in MetricName]: (typeof metricTable)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];
type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof metricTable)[Name]['labels'][number], string>>;

/** Recorders for the metrics of the table. Reading them runs the `beforeScrape` functions first, so that gauges are fresh. */
export type Metrics = {
  /** Adds `by` (1 when left out); adding 0 makes the series appear before its first event. */
  count<Name extends NameOfKind<'counter'>>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  /** For counters that are kept elsewhere, such as in the store: sets the running total. */
  setTotal<Name extends NameOfKind<'counter'>>(name: Name, labels: LabelsOf<Name>, total: number): void;
  set<Name extends NameOfKind<'gauge'>>(name: Name, labels: LabelsOf<Name>, value: number): void;
  observe<Name extends NameOfKind<'histogram'>>(name: Name, labels: LabelsOf<Name>, value: number): void;
  beforeScrape(refresh: () => Promise<void> | void): void;
  /** The exposition text of all metrics. */
  text(): Promise<string>;
  readonly contentType: string;
};

/** How often the lag of the event loop is looked at: at the default of 10 ms that alone wakes the process up a hundred times a second. */
const lagPrecisionMs = 500;

/** prom-client ends the names of these gauges in `_total`, which the naming rules keep for counters. */
const misnamedDefaults = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
] as const;

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: lagPrecisionMs });
  for (const name of misnamedDefaults) registry.removeSingleMetric(name);
  const counters = new Map<MetricName, Counter>();
  const gauges = new Map<MetricName, Gauge>();
  const histograms = new Map<MetricName, Histogram>();
  for (const name of metricNames()) {
    const { kind, help, labels } = metricTable[name];
    const options = { name, help, labelNames: [...labels], registers: [registry] };
    if (kind === 'counter') counters.set(name, new Counter(options));
    else if (kind === 'gauge') gauges.set(name, new Gauge(options));
    else histograms.set(name, new Histogram({ ...options, buckets: [...metricTable[name].buckets] }));
  }
  const refreshes: (() => Promise<void> | void)[] = [];
  return {
    count: (name, labels, by = 1) => counters.get(name)?.inc(labels, by),
    setTotal: (name, labels, total) => {
      const counter = counters.get(name);
      counter?.remove(labels);
      counter?.inc(labels, total);
    },
    set: (name, labels, value) => gauges.get(name)?.set(labels, value),
    observe: (name, labels, value) => histograms.get(name)?.observe(labels, value),
    beforeScrape: (refresh) => {
      refreshes.push(refresh);
    },
    text: async () => {
      await Promise.all(refreshes.map((refresh) => refresh()));
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

function metricNames(): MetricName[] {
  return Object.keys(metricTable).filter((name): name is MetricName => name in metricTable);
}
