import type { IdRange } from '../model/id-range.ts';
import { type StoredTable, storedTables } from '../model/stored-table.ts';
import { timeColumn } from './columns.ts';
import { type Database, readInteger, type Statement } from './database.ts';

/** Counts, by day and sink, the rows that retention deleted before the sink had them. */
export class DroppedRows {
  readonly #addFrom = new Map<StoredTable, Statement>();
  readonly #add: Statement;
  readonly #sum: Statement;

  constructor(database: Database) {
    const prepare = (rows: string) =>
      database.prepare(
        `INSERT INTO dropped (sink, table_name, day, row_count) ${rows}
         ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count`,
      );
    for (const { name } of storedTables) {
      const rows = `SELECT ?1, '${name}', coalesce(date(${timeColumn(name)} / 1000, 'unixepoch'), 'unknown') AS row_day, count(*)
         FROM ${name} WHERE id > ?2 AND id <= ?3 GROUP BY row_day`;
      this.#addFrom.set(name, prepare(rows));
    }
    this.#add = prepare("VALUES (?1, ?2, date(?3 / 1000, 'unixepoch'), ?4)");
    this.#sum = database.prepare('SELECT sum(row_count) FROM dropped WHERE sink = ? AND table_name = ?');
  }

  /** Counts rows that are about to be deleted. */
  addRows(sink: string, table: StoredTable, { fromId, toId }: IdRange): void {
    this.#addFrom.get(table)?.run(sink, fromId, toId);
  }

  /** Counts rows that are there no more, under a day that is at least as late as theirs. */
  addDeleted(sink: string, table: StoredTable, dayMs: number, count: number): void {
    this.#add.run(sink, table, dayMs, count);
  }

  total(sink: string, table: StoredTable): number {
    return readInteger(this.#sum, sink, table) ?? 0;
  }
}
