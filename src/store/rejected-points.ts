import type { Point } from '../model/point.ts';
import { type StoredTable, storedTables } from '../model/stored-table.ts';
import { type Database, integer, type Statement, text } from './database.ts';

/** A point that a sink will never take, and the sink's words for it. */
export type RejectedPoint = {
  readonly sink: string;
  readonly table: StoredTable;
  readonly rowId: number;
  readonly rejectedMs: number;
  readonly reason: string;
  /** The point as JSON; `null` where it cannot be read. */
  readonly point: string;
};

export type NewRejection = Omit<RejectedPoint, 'point'> & { readonly point: Point | undefined };

/** The newest of them, to be looked at; a bucket that refuses everything must not fill the disk with copies. */
const keptPoints = 10_000;

export class RejectedPoints {
  readonly #insert: Statement;
  readonly #trim: Statement;
  readonly #select: Statement;

  constructor(database: Database) {
    this.#insert = database.prepare(
      'INSERT INTO rejected (sink, table_name, row_id, rejected_ms, reason, point) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#trim = database.prepare('DELETE FROM rejected WHERE id <= (SELECT max(id) FROM rejected) - ?');
    this.#select = database.prepare('SELECT * FROM rejected ORDER BY id DESC LIMIT ?');
  }

  add({ sink, table, rowId, point, reason, rejectedMs }: NewRejection): void {
    this.#insert.run(sink, table, rowId, rejectedMs, reason, JSON.stringify(point ?? null));
    this.#trim.run(keptPoints);
  }

  newest(limit: number): readonly RejectedPoint[] {
    return this.#select.all(limit).map((row) => {
      const table = storedTables.find(({ name }) => name === row['table_name'])?.name;
      if (table === undefined) throw new Error(`the store holds a point of an unknown table ${row['table_name']}`);
      return {
        table,
        sink: text(row['sink']),
        rowId: integer(row['row_id']),
        rejectedMs: integer(row['rejected_ms']),
        reason: text(row['reason']),
        point: text(row['point']),
      };
    });
  }
}
