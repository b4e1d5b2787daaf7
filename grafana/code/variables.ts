import {
  QueryVariableBuilder,
  type VariableOption,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Endpoint } from '../../src/model/target.ts';
import { dataSource, type Source } from './query-target.ts';
import { quoted, rangeEndMs, receiverVariable, roomVariable, type Variable, where } from './selection.ts';

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

/** Offers what has data in the range. */
export function offer(wanted: Offer): QueryVariableBuilder {
  const { variable, source, hasAll } = wanted;
  const text = source === '1d' ? fromIndex(wanted) : fromPoints(wanted);
  const builder = new QueryVariableBuilder(variable.name)
    .datasource(dataSource(source))
    .query({ refId: 'InfluxVariableQueryEditor-VariableQuery', query: text })
    .definition(text)
    // Rooms without the label answer with an empty value.
    .regex('/.+/');
  if (source === '1d') builder.description(describeIndex(variable));
  return describe(builder, variable, hasAll);
}

/** To the millisecond: rooms of hours ago are not offered for the last hour. The field is one that every point has. */
function fromPoints({ variable, after, source, measurement }: Offer): string {
  const tag = quoted(variable.tag);
  const field = source === 'raw' ? 'delay_ms' : 'samples';
  return (
    `SELECT distinct(${tag}) FROM (SELECT last(${quoted(field)}) FROM ${quoted(measurement)} ` +
    `WHERE ${where(after)} GROUP BY ${tag})`
  );
}

/** Rooms and receivers of a year of shows would be a list of millions, which no browser can hold. */
const offered = { days: 31, values: 10_000 };

/**
 * By shard, which are four weeks in the bucket of days. Where every show has a room of its own, InfluxDB looks through the points of a year for
 * a quarter of a minute, and through its index for some milliseconds as long as it is asked for one tag alone: so labels are those of all apps.
 */
function fromIndex({ variable, after, measurement }: Offer): string {
  const show = `SHOW TAG VALUES FROM ${quoted(measurement)} WITH KEY = ${quoted(variable.tag)} WHERE `;
  if (!isOfShows(variable)) return show + where([]);
  return `${show}${where(after, `time >= ${rangeEndMs}ms - ${offered.days}d`)} LIMIT ${offered.values}`;
}

function describeIndex(variable: Variable): string {
  return isOfShows(variable)
    ? `Those of the last ${offered.days} days of the range, at most ${offered.values}, and some of the weeks before; any other can be typed.`
    : 'Those with data in the range, or in the weeks around it.';
}

function isOfShows(variable: Variable): boolean {
  return variable === roomVariable || variable === receiverVariable;
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
