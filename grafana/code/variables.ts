import {
  QueryVariableBuilder,
  type VariableOption,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Endpoint } from '../../src/model/target.ts';
import { dataSource, type Source } from './query-target.ts';
import { quoted, type Variable, where } from './selection.ts';

export type Offer = {
  readonly variable: Variable;
  /** Those before it: what they exclude is not offered. */
  readonly after: readonly Variable[];
  readonly source: Exclude<Source, 'prometheus'>;
  readonly measurement: Endpoint;
  /** A choice of everything, which is then also what a dashboard opens with. */
  readonly hasAll: boolean;
};

const all: VariableOption = { text: 'All', value: '$__all', selected: true };

/**
 * Offers what has data in the range: SHOW TAG VALUES knows only shards, so that rooms of hours ago would stay. The field is one
 * that every point has.
 */
export function offer({ variable, after, source, measurement, hasAll }: Offer): QueryVariableBuilder {
  const tag = quoted(variable.tag);
  const field = source === 'raw' ? 'delay_ms' : 'samples';
  const text =
    `SELECT distinct(${tag}) FROM (SELECT last(${quoted(field)}) FROM ${quoted(measurement)} ` +
    `WHERE ${where(after)} GROUP BY ${tag})`;
  return describe(
    new QueryVariableBuilder(variable.name)
      .datasource(dataSource(source))
      .query({ refId: 'InfluxVariableQueryEditor-VariableQuery', query: text })
      .definition(text)
      // Rooms without the label answer with an empty value.
      .regex('/.+/'),
    variable,
    hasAll,
  );
}

/** The apps that livetally itself reports. */
export function offerApps(variable: Variable): QueryVariableBuilder {
  const text = 'label_values(livetally_targets, app)';
  const query = { qryType: 1, query: text, refId: 'PrometheusVariableQueryEditor-VariableQuery' };
  const builder = new QueryVariableBuilder(variable.name).datasource(dataSource('prometheus'));
  return describe(builder.query(query).definition(text), variable, true);
}

function describe(builder: QueryVariableBuilder, { title }: Variable, hasAll: boolean): QueryVariableBuilder {
  builder
    .label(title)
    .multi(true)
    .includeAll(hasAll)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc);
  // Not the list of all values: a thousand names in every query, and rooms without a label would be missing.
  return hasAll ? builder.allValue('.*').current(all) : builder;
}
