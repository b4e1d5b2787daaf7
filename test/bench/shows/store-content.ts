import { DatabaseSync } from 'node:sqlite';
import { type RowKind, rowKinds, tableOf } from '../../../src/model/stored-table.ts';
import { endpoints } from '../../../src/model/target.ts';

export type StoreContent = {
  readonly bytes: number;
  /** Samples, windows and sessions, indexes included. */
  readonly kinds: Readonly<Record<RowKind, { readonly rows: number; readonly bytes: number }>>;
  /** Who the targets and series are, what is open of them, and what the tally remembers. */
  readonly restBytes: number;
};

/** What takes which part of a store, by SQLite's own account of its pages. Reads all of them. */
export function contentOfStore(path: string): StoreContent {
  using database = new DatabaseSync(path, { readOnly: true });
  const select = database.prepare(
    `SELECT tbl_name AS "table", sum(pgsize) AS bytes, sum(iif(pagetype = 'leaf' AND type = 'table', ncell, 0)) AS rows
     FROM dbstat JOIN sqlite_schema USING (name) GROUP BY tbl_name`,
  );
  const tables = new Map(
    select
      .all()
      .map(({ table, bytes, rows }) => [String(table), { rows: Number(rows), bytes: Number(bytes) }] as const),
  );
  const ofKind = (kind: RowKind) => {
    const found = endpoints.map((endpoint) => tables.get(tableOf(endpoint, kind)) ?? { rows: 0, bytes: 0 });
    return { rows: sum(found.map(({ rows }) => rows)), bytes: sum(found.map(({ bytes }) => bytes)) };
  };
  const kinds = {
    raw: ofKind('raw'),
    '5m': ofKind('5m'),
    '1h': ofKind('1h'),
    '1d': ofKind('1d'),
    '1mo': ofKind('1mo'),
    session: ofKind('session'),
  };
  const bytes = sum([...tables.values()].map((table) => table.bytes));
  return { bytes, kinds, restBytes: bytes - sum(rowKinds.map((kind) => kinds[kind].bytes)) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
