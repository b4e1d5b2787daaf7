import { type Endpoint, endpoints } from '../model/target.ts';
import { type Database, integer, type Statement, text } from './database.ts';
import { DroppedRows } from './dropped-rows.ts';
import { type IdRange, type IdRanges, intersect, sizeOf, subtract } from './id-ranges.ts';
import { retention, SettledRanges } from './settled-ranges.ts';

export type SinkCounts = { readonly delivered: number; readonly rejected: number; readonly dropped: number };

/**
 * Who has had which rows: for every sink and endpoint, committed = delivered + waiting + rejected + dropped.
 * It holds nothing in memory, so a transaction that fails leaves it right. What changes it is called within one.
 */
export class SinkLedger {
  readonly #lastId: (endpoint: Endpoint) => number;
  readonly #settled: SettledRanges;
  readonly #dropped: DroppedRows;
  readonly #addSink: Statement;
  readonly #selectSinks: Statement;
  readonly #addCounts: Statement;
  readonly #selectCounts: Statement;

  constructor(database: Database, lastId: (endpoint: Endpoint) => number) {
    this.#lastId = lastId;
    this.#settled = new SettledRanges(database);
    this.#dropped = new DroppedRows(database);
    this.#addSink = database.prepare('INSERT INTO sink_count (sink, endpoint) VALUES (?, ?) ON CONFLICT DO NOTHING');
    this.#selectSinks = database.prepare('SELECT sink FROM sink_count WHERE endpoint = ?');
    this.#addCounts = database.prepare(
      'UPDATE sink_count SET delivered = delivered + ?, rejected = rejected + ? WHERE sink = ? AND endpoint = ?',
    );
    this.#selectCounts = database.prepare('SELECT delivered, rejected FROM sink_count WHERE sink = ? AND endpoint = ?');
  }

  /** To a sink that the store has not met, all rows wait; those that were deleted before are dropped. */
  meet(sink: string, oldestDueMs: number): void {
    for (const endpoint of endpoints) {
      if (this.#addSink.run(sink, endpoint).changes === 0) continue;
      const deleted = this.#settled.of(retention, endpoint);
      if (deleted.length > 0) this.#dropped.addDeleted(sink, endpoint, oldestDueMs, sizeOf(deleted));
      for (const range of deleted) this.#settled.add(sink, endpoint, range);
    }
  }

  waiting(sink: string, endpoint: Endpoint): IdRanges {
    return subtract(this.#committed(endpoint), this.#settled.of(sink, endpoint));
  }

  /** The rows that are in the table. */
  stored(endpoint: Endpoint): IdRanges {
    return this.waiting(retention, endpoint);
  }

  /** The rows in the table that none of these sinks waits for. */
  spare(sinks: readonly string[], endpoint: Endpoint): IdRanges {
    let spare = this.stored(endpoint);
    for (const sink of sinks) spare = intersect(spare, this.#settled.of(sink, endpoint));
    return spare;
  }

  #committed(endpoint: Endpoint): IdRanges {
    const lastId = this.#lastId(endpoint);
    return lastId === 0 ? [] : [{ fromId: 0, toId: lastId }];
  }

  /**
   * Takes a range off what waits, and returns the ids that count as rejected. What retention has dropped in the
   * meantime stays dropped: no row counts twice.
   */
  settle(sink: string, endpoint: Endpoint, range: IdRange, rejectedIds: readonly number[]): readonly number[] {
    const open = intersect([range], this.waiting(sink, endpoint));
    const rejected = rejectedIds.filter((id) => open.some(({ fromId, toId }) => fromId < id && id <= toId));
    this.#addCounts.run(sizeOf(open) - rejected.length, rejected.length, sink, endpoint);
    for (const part of open) this.#settled.add(sink, endpoint, part);
    return rejected;
  }

  /** Notes that rows are about to be deleted, for every sink that the store has ever met. */
  retire(endpoint: Endpoint, range: IdRange): void {
    for (const row of this.#selectSinks.all(endpoint)) {
      const sink = text(row['sink']);
      for (const missed of intersect([range], this.waiting(sink, endpoint))) {
        this.#dropped.addRows(sink, endpoint, missed);
      }
      this.#settled.add(sink, endpoint, range);
    }
    this.#settled.add(retention, endpoint, range);
  }

  counts(sink: string, endpoint: Endpoint): SinkCounts {
    const row = this.#selectCounts.get(sink, endpoint);
    return {
      delivered: integer(row?.['delivered']),
      rejected: integer(row?.['rejected']),
      dropped: this.#dropped.total(sink, endpoint),
    };
  }
}
