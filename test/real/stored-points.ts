import { type PointText, textOf } from '../campaign/sink/expected-points.ts';
import type { InfluxqlRow } from './servers/influxql.ts';

/** Everything that a server holds of these measurements, as it comes to be compared. */
export async function readPoints(
  query: (influxql: string) => Promise<readonly InfluxqlRow[]>,
  measurements: readonly string[],
): Promise<readonly PointText[]> {
  const points: PointText[] = [];
  for (const measurement of measurements) {
    for (const { time, ...columns } of await query(`SELECT * FROM ${measurement} GROUP BY *`)) {
      const { tags, fields } = tagsAndFields(columns);
      points.push(textOf({ measurement, tags, fields, timeMs: Number(time) }));
    }
  }
  return points;
}

/** With `GROUP BY *` the tags come beside the fields, and are the only strings among them; one that others have and this series has not is empty. */
export function tagsAndFields(columns: InfluxqlRow) {
  const entries = Object.entries(columns);
  return {
    tags: entries.flatMap(([name, value]) =>
      typeof value === 'string' && value !== '' ? [[name, value] as const] : [],
    ),
    fields: entries.flatMap(([name, value]) => (typeof value === 'number' ? [[name, value] as const] : [])),
  };
}
