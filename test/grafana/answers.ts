import type { InfluxqlRow } from '../real/servers/influxql.ts';
import type { AnswerRow } from './expectations.ts';

/**
 * Rows of an answer and rows that are expected, in a form in which equal ones look equal: without nulls, which Grafana draws as
 * nothing; without the time where nobody expects one; in no order; fractions to ten digits, since sums are added up in another order.
 */
export function comparable(rows: readonly InfluxqlRow[], expected: readonly AnswerRow[]) {
  const hasTime = expected.some((row) => 'time' in row);
  return { actual: texts(rows.flatMap((row) => withoutNulls(row, hasTime))), expected: texts(expected) };
}

function withoutNulls(row: InfluxqlRow, hasTime: boolean): AnswerRow[] {
  const known = Object.entries(row).flatMap(([name, value]): [string, string | number][] =>
    value === null || typeof value === 'boolean' || (name === 'time' && !hasTime) ? [] : [[name, value]],
  );
  const hasValue = known.some(([name, value]) => name !== 'time' && typeof value === 'number');
  return hasValue ? [Object.fromEntries(known)] : [];
}

function texts(rows: readonly AnswerRow[]): readonly string[] {
  return rows
    .map((row) => {
      const cells = Object.entries(row).map(([name, value]): [string, string | number] => [
        name,
        typeof value === 'string' || Number.isInteger(value) ? value : Number(value.toPrecision(10)),
      ]);
      return JSON.stringify(cells.sort(([a], [b]) => a.localeCompare(b)));
    })
    .sort();
}
