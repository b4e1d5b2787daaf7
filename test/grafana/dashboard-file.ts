import * as z from 'zod';

const dataSource = z.object({ type: z.string(), uid: z.string() });

const influxqlTarget = z.object({
  refId: z.string(),
  datasource: dataSource,
  query: z.string(),
  rawQuery: z.literal(true),
  resultFormat: z.enum(['time_series', 'table']),
  alias: z.string().optional(),
});
const prometheusTarget = z.object({
  refId: z.string(),
  datasource: dataSource,
  expr: z.string(),
  legendFormat: z.string().optional(),
});

const override = z.object({
  matcher: z.object({ id: z.string(), options: z.string() }),
  properties: z.array(z.object({ id: z.string(), value: z.unknown() })),
});
const panel = z.object({
  type: z.enum(['timeseries', 'stat', 'table']),
  id: z.number(),
  title: z.string(),
  description: z.string(),
  datasource: dataSource,
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  fieldConfig: z.object({
    defaults: z.object({ unit: z.string(), noValue: z.string(), displayName: z.string().optional() }).loose(),
    overrides: z.array(override),
  }),
  targets: z.array(z.union([influxqlTarget, prometheusTarget])).min(1),
  transformations: z.array(z.object({ id: z.string(), options: z.record(z.string(), z.unknown()) })).optional(),
  timeFrom: z.string().optional(),
  interval: z.string().optional(),
  maxDataPoints: z.number().optional(),
});
const row = z.object({
  type: z.literal('row'),
  id: z.number(),
  title: z.string(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  panels: z.array(panel),
  collapsed: z.boolean().default(false),
});
const variable = z.object({
  type: z.literal('query'),
  name: z.string(),
  label: z.string(),
  datasource: dataSource,
  query: z.object({ query: z.string() }),
  multi: z.boolean(),
  includeAll: z.boolean(),
  allValue: z.string().optional(),
  refresh: z.number(),
  regex: z.string().default(''),
});
const annotation = z.object({
  name: z.string(),
  datasource: dataSource,
  target: influxqlTarget,
  mappings: z.record(z.string(), z.object({ source: z.string(), value: z.string() })),
  placement: z.string().optional(),
});
const link = z.object({
  type: z.string(),
  tags: z.array(z.string()),
  keepTime: z.boolean(),
  includeVars: z.boolean(),
  placement: z.string().optional(),
});

const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  timezone: z.string(),
  schemaVersion: z.number(),
  time: z.object({ from: z.string(), to: z.string() }),
  links: z.array(link),
  templating: z.object({ list: z.array(variable) }),
  annotations: z.object({ list: z.array(annotation).default([]) }),
  panels: z.array(z.discriminatedUnion('type', [row, panel])),
});

export type Dashboard = z.infer<typeof dashboard>;
export type DashboardPanel = z.infer<typeof panel>;
export type InfluxqlTarget = z.infer<typeof influxqlTarget>;
export type PrometheusTarget = z.infer<typeof prometheusTarget>;
export type DashboardVariable = z.infer<typeof variable>;
export type DashboardAnnotation = z.infer<typeof annotation>;

/** What of a dashboard's JSON tests look at. Throws where it has not the form that livetally generates. */
export function readDashboard(json: string): Dashboard {
  return dashboard.parse(JSON.parse(json));
}

/** Those in collapsed rows too. */
export function panelsOf({ panels }: Dashboard): readonly DashboardPanel[] {
  return panels.flatMap((one) => (one.type === 'row' ? one.panels : [one]));
}

export function isInfluxql(target: DashboardPanel['targets'][number]): target is InfluxqlTarget {
  return 'query' in target;
}
