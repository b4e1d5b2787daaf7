import { existsSync, realpathSync } from 'node:fs';
import type { Clock } from '../model/clock.ts';
import { toPoint } from '../model/point.ts';
import type { StoreStatus } from '../model/store-status.ts';
import { type Endpoint, endpoints, type Series } from '../model/target.ts';
import type { Batch } from './batch.ts';
import { type Database, inTransaction } from './database.ts';
import { type IdRange, type IdRanges, sizeOf } from './id-ranges.ts';
import { acquireLock, type Holder } from './lock.ts';
import { explain, makeFolder, openFile } from './open-file.ts';
import type { RejectedPoint } from './rejected-points.ts';
import { Retention } from './retention.ts';
import type { OpenRound } from './round-table.ts';
import type { SampleRow } from './sample-table.ts';
import { SeriesCache } from './series-cache.ts';
import type { Registration } from './series-table.ts';
import { StoreFile } from './store-file.ts';
import { oldestDueMs, prepareTables, type Tables } from './tables.ts';
import { writeBatch } from './write-batch.ts';

export type JournalOptions = {
  readonly path: string;
  readonly clock: Clock;
  /** Rows this much older than the newest are deleted, unless a sink waits for them. */
  readonly keepMs: number;
  /** Used pages and WAL. */
  readonly maxSizeBytes: number;
  /**
   * The sinks that rows are kept for. One that is left out holds nothing back; it is remembered, and when it is back
   * it goes on where it was, with what was deleted in the meantime counted as dropped.
   */
  readonly sinks: readonly string[];
  readonly holder: Holder;
};

export type Rejection = { readonly id: number; readonly reason: string };

/** What the journal can tell of itself. */
export type JournalStatus = Omit<StoreStatus, 'commitProblem'>;

/** Series kept in memory for the sinks; about 6 MiB. */
const cachedSeries = 16_384;

/**
 * Opens the store for writing, and makes it when there is none. Throws with words for the operator when another process has
 * it open, or when the file is not a store that this program can use.
 */
export function openJournal(options: JournalOptions): Journal {
  makeFolder(options.path);
  const path = existsSync(options.path) ? realpathSync(options.path) : options.path;
  const resources = new DisposableStack();
  try {
    resources.use(acquireLock(path, options.holder, Math.floor(options.clock.wallMs())));
    const database = resources.use(openFile(path));
    return new Journal(options, path, database, resources);
  } catch (error) {
    resources.dispose();
    throw explain(error, path);
  }
}

/** The one writer of the store. Every method is synchronous, and what it changes is on the disk when it returns. */
export class Journal implements Disposable {
  readonly #options: JournalOptions;
  readonly #database: Database;
  readonly #resources: DisposableStack;
  readonly #tables: Tables;
  readonly #file: StoreFile;
  readonly #runId: number;
  readonly #retention: Retention;
  readonly #seriesCache: SeriesCache;

  constructor(options: JournalOptions, path: string, database: Database, resources: DisposableStack) {
    this.#options = options;
    this.#database = database;
    this.#resources = resources;
    this.#tables = prepareTables(database);
    this.#file = new StoreFile(database, path);
    this.#runId = inTransaction(database, () => this.#beginRun());
    const { sinks, keepMs, maxSizeBytes } = options;
    const [file, tables, runId] = [this.#file, this.#tables, this.#runId];
    this.#retention = new Retention({ database, file, tables, runId, sinks, keepMs, maxSizeBytes });
    this.#seriesCache = new SeriesCache((seriesId) => tables.series.read(seriesId), cachedSeries);
  }

  #beginRun(): number {
    const { sinks, clock } = this.#options;
    const nowMs = Math.floor(clock.wallMs());
    for (const sink of sinks) this.#tables.ledger.meet(sink, oldestDueMs(this.#tables) ?? this.lastDueMs() ?? nowMs);
    return this.#tables.runs.begin(nowMs);
  }

  /** The highest due instant ever committed, also when its row is long deleted. */
  lastDueMs(): number | undefined {
    return this.#tables.runs.lastDueMs();
  }

  /** Ids of new rounds begin here. */
  nextRoundId(): number {
    return this.#tables.rounds.lastId() + 1;
  }

  openRounds(): readonly OpenRound[] {
    return this.#tables.rounds.open();
  }

  /**
   * Finds or makes series and keeps them while this process runs, in one transaction. Register in the order of polling:
   * states that are written one after the other then lie side by side, which makes commits four times as fast.
   */
  register(series: readonly Series[]): readonly Registration[] {
    return inTransaction(this.#database, () => series.map((one) => this.#tables.series.register(one, this.#runId)));
  }

  commit(batch: Batch): void {
    inTransaction(this.#database, () => writeBatch(this.#tables, this.#runId, batch));
  }

  /** What a sink has not had yet, oldest first; every id in it has a row. */
  waitingRanges(sink: string, endpoint: Endpoint): IdRanges {
    return this.#tables.ledger.waiting(sink, endpoint);
  }

  /** At most `limit` rows of a range, by rising id. */
  readRows(endpoint: Endpoint, range: IdRange, limit: number): readonly SampleRow[] {
    return this.#tables.samples[endpoint].read(range, limit);
  }

  seriesOf(seriesId: number): Series {
    return this.#seriesCache.get(seriesId);
  }

  /** Takes a range off what a sink waits for: each row that is not rejected is delivered. */
  settle(
    sink: string,
    endpoint: Endpoint,
    range: IdRange,
    { rejected }: { readonly rejected: readonly Rejection[] },
  ): void {
    inTransaction(this.#database, () => {
      const reasons = new Map(rejected.map(({ id, reason }) => [id, reason]));
      const counted = this.#tables.ledger.settle(sink, endpoint, range, [...reasons.keys()]);
      for (const id of counted) this.#setAside(sink, endpoint, id, reasons.get(id) ?? '');
    });
  }

  #setAside(sink: string, endpoint: Endpoint, id: number, reason: string): void {
    const nowMs = Math.floor(this.#options.clock.wallMs());
    for (const { seriesId, sample } of this.readRows(endpoint, { fromId: id - 1, toId: id }, 1)) {
      this.#tables.rejected.add(sink, id, toPoint(this.seriesOf(seriesId), sample), reason, nowMs);
    }
  }

  /** The points refused last, newest first. */
  rejectedPoints(limit: number): readonly RejectedPoint[] {
    return this.#tables.rejected.newest(limit);
  }

  /** A few milliseconds of retention; true when there is more to do at once. Call it whenever nothing else is to be done. */
  tidy(): boolean {
    return this.#retention.runSlice();
  }

  status(): JournalStatus {
    const { samples, ledger } = this.#tables;
    const { sinks, maxSizeBytes } = this.#options;
    return {
      committed: { room_stats: samples.room_stats.lastId(), gift_count: samples.gift_count.lastId() },
      sizeBytes: this.#file.sizeBytes(),
      maxSizeBytes,
      sinks: sinks.flatMap((sink) =>
        endpoints.map((endpoint) => {
          const waiting = ledger.waiting(sink, endpoint);
          const oldestWaitingMs = waiting[0] && samples[endpoint].firstDueMs(waiting[0]);
          return { sink, endpoint, ...ledger.counts(sink, endpoint), waiting: sizeOf(waiting), oldestWaitingMs };
        }),
      ),
    };
  }

  [Symbol.dispose](): void {
    this.#resources.dispose();
  }
}
