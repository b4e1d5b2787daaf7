import {
  counters,
  sampleFieldNames,
  sessionFieldNames,
  sessionMeasurement,
  windowFieldNames,
} from '../../src/model/measurement.ts';
import { endpoints } from '../../src/model/target.ts';
import { metricTable } from '../../src/telemetry/metric-table.ts';
import type { Dashboard, DashboardPanel, InfluxqlTarget } from './dashboard-file.ts';
import { isInfluxql, panelsOf } from './dashboard-file.ts';

/** Every query of a dashboard, with where it is. */
export function queriesOf(
  dashboard: Dashboard,
): readonly { readonly where: string; readonly text: string; readonly uid: string }[] {
  return [
    ...panelsOf(dashboard).flatMap((panel) =>
      panel.targets.map((target) => ({
        where: `panel ${panel.title}`,
        text: isInfluxql(target) ? target.query : target.expr,
        uid: target.datasource.uid,
      })),
    ),
    ...dashboard.templating.list.map(({ name, query, datasource }) => ({
      where: `variable ${name}`,
      text: query.query,
      uid: datasource.uid,
    })),
    ...dashboard.annotations.list.map(({ name, target, datasource }) => ({
      where: `annotation ${name}`,
      text: target.query,
      uid: datasource.uid,
    })),
  ];
}

/** Names of variables that a query uses, Grafana's own left out. */
export function variablesUsedIn(text: string): readonly string[] {
  const own = /^(__|timeFilter)/;
  return [...text.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name).filter((name) => !own.test(name));
}

/** Identifiers of an InfluxQL query that are neither written by livetally nor given by the query itself. */
export function unknownNames(text: string, labels: readonly string[]): readonly string[] {
  const given = [...text.matchAll(/ AS "((?:[^"\\]|\\.)*)"/g)].map(([, name]) => name);
  const known = new Set([...writtenNames, ...labels, ...given]);
  return namesIn(text).filter((name) => !known.has(name));
}

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, name = '']) => name.replaceAll(/\\(.)/g, '$1'));
}

const tags = ['app', 'room_id', 'user_id'];

const writtenNames: readonly string[] = [
  ...endpoints,
  sessionMeasurement,
  ...tags,
  ...endpoints.flatMap((endpoint) =>
    counters[endpoint].flatMap(({ total, delta, gapDelta, peak, opening }) => [total, delta, gapDelta, peak, opening]),
  ),
  ...sampleFieldNames,
  ...windowFieldNames,
  ...sessionFieldNames,
];

/** Tags among the columns that the queries of a panel bring: those of their outermost SELECT. */
export function tagsShown({ targets }: DashboardPanel, labels: readonly string[]): readonly string[] {
  const columns = targets.filter(isInfluxql).flatMap(({ query }) => namesIn(query.slice(0, query.indexOf(' FROM '))));
  return [...tags, ...labels].filter((tag) => columns.includes(tag));
}

/**
 * What Grafana calls the series of a query whose tags have these values: by the display name of the panel; by the alias, in which its InfluxDB data
 * source looks for this pattern (of Go, whose words are ASCII); or by all tags and their values.
 */
export function legendOf(
  { fieldConfig }: DashboardPanel,
  { alias }: InfluxqlTarget,
  values: Readonly<Record<string, string>>,
): string {
  const { displayName } = fieldConfig.defaults;
  if (displayName !== undefined) {
    return displayName.replaceAll(/\$\{__field\.([^:^}]+)\}/g, (_, path: string) => {
      const [, name = ''] = /^labels\["((?:[^"\\]|\\.)*)"\]$/.exec(path) ?? [];
      return values[name.replaceAll(/\\(.)/g, '$1')] ?? '';
    });
  }
  if (alias === undefined) return JSON.stringify(values);
  return alias.replaceAll(/\$([@\w-]+)/g, (written, name: string) => values[name.replace(/^tag_/, '')] ?? written);
}

/** The tags that tell the series of a query apart: of its last GROUP BY, which is the outermost. */
export function seriesTags(text: string): readonly string[] {
  return namesIn(text.slice(text.lastIndexOf('GROUP BY ')));
}

/** The unit of a column, by its override or by default. */
export function unitOf({ fieldConfig: { defaults, overrides } }: DashboardPanel, column: string): unknown {
  const properties = overrides.filter(({ matcher }) => matcher.id === 'byName' && matcher.options === column);
  return properties.flatMap((one) => one.properties).find(({ id }) => id === 'unit')?.value ?? defaults.unit;
}

/** Metrics of an expression that neither livetally nor prom-client's own process metrics have. */
export function unknownMetrics(text: string): readonly string[] {
  const names = [...text.matchAll(/\b(?:livetally|process|nodejs)_\w+/g)].map(([name]) => name);
  const known = new Set([
    ...Object.entries(metricTable).flatMap(([name, { kind }]) => (kind === 'histogram' ? [`${name}_bucket`] : [name])),
    'process_resident_memory_bytes',
    'nodejs_eventloop_lag_p99_seconds',
    'nodejs_eventloop_lag_min_seconds',
  ]);
  return names.filter((name) => !known.has(name));
}

/** Pairs of panels that share a place on the grid, and panels that leave it; those in collapsed rows where they come to lie. */
export function misplaced(dashboard: Dashboard): readonly string[] {
  const rows = dashboard.panels.filter(({ type }) => type === 'row');
  const panels = [...rows, ...panelsOf(dashboard)];
  const outside = panels
    .filter(({ gridPos: { x, w } }) => x < 0 || x + w > 24)
    .map(({ title }) => `${title} leaves the grid`);
  const overlaps = panels.flatMap((one, index) =>
    panels
      .slice(index + 1)
      .filter((other) => overlap(one.gridPos, other.gridPos))
      .map((other) => `${one.title} lies on ${other.title}`),
  );
  return [...outside, ...overlaps];
}

type Place = DashboardPanel['gridPos'];

function overlap(a: Place, b: Place): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
