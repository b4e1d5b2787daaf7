import type { IdRange } from '../model/id-range.ts';
import { type RowKind, rowKinds, type StoredTable, storedTables, tableOf } from '../model/stored-table.ts';
import { endpoints } from '../model/target.ts';
import { type Database, inTransaction } from './database.ts';
import { firstIds, type IdRanges } from './id-ranges.ts';
import { findPresent } from './present.ts';
import type { Reader } from './sink-ledger.ts';
import type { StoreFile } from './store-file.ts';
import { Sweep } from './sweep.ts';
import type { Tables } from './tables.ts';

export type RetentionOptions = {
  readonly database: Database;
  readonly file: StoreFile;
  readonly tables: Tables;
  readonly runId: number;
  /** Only these hold rows back. */
  readonly readers: readonly Reader[];
  readonly keepMs: Readonly<Record<RowKind, number>>;
  readonly maxSizeBytes: number;
  /** Rows that a reader waits for were deleted. */
  readonly onDropped: () => void;
};

/** One or two milliseconds of deleting. */
const rowsPerSlice = 1_000;

/** Rows of one table that are to go. */
type Victims = { readonly table: StoredTable; readonly range: IdRange };

/**
 * Keeps the store within its ages and its size. Age is counted from the present of the store, so a wall clock that jumps
 * deletes next to nothing. Rows that a sink or the roll-up waits for outlive their age; they go last, and only when the size is
 * exceeded without them. Before them samples go, then windows, the finest first.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #sweep: Sweep;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#sweep = new Sweep(options);
  }

  /** A few milliseconds of work in transactions of its own; true when there is more to do. */
  runSlice(): boolean {
    const { file, tables, keepMs } = this.#options;
    if (!file.trimLog()) return false;
    const presentMs = findPresent(tables, keepMs.raw);
    const spare = this.#findExpired(presentMs) ?? this.#findExcess();
    const victims = spare ?? this.#findWaitingExcess();
    if (victims !== undefined) {
      this.#delete(victims);
      if (spare === undefined) this.#options.onDropped();
      return true;
    }
    return this.#sweep.runSlice(presentMs - keepMs.raw) || file.shrink();
  }

  /** Deletes some rows of a store that is too large, of those that nobody waits for; true when there may be more. */
  makeRoom(): boolean {
    const spare = this.#options.file.trimLog() ? this.#findExcess() : undefined;
    if (spare !== undefined) this.#delete(spare);
    return spare !== undefined;
  }

  #findExpired(presentMs: number): Victims | undefined {
    const { tables, readers, keepMs } = this.#options;
    for (const { name: table, kind } of storedTables) {
      const expiryMs = presentMs - keepMs[kind];
      if (expiryMs === Number.NEGATIVE_INFINITY) continue;
      const [range] = tables.ledger.spare(readers, table);
      if (range === undefined) continue;
      const { fromId, toId } = firstIds(range, rowsPerSlice);
      const lastId = tables.rowsOf(table).lastIdBefore({ fromId, toId }, expiryMs);
      if (lastId > fromId) return { table, range: { fromId, toId: lastId } };
    }
    return undefined;
  }

  #findExcess(): Victims | undefined {
    const { tables, readers } = this.#options;
    return this.#isTooLarge() ? this.#findFirst((table) => tables.ledger.spare(readers, table)) : undefined;
  }

  #findWaitingExcess(): Victims | undefined {
    const { tables } = this.#options;
    return this.#isTooLarge() ? this.#findFirst((table) => tables.ledger.stored(table)) : undefined;
  }

  #isTooLarge(): boolean {
    const { file, maxSizeBytes } = this.#options;
    return file.sizeBytes() > maxSizeBytes;
  }

  /** The oldest rows of the first kind that has any. */
  #findFirst(rangesOf: (table: StoredTable) => IdRanges): Victims | undefined {
    for (const kind of rowKinds) {
      const victims = this.#findOldest(kind, rangesOf);
      if (victims !== undefined) return victims;
    }
    return undefined;
  }

  #findOldest(kind: RowKind, rangesOf: (table: StoredTable) => IdRanges): Victims | undefined {
    let oldest: Victims | undefined;
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const endpoint of endpoints) {
      const table = tableOf(endpoint, kind);
      const range = rangesOf(table)[0];
      if (range === undefined) continue;
      const timeMs = this.#options.tables.rowsOf(table).firstMs(range);
      if (timeMs === undefined || timeMs >= oldestMs) continue;
      oldest = { table, range: firstIds(range, rowsPerSlice) };
      oldestMs = timeMs;
    }
    return oldest;
  }

  #delete({ table, range }: Victims): void {
    const { database, tables } = this.#options;
    inTransaction(database, () => {
      tables.ledger.retire(table, range);
      tables.rowsOf(table).delete(range);
    });
  }
}
