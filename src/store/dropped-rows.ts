import { type Endpoint, endpoints } from '../model/target.ts';
import { type Database, readInteger, type Statement } from './database.ts';
import type { IdRange } from './id-ranges.ts';

/** Counts, by day and sink, the rows that retention deleted before the sink had them. */
export class DroppedRows {
  readonly #addFrom = new Map<Endpoint, Statement>();
  readonly #add: Statement;
  readonly #sum: Statement;

  constructor(database: Database) {
    const prepare = (rows: string) =>
      database.prepare(
        `INSERT INTO dropped (sink, endpoint, day, row_count) ${rows}
         ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count`,
      );
    for (const endpoint of endpoints) {
      const rows = `SELECT ?1, '${endpoint}', date(due_ms / 1000, 'unixepoch') AS due_day, count(*)
         FROM ${endpoint} WHERE id > ?2 AND id <= ?3 GROUP BY due_day`;
      this.#addFrom.set(endpoint, prepare(rows));
    }
    this.#add = prepare("VALUES (?1, ?2, date(?3 / 1000, 'unixepoch'), ?4)");
    this.#sum = database.prepare('SELECT sum(row_count) FROM dropped WHERE sink = ? AND endpoint = ?');
  }

  /** Counts rows that are about to be deleted. */
  addRows(sink: string, endpoint: Endpoint, { fromId, toId }: IdRange): void {
    this.#addFrom.get(endpoint)?.run(sink, fromId, toId);
  }

  /** Counts rows that are there no more, under a day that is at least as late as theirs. */
  addDeleted(sink: string, endpoint: Endpoint, dayMs: number, count: number): void {
    this.#add.run(sink, endpoint, dayMs, count);
  }

  total(sink: string, endpoint: Endpoint): number {
    return readInteger(this.#sum, sink, endpoint) ?? 0;
  }
}
