import type { IdRange } from '../model/id-range.ts';
import type { StoredTable } from '../model/stored-table.ts';
import { type Database, integer, type OutputValue, readInteger, type Statement } from './database.ts';
import { type IdRanges, intersect, subtract } from './id-ranges.ts';

/**
 * Row ids of a sink and a table, kept as ranges. Ranges that touch become one, so an outage that is over leaves a single range
 * behind. However many ranges there are, only those near the one that is asked for are read.
 */
export class IdRangeTable {
  readonly #select: Statement;
  readonly #selectTouching: Statement;
  readonly #sum: Statement;
  readonly #delete: Statement;
  readonly #insert: Statement;

  constructor(database: Database, name: 'settled' | 'rejected_range') {
    const own = `FROM ${name} WHERE sink = ?1 AND table_name = ?2`;
    this.#select = database.prepare(`SELECT from_id, to_id ${own} ORDER BY from_id`);
    this.#select.setReturnArrays(true);
    this.#selectTouching = database.prepare(
      `SELECT from_id, to_id ${own} AND to_id >= ?3 AND from_id <= ?4
         AND from_id >= ifnull((SELECT max(from_id) ${own} AND from_id <= ?3), ?3) ORDER BY from_id`,
    );
    this.#selectTouching.setReturnArrays(true);
    this.#sum = database.prepare(`SELECT sum(to_id - from_id) ${own}`);
    this.#delete = database.prepare(`DELETE ${own} AND from_id = ?3`);
    this.#insert = database.prepare(`INSERT INTO ${name} VALUES (?, ?, ?, ?)`);
  }

  of(sink: string, table: StoredTable): IdRanges {
    return this.#select.all(sink, table).map(toRange);
  }

  /** The part of a range that is in it. */
  within(sink: string, table: StoredTable, range: IdRange): IdRanges {
    return intersect([range], this.#touching(sink, table, range));
  }

  count(sink: string, table: StoredTable): number {
    return readInteger(this.#sum, sink, table) ?? 0;
  }

  add(sink: string, table: StoredTable, range: IdRange): void {
    if (range.fromId >= range.toId) return;
    const touching = this.#touching(sink, table, range);
    for (const { fromId } of touching) this.#delete.run(sink, table, fromId);
    const fromId = Math.min(range.fromId, touching[0]?.fromId ?? range.fromId);
    const toId = Math.max(range.toId, touching.at(-1)?.toId ?? range.toId);
    this.#insert.run(sink, table, fromId, toId);
  }

  remove(sink: string, table: StoredTable, range: IdRange): void {
    const touching = this.#touching(sink, table, range);
    for (const { fromId } of touching) this.#delete.run(sink, table, fromId);
    for (const { fromId, toId } of subtract(touching, [range])) this.#insert.run(sink, table, fromId, toId);
  }

  #touching(sink: string, table: StoredTable, { fromId, toId }: IdRange): IdRanges {
    return this.#selectTouching.all(sink, table, fromId, toId).map(toRange);
  }
}

/** By place. */
function toRange(row: Readonly<Record<string, OutputValue>>): IdRange {
  return { fromId: integer(row[0]), toId: integer(row[1]) };
}
