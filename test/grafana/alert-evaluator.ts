import type { InfluxqlRow } from '../real/servers/influxql.ts';
import { evaluateMath } from './alert-math.ts';
import { keyOf, type LabelledNumber, unlabelled } from './alert-numbers.ts';
import type { ProvisionedNode, ProvisionedRule } from './alert-rules.ts';
import { expandInfluxql } from './expand.ts';

/** The data sources that the rules ask. */
export type DataSources = {
  influxql(query: string): Promise<readonly InfluxqlRow[]>;
  /** The result of an instant query at that time. */
  promql(query: string, atMs: number): Promise<readonly LabelledNumber[]>;
};

/** What a data source rejects with that cannot be reached. Every other error is a rule that is wrong. */
export class DataSourceAway extends Error {}

export type RuleResult = {
  /** Of the node that decides; none is Grafana's NoData. */
  readonly numbers: readonly LabelledNumber[];
  /** What the templates of annotations can show. */
  readonly values: ReadonlyMap<string, readonly LabelledNumber[]>;
};

/**
 * Evaluates the nodes of a rule as Grafana's expression engine does, where Grafana itself cannot be had:
 * - Queries of a rule are independent; macros are put in by plain replacement, with the node's own range before `atMs`.
 * - A time series of InfluxQL has the tags of GROUP BY for labels; rows without a value count as null.
 * - `reduce` with `dropNN` takes the last number of a series; a series without one becomes a null, and a query without any series NoData.
 * - `math` pairs by labels (`alert-numbers.ts`); with NoData on a side the result is NoData.
 * - `threshold` gives 1 or 0, and null for null.
 * - A classic condition gives one number without labels; a query without data counts as a null, which only `no_value` accepts.
 */
export async function evaluateRule(rule: ProvisionedRule, sources: DataSources, atMs: number): Promise<RuleResult> {
  const values = new Map<string, readonly LabelledNumber[]>();
  const numbersOf = (refId: string) => {
    const numbers = values.get(refId);
    if (numbers === undefined) throw new Error(`${rule.uid}: there is no node ${refId} before its use`);
    return numbers;
  };
  const queried = await Promise.all(
    rule.data.map(async (node) => [node.refId, await query(node, sources, atMs)] as const),
  );
  for (const [refId, numbers] of queried) if (numbers !== undefined) values.set(refId, numbers);
  for (const { refId, model } of rule.data) {
    if ('type' in model) values.set(refId, evaluateExpression(model, numbersOf));
  }
  const numbers = numbersOf(rule.condition);
  const labels = new Set(numbers.map((number) => keyOf(number.labels)));
  if (labels.size < numbers.length)
    throw new Error(`${rule.uid}: two results have the same labels, which Grafana refuses`);
  return { numbers, values };
}

async function query(node: ProvisionedNode, sources: DataSources, atMs: number) {
  const { model, relativeTimeRange } = node;
  if ('expr' in model) return await sources.promql(model.expr, atMs);
  if (!('query' in model)) return undefined;
  const { from, to } = relativeTimeRange;
  const view = { fromMs: atMs - from * 1000, toMs: atMs - to * 1000, variables: {} };
  return lastOfSeries(await sources.influxql(expandInfluxql(model.query, view, model.intervalMs)));
}

/** The rules' queries give one row for each series, with its tags, the time, and one column. */
function lastOfSeries(rows: readonly InfluxqlRow[]): readonly LabelledNumber[] {
  const last = new Map<string, LabelledNumber>();
  for (const { time: _, ...row } of rows) {
    const columns = Object.entries(row);
    const [, value = null] = columns.pop() ?? [];
    if (value !== null && typeof value !== 'number') throw new Error(`no number: ${JSON.stringify(row)}`);
    const labels = new Map(columns.map(([name, text]) => [name, String(text)]));
    const key = keyOf(labels);
    if (value !== null || !last.has(key)) last.set(key, { labels, value });
  }
  return [...last.values()];
}

type Expression = Extract<ProvisionedNode['model'], { readonly type: string }>;

function evaluateExpression(model: Expression, numbersOf: (refId: string) => readonly LabelledNumber[]) {
  switch (model.type) {
    case 'reduce':
      return numbersOf(model.expression);
    case 'math':
      return evaluateMath(model.expression, numbersOf);
    case 'threshold': {
      const [{ evaluator }] = model.conditions;
      const [bound] = evaluator.params;
      return numbersOf(model.expression).map(({ labels, value }) => ({
        labels,
        value: value === null ? null : Number(value > bound),
      }));
    }
    case 'classic_conditions': {
      const isTrue = model.conditions.every(({ evaluator, query: { params } }) => {
        const found = numbersOf(params[0]).map(({ value }) => value);
        const seen = found.length === 0 ? [null] : found;
        return seen.some((value) =>
          evaluator.type === 'no_value' ? value === null : value !== null && value > (evaluator.params[0] ?? 0),
        );
      });
      return [{ labels: unlabelled, value: Number(isTrue) }];
    }
    default:
      return model satisfies never;
  }
}
