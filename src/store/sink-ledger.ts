import type { IdRange } from '../model/id-range.ts';
import type { RejectedAs } from '../model/stock.ts';
import type { StoredTable } from '../model/stored-table.ts';
import { type Database, integer, type Statement, text } from './database.ts';
import { DroppedRows } from './dropped-rows.ts';
import { IdRangeTable } from './id-range-table.ts';
import { type IdRanges, intersect, rangesOf, sizeOf, subtract } from './id-ranges.ts';

/** Stands among the sinks for the store itself: what it has settled is deleted. */
export const retention = 'retention';

/** Who rows are kept for until it has had them: a sink, or the roll-up. */
export type Reader = { readonly name: string; readonly tables: readonly StoredTable[] };

export type SinkCounts = { readonly delivered: number; readonly rejected: number; readonly dropped: number };

/**
 * Who has had which rows: for every sink and table, committed = delivered + waiting + rejected + dropped.
 * It holds nothing in memory, so a transaction that fails leaves it right. What changes it is called within one.
 */
export class SinkLedger {
  readonly #lastId: (table: StoredTable) => number;
  readonly #settled: IdRangeTable;
  readonly #rejected: IdRangeTable;
  readonly #dropped: DroppedRows;
  readonly #addSink: Statement;
  readonly #selectSinks: Statement;
  readonly #addCounts: Statement;
  readonly #addDeleted: Statement;
  readonly #selectCounts: Statement;

  constructor(database: Database, lastId: (table: StoredTable) => number) {
    this.#lastId = lastId;
    this.#settled = new IdRangeTable(database, 'settled');
    this.#rejected = new IdRangeTable(database, 'rejected_range');
    this.#dropped = new DroppedRows(database);
    this.#addSink = database.prepare('INSERT INTO sink_count (sink, table_name) VALUES (?, ?) ON CONFLICT DO NOTHING');
    this.#selectSinks = database.prepare('SELECT sink FROM sink_count WHERE table_name = ?');
    this.#addCounts = database.prepare(
      'UPDATE sink_count SET delivered = delivered + ?, rejected = rejected + ? WHERE sink = ? AND table_name = ?',
    );
    this.#addDeleted = database.prepare(
      'UPDATE sink_count SET rejected_deleted = rejected_deleted + ? WHERE sink = ? AND table_name = ?',
    );
    this.#selectCounts = database.prepare('SELECT * FROM sink_count WHERE sink = ? AND table_name = ?');
  }

  /** To a sink that the store has not met, all rows of its tables wait; those that were deleted before are dropped. */
  meet({ name: sink, tables }: Reader, oldestMs: number): void {
    for (const table of tables) {
      if (this.#addSink.run(sink, table).changes === 0) continue;
      const deleted = this.#settled.of(retention, table);
      if (deleted.length > 0) this.#dropped.addDeleted(sink, table, oldestMs, sizeOf(deleted));
      for (const range of deleted) this.#settled.add(sink, table, range);
    }
  }

  waiting(sink: string, table: StoredTable): IdRanges {
    return subtract(this.#committed(table), this.#settled.of(sink, table));
  }

  /** The rows that are in the table. */
  stored(table: StoredTable): IdRanges {
    return this.waiting(retention, table);
  }

  /** The rows in the table that none of these readers waits for. */
  spare(readers: readonly Reader[], table: StoredTable): IdRanges {
    let spare = this.stored(table);
    for (const { name, tables } of readers) {
      if (tables.includes(table)) spare = intersect(spare, this.#settled.of(name, table));
    }
    return spare;
  }

  #committed(table: StoredTable): IdRanges {
    const lastId = this.#lastId(table);
    return lastId === 0 ? [] : [{ fromId: 0, toId: lastId }];
  }

  /**
   * Takes a range off what waits, and returns the ids that count as rejected. What retention has dropped in the
   * meantime stays dropped: no row counts twice.
   */
  settle(sink: string, table: StoredTable, range: IdRange, rejectedIds: readonly number[]): readonly number[] {
    const open = intersect([range], this.waiting(sink, table));
    const rejected = rejectedIds.filter((id) => open.some(({ fromId, toId }) => fromId < id && id <= toId));
    this.#addCounts.run(sizeOf(open) - rejected.length, rejected.length, sink, table);
    for (const part of open) this.#settled.add(sink, table, part);
    for (const part of rangesOf(rejected)) this.#rejected.add(sink, table, part);
    return rejected;
  }

  /** Notes that rows are about to be deleted, for every sink that the store has ever met. */
  retire(table: StoredTable, range: IdRange): void {
    for (const row of this.#selectSinks.all(table)) {
      const sink = text(row['sink']);
      for (const missed of intersect([range], this.waiting(sink, table))) {
        this.#dropped.addRows(sink, table, missed);
      }
      this.#settled.add(sink, table, range);
      const rejected = sizeOf(this.#rejected.within(sink, table, range));
      if (rejected === 0) continue;
      this.#addDeleted.run(rejected, sink, table);
      this.#rejected.remove(sink, table, range);
    }
    this.#settled.add(retention, table, range);
  }

  /** The rows of a range that a sink has refused. */
  rejected(sink: string, table: StoredTable, range: IdRange): IdRanges {
    return this.#rejected.within(sink, table, range);
  }

  rejectedAs(sink: string, table: StoredTable): RejectedAs {
    const row = this.#selectCounts.get(sink, table);
    return {
      listed: this.#rejected.count(sink, table),
      deleted: integer(row?.['rejected_deleted']),
      unlisted: integer(row?.['rejected_unlisted']),
      unlistedToId: integer(row?.['unlisted_to_id']),
    };
  }

  counts(sink: string, table: StoredTable): SinkCounts {
    const row = this.#selectCounts.get(sink, table);
    return {
      delivered: integer(row?.['delivered']),
      rejected: integer(row?.['rejected']),
      dropped: this.#dropped.total(sink, table),
    };
  }
}
