import type { IdRange } from '../model/id-range.ts';
import type { Point } from '../model/point.ts';
import type { StoredTable } from '../model/stored-table.ts';

/** A committed row, as it is shipped. */
export type Row = { readonly id: number; readonly point: Point };

/** A row that the sink never takes, or that cannot be read. */
export type Rejection = { readonly id: number; readonly reason: string };

/** The store as the shipper needs it. Every call is synchronous and cheap; it throws, as reading its points does, only where the store is broken. */
export interface Backlog {
  /** What a sink has not had yet: apart from one another, oldest first, up to the last committed id. */
  waitingRanges(sink: string, table: StoredTable): readonly IdRange[];
  /**
   * Ascending ids, each read when it is asked for, all of them before any other call. A range may hold ids without a row; damaged
   * rows are left out and told, which are to be settled as rejected.
   */
  readPoints(table: StoredTable, range: IdRange, onDamaged: (row: Rejection) => void): Iterable<Row>;
  /** Takes the whole range off the sink's waiting ranges, in one transaction: what is not rejected was delivered. */
  settle(sink: string, table: StoredTable, range: IdRange, rejected: readonly Rejection[]): void;
}
