import type { Tier } from '../../src/model/window.ts';
import type { CounterWords } from './counter-words.ts';
import { quoted, rangeEndMs, rangeStartMs, type Variable, where } from './selection.ts';
import { offsetMinutesOf } from './zone.ts';

/** All growth in windows of the interval, or in calendar days or weeks of the zone that the tier is cut by. */
export function calendarSum(
  counter: CounterWords,
  measurement: string,
  variables: readonly Variable[],
  windows: { readonly by: readonly string[] } & Windows,
): string {
  const { time, zone } = groupingOf(windows);
  return (
    `SELECT sum(${quoted(counter.delta)}) FROM ${quoted(measurement)} ` +
    `WHERE ${where(variables)} ${groupedBy([time, ...windows.by.map(quoted)])} fill(none)${zone}`
  );
}

type Windows =
  | { readonly window: 'interval' }
  | { readonly window: 'day'; readonly timezone: string }
  | { readonly window: 'week'; readonly timezone: string };

/**
 * Weeks of InfluxQL begin on Thursday, as 1970 did; four days later is Monday. With tz() they go wrong where clocks change: 1.8
 * makes two weeks one, 2.x leaves a week out. So weeks are cut where the zone's Monday begins at the earliest: days lie at their
 * midnights, and none lies between that and the Monday of the other half of the year, an hour later.
 */
function groupingOf(windows: Windows): { readonly time: string; readonly zone: string } {
  switch (windows.window) {
    case 'interval':
      return { time: 'time($__interval)', zone: '' };
    case 'day':
      return { time: 'time(1d)', zone: ` tz('${windows.timezone}')` };
    case 'week':
      return { time: `time(1w, ${4 * 24 * 60 - offsetMinutesOf(windows.timezone).largest}m)`, zone: '' };
    default:
      return windows satisfies never;
  }
}

/** One row for each month. Windows of a month lie at its first midnight, which the day of that midnight holds alone. */
export function monthlySums(
  shown: readonly CounterWords[],
  measurement: string,
  variables: readonly Variable[],
  timezone: string,
): string {
  return (
    `SELECT ${sumsOf(shown)} FROM ${quoted(measurement)} ` +
    `WHERE ${where(variables)} ${groupedBy(['time(1d)'])} fill(none) tz('${timezone}')`
  );
}

/** Weeks by room or receiver that are looked at, from the end of the range: with a thousand of them more would take above a second. */
export const mostWeeks = 26;

/**
 * The `limit` largest of each week, or month, by the first counter: one row for each value of the tags. Windows are added up first, since a
 * change of labels cuts them in two. The outer query must not cut off the first week, which begins before the range.
 */
export function largestOfEach(
  shown: readonly [CounterWords, ...CounterWords[]],
  measurement: string,
  {
    variables,
    by,
    limit,
    ...windows
  }: { readonly variables: readonly Variable[]; readonly by: readonly string[]; readonly limit: number } & Windows,
): string {
  const { time, zone } = groupingOf(windows);
  const [first, ...others] = shown.map(({ delta }) => quoted(delta));
  const tags = by.map(quoted);
  const latest = windows.window === 'week' ? ` AND time >= ${rangeEndMs}ms - ${mostWeeks}w` : '';
  return (
    `SELECT ${[`top(${first}, ${[...tags, limit].join(', ')}) AS ${first}`, ...others].join(', ')} ` +
    `FROM (SELECT ${sumsOf(shown)} FROM ${quoted(measurement)} ` +
    `WHERE ${where(variables)}${latest} ${groupedBy([time, ...tags])} fill(none)${zone}) ` +
    `WHERE time >= ${rangeStartMs}ms - 1w AND time <= ${rangeEndMs}ms ${groupedBy([time])} fill(none)${zone}`
  );
}

function sumsOf(shown: readonly CounterWords[]): string {
  return shown.map(({ delta }) => `sum(${quoted(delta)}) AS ${quoted(delta)}`).join(', ');
}

/** Sums of fields over what is on screen, exact to the last one, each under its own name. */
export function sums(
  fields: Readonly<Record<string, string>>,
  measurement: string,
  variables: readonly Variable[],
  condition?: string,
): string {
  const columns = Object.entries(fields).map(([name, field]) => `sum(${quoted(field)}) AS ${quoted(name)}`);
  const conditions = condition === undefined ? [] : [condition];
  return `SELECT ${columns.join(', ')} FROM ${quoted(measurement)} WHERE ${where(variables, ...conditions)}`;
}

/**
 * The `limit` largest by the first column, one row for each value of the tags. Tags come as columns of one table: grouped
 * series would have to be put together again in Grafana.
 */
export function largest(
  columns: Readonly<Record<string, string>>,
  measurement: string,
  {
    variables,
    by,
    limit,
    condition,
  }: {
    readonly variables: readonly Variable[];
    readonly by: readonly string[];
    readonly limit: number;
    readonly condition?: string;
  },
): string {
  const [first = '', ...others] = Object.keys(columns).map(quoted);
  const inner = Object.entries(columns).map(([name, expression]) => `${expression} AS ${quoted(name)}`);
  const tags = by.map(quoted);
  const conditions = condition === undefined ? [] : [condition];
  return (
    `SELECT ${[`top(${[first, ...tags, limit].join(', ')}) AS ${first}`, ...others].join(', ')} ` +
    `FROM (SELECT ${inner.join(', ')} FROM ${quoted(measurement)} ` +
    `WHERE ${where(variables, ...conditions)} ${groupedBy(tags)})`
  );
}

/** The raw bucket's poll interval in whole minutes: finer windows would be empty every other time. */
export function finestInterval(intervalMs: number): string {
  return `${Math.max(1, Math.ceil(intervalMs / 60_000))}m`;
}

export const tierInterval = { '5m': '5m', '1h': '1h', '1d': '1d' } as const satisfies Partial<Record<Tier, string>>;

function groupedBy(dimensions: readonly string[]): string {
  return `GROUP BY ${dimensions.join(', ')}`;
}
