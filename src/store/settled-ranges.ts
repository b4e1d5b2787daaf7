import type { Endpoint } from '../model/target.ts';
import { type Database, integer, type OutputValue, type Statement } from './database.ts';
import type { IdRange, IdRanges } from './id-ranges.ts';

/** Stands among the sinks for the store itself: what it has settled is deleted. */
export const retention = 'retention';

/** The rows that a sink needs no more. Ranges that touch become one, so an outage that is over leaves a single range behind. */
export class SettledRanges {
  readonly #select: Statement;
  readonly #absorb: Statement;
  readonly #insert: Statement;

  constructor(database: Database) {
    this.#select = database.prepare(
      'SELECT from_id, to_id FROM settled WHERE sink = ? AND endpoint = ? ORDER BY from_id',
    );
    this.#absorb = database.prepare(
      'DELETE FROM settled WHERE sink = ? AND endpoint = ? AND from_id <= ? AND to_id >= ? RETURNING from_id, to_id',
    );
    this.#insert = database.prepare('INSERT INTO settled VALUES (?, ?, ?, ?)');
  }

  of(sink: string, endpoint: Endpoint): IdRanges {
    return this.#select.all(sink, endpoint).map(toRange);
  }

  add(sink: string, endpoint: Endpoint, range: IdRange): void {
    if (range.fromId >= range.toId) return;
    const touching = [range, ...this.#absorb.all(sink, endpoint, range.toId, range.fromId).map(toRange)];
    const fromId = Math.min(...touching.map((part) => part.fromId));
    const toId = Math.max(...touching.map((part) => part.toId));
    this.#insert.run(sink, endpoint, fromId, toId);
  }
}

function toRange(row: Record<string, OutputValue>): IdRange {
  return { fromId: integer(row['from_id']), toId: integer(row['to_id']) };
}
