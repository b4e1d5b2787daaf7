import { parse } from 'yaml';
import * as z from 'zod';

const refId = z.string().regex(/^\w+$/);

const reduce = z.strictObject({
  refId,
  type: z.literal('reduce'),
  expression: refId,
  reducer: z.literal('last'),
  settings: z.strictObject({ mode: z.literal('dropNN') }),
});
const math = z.strictObject({ refId, type: z.literal('math'), expression: z.string() });
const threshold = z.strictObject({
  refId,
  type: z.literal('threshold'),
  expression: refId,
  conditions: z.tuple([
    z.strictObject({ evaluator: z.strictObject({ type: z.literal('gt'), params: z.tuple([z.number()]) }) }),
  ]),
});
const classic = z.strictObject({
  refId,
  type: z.literal('classic_conditions'),
  conditions: z.array(
    z.strictObject({
      type: z.literal('query'),
      evaluator: z.strictObject({ type: z.enum(['gt', 'no_value']), params: z.array(z.number()) }),
      operator: z.strictObject({ type: z.literal('and') }),
      query: z.strictObject({ params: z.tuple([refId]) }),
      reducer: z.strictObject({ type: z.literal('last'), params: z.tuple([]) }),
    }),
  ),
});
const influxql = z.strictObject({
  refId,
  query: z.string(),
  rawQuery: z.literal(true),
  resultFormat: z.literal('time_series'),
  intervalMs: z.number(),
  maxDataPoints: z.number(),
});
const promql = z.strictObject({
  refId,
  expr: z.string(),
  instant: z.literal(true),
  range: z.literal(false),
  intervalMs: z.number(),
  maxDataPoints: z.number(),
});

const node = z.strictObject({
  refId,
  relativeTimeRange: z.strictObject({ from: z.number(), to: z.number() }),
  datasourceUid: z.string(),
  model: z.union([reduce, math, threshold, classic, influxql, promql]),
});

const rule = z.strictObject({
  uid: z.string().max(40),
  title: z.string(),
  condition: refId,
  data: z.array(node),
  dashboardUid: z.string(),
  panelId: z.number(),
  noDataState: z.enum(['OK', 'Alerting']),
  execErrState: z.enum(['KeepLast', 'Alerting']),
  for: z.string(),
  annotations: z.record(z.string(), z.string()),
  labels: z.record(z.string(), z.string()),
  notification_settings: z
    .strictObject({
      receiver: z.string(),
      group_by: z.array(z.string()),
      group_wait: z.string(),
      group_interval: z.string(),
      repeat_interval: z.string(),
    })
    .optional(),
});

const file = z.strictObject({
  apiVersion: z.literal(1),
  groups: z.array(
    z.strictObject({
      orgId: z.literal(1),
      name: z.string(),
      folder: z.string(),
      interval: z.string(),
      rules: z.array(rule),
    }),
  ),
  deleteRules: z.array(z.strictObject({ orgId: z.literal(1), uid: z.string() })),
});

export type ProvisionedRule = z.output<typeof rule>;
export type ProvisionedNode = z.output<typeof node>;

/** Reads a file of rules as Grafana's provisioning does; a key that it would pass over without a word is refused. */
export function readRules(text: string): z.output<typeof file> {
  return file.parse(parse(text));
}
