import { storedTables } from '../../../src/model/stored-table.ts';
import { openForReading } from '../../../src/store/database.ts';

/** Every sample, window and session of a store, by table and id: all of its values, and whom it is of. */
export type Rows = ReadonlyMap<string, string>;

export type Difference = {
  readonly missing: readonly string[];
  readonly changed: readonly string[];
  /** What the truth knows nothing of. */
  readonly strange: readonly string[];
};

/** Throws where not all of it can be read. */
export function readRows(path: string): Rows {
  using database = openForReading(path);
  const rows = new Map<string, string>();
  for (const { name } of storedTables) {
    const statement = database.prepare(
      `SELECT row.*, endpoint, app, room_id, user_id, labels FROM ${name} row
       LEFT JOIN series ON series.id = series_id LEFT JOIN target ON target.id = target_id ORDER BY row.id`,
    );
    statement.setReadBigInts(true);
    for (const row of statement.iterate()) rows.set(`${name} ${row['id']}`, Object.values(row).join('|'));
  }
  return rows;
}

export function compareRows(truth: Rows, found: Rows): Difference {
  const missing: string[] = [];
  const changed: string[] = [];
  for (const [key, values] of truth) {
    const other = found.get(key);
    if (other === undefined) missing.push(key);
    else if (other !== values) changed.push(key);
  }
  return { missing, changed, strange: [...found.keys()].filter((key) => !truth.has(key)) };
}

export function isSame({ missing, changed, strange }: Difference): boolean {
  return missing.length + changed.length + strange.length === 0;
}

export function describeDifference({ missing, changed, strange }: Difference): string {
  const parts = Object.entries({ missing, changed, strange }).filter(([, keys]) => keys.length > 0);
  return parts.map(([kind, keys]) => `${keys.length} rows are ${kind}, such as ${keys[0]}`).join('; ');
}
