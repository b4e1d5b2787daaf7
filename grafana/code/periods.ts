import type { CounterWords } from './counter-words.ts';
import { narrowedTo, quoted, rangeEndMs, rangeStartMs, type Variable } from './selection.ts';
import { offsetMinutesOf } from './zone.ts';

/** The whole days of the range, and as many before it. */
export type Period = 'now' | 'before';

/** What `periodOf` compares, in the words of a description. */
export function describePeriods(timezone: string): string {
  return `This period: the days of ${timezone} that lie wholly in the range and have been over for an hour. The one before: the same number of days, the range's length in whole days earlier; so the last 7 days are six whole days, beside the same weekdays of the week before. A range without a whole day has no data.`;
}

/**
 * Conditions of InfluxQL on days, which lie at their midnights. Days count by whole ones: by their beginning alone, today would be missing in
 * this period and its counterpart not in the one before. InfluxQL has no calendar, but divides durations without a rest. A zone's
 * midnights lie in cells of 24 hours, one in each, that begin with the earliest; so both periods have equal numbers of cells, wherever
 * clocks change. A day begins in the range if even the latest midnight of its cell does, and ends in it if the earliest of the next
 * does; what that takes in too early, as a range that reaches into the future does, the clock takes out of both.
 */
export function periodOf(period: Period, timezone: string): string {
  const { smallest, largest } = offsetMinutesOf(timezone);
  const first = plus(wholeDays(`${plus(`${rangeStartMs}ms`, smallest)} + 1d - 1ms`), -largest);
  const end = plus(wholeDays(`${plus(`${rangeEndMs}ms`, largest)} + 1ms`), -largest);
  const back = ` - ${wholeDays(`${plus(`${rangeEndMs}ms - ${rangeStartMs}ms`, largest - smallest)} + 1ms`)}`;
  const earlier = period === 'before' ? back : '';
  return `time >= ${first}${earlier} AND time < ${end}${earlier} AND time <= now()${earlier} - 25h`;
}

const dayNanoseconds = 86_400_000_000_000;

function wholeDays(duration: string): string {
  return `(${duration}) / ${dayNanoseconds} * ${dayNanoseconds}`;
}

function plus(duration: string, minutes: number): string {
  return minutes === 0 ? duration : `${duration} ${minutes < 0 ? '-' : '+'} ${Math.abs(minutes)}m`;
}

/** A sum over one of the periods, under its own name: two queries, each of which reads its own days once. */
export function sumIn(
  period: Period,
  fields: Readonly<Record<string, string>>,
  measurement: string,
  { variables, timezone }: { readonly variables: readonly Variable[]; readonly timezone: string },
): string {
  const columns = Object.entries(fields).map(([name, field]) => `sum(${quoted(field)}) AS ${quoted(name)}`);
  const conditions = [periodOf(period, timezone), ...narrowedTo(variables)].join(' AND ');
  return `SELECT ${columns.join(', ')} FROM ${quoted(measurement)} WHERE ${conditions}`;
}

/**
 * Both periods in one row for each value of the tags: `now` and `before`, in the order of `now`. InfluxQL has no join, but adds up what
 * two subqueries of one measurement bring under the same names.
 */
export function compared(
  { delta }: CounterWords,
  measurement: string,
  {
    variables,
    timezone,
    by,
    limit,
  }: {
    readonly variables: readonly Variable[];
    readonly timezone: string;
    readonly by: readonly string[];
    readonly limit: number;
  },
): string {
  const tags = by.map(quoted).join(', ');
  const grown = `sum(${quoted(delta)})`;
  const half = (period: Period, columns: string) => {
    const conditions = [periodOf(period, timezone), ...narrowedTo(variables)].join(' AND ');
    return `(SELECT ${columns} FROM ${quoted(measurement)} WHERE ${conditions} GROUP BY ${tags})`;
  };
  const now = half('now', `${grown} AS "now", 0 * ${grown} AS "before"`);
  const before = half('before', `0 * ${grown} AS "now", ${grown} AS "before"`);
  return (
    `SELECT top("now", ${tags}, ${limit}) AS "now", "before", "change" FROM (` +
    `SELECT sum("now") AS "now", sum("before") AS "before", sum("now") - sum("before") AS "change" ` +
    `FROM ${now}, ${before} GROUP BY ${tags})`
  );
}
