import type { Variable } from '../../grafana/code/selection.ts';
import type { Endpoint } from '../../src/model/target.ts';
import type { View } from './expand.ts';
import type { Place } from './past.ts';
import type { TruthRow } from './truth.ts';
import type { TruthSum } from './truth-windows.ts';

/** What is true, in every place that queries read. */
export type Truth = { readonly raw: readonly TruthRow[]; readonly sessions: readonly TruthSum[] } & {
  readonly [P in Exclude<Place, 'raw'>]: readonly TruthSum[];
};

export type Context = {
  readonly truth: Truth;
  readonly view: View;
  readonly intervalMs: number;
  /** Of the reporting zone, which is always the same. */
  readonly offsetMs: number;
};

/** The columns of an answer that count, without those that are null. `time` only where it means something. */
export type AnswerRow = Readonly<Record<string, string | number>>;
export type Expectation = (context: Context) => readonly AnswerRow[];

type Row = Pick<TruthRow, 'endpoint' | 'tags' | 'timeMs' | 'values'>;

/** What of a place a query's WHERE lets through. */
export function chosen<R extends Row>(
  rows: readonly R[],
  { view }: Context,
  endpoint: Endpoint,
  variables: readonly Variable[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number } = view,
): readonly R[] {
  return rows.filter(
    (row) =>
      row.endpoint === endpoint &&
      fromMs <= row.timeMs &&
      row.timeMs <= toMs &&
      variables.every(({ name, tag }) => {
        const value = view.variables[name];
        return value !== undefined && ('all' in value || value.values.includes(row.tags[tag] ?? ''));
      }),
  );
}

export function isWatched({ gapMs, inGap }: TruthRow): boolean {
  return gapMs !== undefined && !inGap;
}

/** The sum of a value over those rows that have it, or undefined where none has. */
export function sumOf(rows: readonly Row[], name: string): number | undefined {
  const known = rows.flatMap(({ values }) => values[name] ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0);
}

export function lastOf(rows: readonly Row[], name: string): number | undefined {
  return rows.toSorted((a, b) => a.timeMs - b.timeMs).findLast(({ values }) => values[name] !== undefined)?.values[
    name
  ];
}

/** One answer row for each value of the tags, and of the window where there is one. Missing columns are left out. */
export function grouped<R extends Row>(
  rows: readonly R[],
  { by = [], windowOf }: { readonly by?: readonly string[]; readonly windowOf?: (timeMs: number) => number },
  columns: (rows: readonly R[]) => Readonly<Record<string, number | undefined>>,
): readonly AnswerRow[] {
  const groups = Map.groupBy(rows, ({ tags, timeMs }) =>
    JSON.stringify([by.map((tag) => tags[tag] ?? ''), windowOf?.(timeMs)]),
  );
  return [...groups.values()].flatMap((inGroup) => {
    const [first] = inGroup;
    const known = Object.entries(columns(inGroup)).flatMap(([name, value]): [string, number][] =>
      value === undefined ? [] : [[name, value]],
    );
    if (first === undefined || known.length === 0) return [];
    const tags = by.map((tag): [string, string] => [tag, first.tags[tag] ?? '']);
    const time = windowOf === undefined ? {} : { time: windowOf(first.timeMs) };
    return [{ ...time, ...Object.fromEntries(tags), ...Object.fromEntries(known) }];
  });
}

export function largestBy(name: string, limit: number, rows: readonly AnswerRow[]): readonly AnswerRow[] {
  return rows.toSorted((a, b) => Number(b[name]) - Number(a[name])).slice(0, limit);
}

export function every(intervalMs: number, shiftMs = 0): (timeMs: number) => number {
  return (timeMs) => Math.floor((timeMs - shiftMs) / intervalMs) * intervalMs + shiftMs;
}

export const dayMs = 86_400_000;
/** From the beginning of Unix time, a Thursday, to a Monday. */
export const mondayMs = 4 * dayMs;
