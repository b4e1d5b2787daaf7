import type { IdRange } from '../model/id-range.ts';
import type { StoredTable } from '../model/stored-table.ts';
import { type Database, integer, type OutputValue, type Statement } from './database.ts';
import type { IdRanges } from './id-ranges.ts';

/** Stands among the sinks for the store itself: what it has settled is deleted. */
export const retention = 'retention';

/** The rows that a sink needs no more. Ranges that touch become one, so an outage that is over leaves a single range behind. */
export class SettledRanges {
  readonly #select: Statement;
  readonly #absorb: Statement;
  readonly #insert: Statement;

  constructor(database: Database) {
    this.#select = database.prepare(
      'SELECT from_id, to_id FROM settled WHERE sink = ? AND table_name = ? ORDER BY from_id',
    );
    this.#select.setReturnArrays(true);
    this.#absorb = database.prepare(
      'DELETE FROM settled WHERE sink = ? AND table_name = ? AND from_id <= ? AND to_id >= ? RETURNING from_id, to_id',
    );
    this.#absorb.setReturnArrays(true);
    this.#insert = database.prepare('INSERT INTO settled VALUES (?, ?, ?, ?)');
  }

  of(sink: string, table: StoredTable): IdRanges {
    return this.#select.all(sink, table).map(toRange);
  }

  add(sink: string, table: StoredTable, range: IdRange): void {
    if (range.fromId >= range.toId) return;
    const touching = [range, ...this.#absorb.all(sink, table, range.toId, range.fromId).map(toRange)];
    const fromId = Math.min(...touching.map((part) => part.fromId));
    const toId = Math.max(...touching.map((part) => part.toId));
    this.#insert.run(sink, table, fromId, toId);
  }
}

/** By place. */
function toRange(row: Readonly<Record<string, OutputValue>>): IdRange {
  return { fromId: integer(row[0]), toId: integer(row[1]) };
}
