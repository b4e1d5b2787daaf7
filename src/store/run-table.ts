import { type Database, integer, readInteger, type Statement } from './database.ts';

/** The times that a process opened the store to write. Due instants never go back, from run to run either. */
export class RunTable {
  readonly #begin: Statement;
  readonly #reach: Statement;
  readonly #lastDue: Statement;
  readonly #lastLived: Statement;
  readonly #lastBefore: Statement;
  readonly #delete: Statement;

  constructor(database: Database) {
    this.#begin = database.prepare(
      'INSERT INTO run (started_ms, last_due_ms) SELECT ?, max(last_due_ms) FROM run RETURNING id',
    );
    this.#reach = database.prepare('UPDATE run SET last_due_ms = ?2 WHERE id = ?1 AND ifnull(last_due_ms, 0) < ?2');
    this.#lastDue = database.prepare('SELECT max(last_due_ms) FROM run');
    // A run begins behind what the one before it has reached, even if the wall clock was set back.
    this.#lastLived = database.prepare(
      `SELECT max(min(?1, last_due_ms))
       FROM (SELECT last_due_ms, max(started_ms, ifnull(lag(last_due_ms) OVER (ORDER BY id), 0)) AS began_ms FROM run)
       WHERE began_ms <= ?1`,
    );
    this.#lastBefore = database.prepare('SELECT max(id) FROM run WHERE ifnull(last_due_ms, 0) < ? AND id <> ?');
    this.#delete = database.prepare('DELETE FROM run WHERE id <= ?');
  }

  begin(startedMs: number): number {
    return integer(readInteger(this.#begin, startedMs));
  }

  reach(id: number, dueMs: number): void {
    this.#reach.run(id, dueMs);
  }

  lastDueMs(): number | undefined {
    return readInteger(this.#lastDue);
  }

  /** The newest instant, up to another, at which a process was there to poll. */
  lastLivedMs(untilMs: number): number | undefined {
    return readInteger(this.#lastLived, untilMs);
  }

  /** The last run, other than the present one, in which nothing was due at or after an instant. */
  lastBefore(dueMs: number, presentId: number): number | undefined {
    return readInteger(this.#lastBefore, dueMs, presentId);
  }

  deleteUpTo(id: number): void {
    this.#delete.run(id);
  }
}
