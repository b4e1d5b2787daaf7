import { type Endpoint, endpoints } from '../model/target.ts';
import { type Database, inTransaction } from './database.ts';
import { firstIds, type IdRange, type IdRanges } from './id-ranges.ts';
import type { StoreFile } from './store-file.ts';
import { oldestDueMs, type Tables } from './tables.ts';

export type RetentionOptions = {
  readonly database: Database;
  readonly file: StoreFile;
  readonly tables: Tables;
  readonly runId: number;
  /** Only these hold rows back. */
  readonly sinks: readonly string[];
  readonly keepMs: number;
  readonly maxSizeBytes: number;
};

/** One or two milliseconds of deleting. */
const rowsPerSlice = 1_000;

/** Rows are committed nearly, not exactly, in the order of their due instants; no answer is a day late. */
const slackMs = 24 * 60 * 60 * 1_000;

/** Rows of one endpoint that are to go. */
type Victims = { readonly endpoint: Endpoint; readonly range: IdRange };

/**
 * Keeps the store within its age and size. Age is counted from the last due instant, so a wall clock that jumps deletes
 * nothing. Rows that a sink waits for outlive `keepMs`; they go last, and only when the size is exceeded without them.
 */
export class Retention {
  readonly #options: RetentionOptions;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** A few milliseconds of work in transactions of its own; true when there is more to do. */
  runSlice(): boolean {
    const { file } = this.#options;
    if (!file.trimLog()) return false;
    const victims = this.#findExpired() ?? this.#findExcess();
    if (victims !== undefined) {
      this.#delete(victims);
      return true;
    }
    return this.#sweep() || file.shrink();
  }

  #findExpired(): Victims | undefined {
    const { tables, sinks } = this.#options;
    const expiryMs = this.#expiryMs();
    for (const endpoint of endpoints) {
      for (const range of tables.ledger.spare(sinks, endpoint)) {
        const { fromId, toId } = firstIds(range, rowsPerSlice);
        const lastId = tables.samples[endpoint].lastIdBefore({ fromId, toId }, expiryMs);
        if (lastId === undefined) break;
        return { endpoint, range: { fromId, toId: lastId } };
      }
    }
    return undefined;
  }

  #expiryMs(): number {
    return (this.#options.tables.runs.lastDueMs() ?? 0) - this.#options.keepMs;
  }

  #findExcess(): Victims | undefined {
    const { file, maxSizeBytes, tables, sinks } = this.#options;
    if (file.sizeBytes() <= maxSizeBytes) return undefined;
    const { ledger } = tables;
    return (
      this.#findOldest((endpoint) => ledger.spare(sinks, endpoint)) ??
      this.#findOldest((endpoint) => ledger.stored(endpoint))
    );
  }

  #findOldest(rangesOf: (endpoint: Endpoint) => IdRanges): Victims | undefined {
    let oldest: Victims | undefined;
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const endpoint of endpoints) {
      const range = rangesOf(endpoint)[0];
      if (range === undefined) continue;
      const dueMs = this.#options.tables.samples[endpoint].firstDueMs(range);
      if (dueMs === undefined || dueMs >= oldestMs) continue;
      oldest = { endpoint, range: firstIds(range, rowsPerSlice) };
      oldestMs = dueMs;
    }
    return oldest;
  }

  #delete({ endpoint, range }: Victims): void {
    const { database, tables } = this.#options;
    inTransaction(database, () => {
      tables.ledger.retire(endpoint, range);
      tables.samples[endpoint].delete(range);
    });
  }

  /** Deletes rounds, series and targets that no row belongs to any more, except what this run has on its watchlist. */
  #sweep(): boolean {
    const { database, tables, runId } = this.#options;
    const oldestMs = oldestDueMs(tables);
    return inTransaction(database, () => {
      const rounds = tables.rounds.deleteBefore((oldestMs ?? this.#expiryMs()) - slackMs, rowsPerSlice);
      const lastUnused = oldestMs && tables.runs.lastBefore(oldestMs - slackMs, runId);
      if (lastUnused === undefined) return rounds > 0;
      const series = tables.series.deleteUsedUpTo(lastUnused, rowsPerSlice);
      if (series === 0) tables.runs.deleteUpTo(lastUnused);
      return rounds + series > 0;
    });
  }
}
