import { type DashboardName, dashboardUids } from '../panel-ids.ts';
import { dataSource } from '../query-target.ts';

/**
 * One node of a rule, in Grafana's file shape. Queries give series, `reduce` makes one number of each, `math` calculates with the
 * numbers of equal labels, `threshold` compares. Grafana expands no variable in here.
 */
export type Node = {
  readonly refId: string;
  readonly relativeTimeRange: { readonly from: number; readonly to: number };
  readonly datasourceUid: string;
  readonly model: Readonly<Record<string, unknown>>;
};

export type AlertRule = {
  readonly uid: string;
  readonly title: string;
  readonly severity: 'warning' | 'critical';
  readonly nodes: readonly Node[];
  /** The node that decides. */
  readonly condition: string;
  /** What no data means: the series of a room that ended vanish, which is nothing to tell of. */
  readonly noData: 'OK' | 'Alerting';
  /** What a query that fails means; by default nothing: what was firing goes on, what was not stays silent. */
  readonly error?: 'KeepLast' | 'Alerting';
  readonly for: string;
  readonly panel: { readonly dashboard: DashboardName; readonly id: number };
  /** One line, with Grafana's templates. */
  readonly summary: string;
  /** A page of Grafana that shows more than the panel, with templates; the path after Grafana's address. */
  readonly link?: string;
};

/** Seconds before the evaluation, from the earlier to the later. */
export type Span = { readonly from: number; readonly to?: number };

/** A number for each series that an InfluxQL query gives: the query gives one value each. Known to `math` and templates as `name`. */
export function influxqlNumber(name: string, text: string, span: Span): readonly Node[] {
  return [
    influxql(`${name}_query`, text, span),
    expression(name, { type: 'reduce', expression: `${name}_query`, reducer: 'last', settings: { mode: 'dropNN' } }),
  ];
}

export function influxql(refId: string, query: string, { from, to = 0 }: Span): Node {
  const model = { refId, query, rawQuery: true, resultFormat: 'time_series', intervalMs: 1000, maxDataPoints: 43_200 };
  return { refId, relativeTimeRange: { from, to }, datasourceUid: dataSource('raw').uid, model };
}

export function promql(refId: string, expr: string): Node {
  const model = { refId, expr, instant: true, range: false, intervalMs: 1000, maxDataPoints: 43_200 };
  return { refId, relativeTimeRange: { from: 600, to: 0 }, datasourceUid: dataSource('prometheus').uid, model };
}

export function math(refId: string, text: string): Node {
  return expression(refId, { type: 'math', expression: text });
}

export function isAbove(refId: string, of: string, bound: number): Node {
  const conditions = [{ evaluator: { type: 'gt', params: [bound] } }];
  return expression(refId, { type: 'threshold', expression: of, conditions });
}

/** True when the first node has no value while the second is above zero: the one kind of expression that sees what is missing. */
export function isMissing(refId: string, missing: string, expected: string): Node {
  const condition = (of: string, evaluator: { readonly type: string; readonly params: readonly number[] }) => ({
    type: 'query',
    evaluator,
    operator: { type: 'and' },
    query: { params: [of] },
    reducer: { type: 'last', params: [] },
  });
  const conditions = [
    condition(missing, { type: 'no_value', params: [] }),
    condition(expected, { type: 'gt', params: [0] }),
  ];
  return expression(refId, { type: 'classic_conditions', conditions });
}

function expression(refId: string, model: Readonly<Record<string, unknown>>): Node {
  return { refId, relativeTimeRange: { from: 0, to: 0 }, datasourceUid: '__expr__', model: { refId, ...model } };
}

/** The rule as Grafana reads it from a file. `receiver`: a contact point of its own, past the notification policies. */
export function fileRule(rule: AlertRule, receiver: string | undefined): Readonly<Record<string, unknown>> {
  const dashboardUid = dashboardUids[rule.panel.dashboard];
  return {
    uid: rule.uid,
    title: escapeDollars(rule.title),
    condition: rule.condition,
    data: rule.nodes,
    dashboardUid,
    panelId: rule.panel.id,
    noDataState: rule.noData,
    // `Error` would notify of every restart of a database, at once and for each rule. Grafana knows `KeepLast` since 10.4.
    execErrState: rule.error ?? 'KeepLast',
    for: rule.for,
    annotations: {
      summary: rule.summary,
      ...(rule.link !== undefined && { link: `{{ externalURL }}${rule.link}` }),
      runbook: `README, "When an alert fires": ${rule.uid.replace(/-\d+$/, '')}`,
      __dashboardUid__: dashboardUid,
      __panelId__: String(rule.panel.id),
    },
    labels: { severity: rule.severity, service: 'livetally' },
    ...(receiver !== undefined && { notification_settings: notificationSettings(receiver) }),
  };
}

/** One notification for all rooms of an app and rule, and of new alarms at most one in five minutes. Grafana demands the first two labels. */
function notificationSettings(receiver: string) {
  return {
    receiver,
    group_by: ['grafana_folder', 'alertname', 'app'],
    group_wait: '10s',
    group_interval: '5m',
    repeat_interval: '4h',
  };
}

/** Where Grafana expands variables of its environment. */
function escapeDollars(text: string): string {
  return text.replaceAll('$', '$$$$');
}
