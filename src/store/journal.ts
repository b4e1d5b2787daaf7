import type { Clock } from '../model/clock.ts';
import type { IdRange } from '../model/id-range.ts';
import type { Sample } from '../model/sample.ts';
import type { StoreStatus } from '../model/store-status.ts';
import type { StoredTable } from '../model/stored-table.ts';
import type { Endpoint, Series, Target } from '../model/target.ts';
import type { Tier } from '../model/window.ts';
import type { Batch } from './batch.ts';
import { type Database, inTransaction } from './database.ts';
import { type IdRanges, intersect, sizeOf } from './id-ranges.ts';
import { describeStatus } from './journal-status.ts';
import { acquireLock, type Holder } from './lock.ts';
import { explain, makeFolder, openAndBegin } from './open-file.ts';
import { realPath } from './real-path.ts';
import type { RejectedPoint } from './rejected-points.ts';
import { Retention } from './retention.ts';
import type { RollUp } from './roll-up.ts';
import { RollUpPass, type RollUpSlice, rollUpReader } from './roll-up-pass.ts';
import type { OpenRound } from './round-table.ts';
import { faultOf } from './row-fault.ts';
import type { StoredPoint } from './row-table.ts';
import { SeriesCache } from './series-cache.ts';
import type { Registration } from './series-table.ts';
import type { Reader } from './sink-ledger.ts';
import { readAround } from './sound-rows.ts';
import { StoreFile } from './store-file.ts';
import { oldestStartMs, prepareTables, type Tables } from './tables.ts';
import type { TornCommit } from './write-ahead-log.ts';
import { writeBatch } from './write-batch.ts';

export type JournalOptions = {
  readonly path: string;
  readonly clock: Clock;
  /** Samples this much older than the newest are deleted, unless a sink or the roll-up waits for them. */
  readonly keepMs: number;
  /** The same for windows, from their end; sessions are kept as long as days. Infinity is for ever. */
  readonly keepTiersMs: Readonly<Record<Tier, number>>;
  /** Used pages and WAL. */
  readonly maxSizeBytes: number;
  /**
   * The sinks that rows are kept for. One that is left out holds nothing back; it is remembered, and when it is back
   * it goes on where it was, with what was deleted in the meantime counted as dropped.
   */
  readonly sinks: readonly Reader[];
  readonly rollUp: RollUp;
  readonly onForgotten: (target: Target, problem: string) => void;
  /** Rows that the roll-up cannot read are in no window; `example` says what is wrong with one of them. */
  readonly onDamagedRows: (table: StoredTable, rows: number, example: string) => void;
  /** Told once, while the store is opened: a commit was broken off, or it was whole and the disk has lost some of it. */
  readonly onTornCommit: (torn: TornCommit) => void;
  readonly holder: Holder;
};

/** A committed sample. */
export type SampleRow = { readonly id: number; readonly seriesId: number; readonly sample: Sample };

export type Rejection = { readonly id: number; readonly reason: string };

/** Series kept in memory for the sinks; about 6 MiB. */
const cachedSeries = 16_384;

/**
 * Opens the store for writing, and makes it when there is none. Throws with words for the operator when another process has
 * it open, or when the file is not a store that this program can use.
 */
export function openJournal(options: JournalOptions): Journal {
  makeFolder(options.path);
  const path = realPath(options.path);
  const resources = new DisposableStack();
  try {
    resources.use(acquireLock(path, options.holder, Math.floor(options.clock.wallMs())));
    return openAndBegin(path, (database, torn) => {
      const journal = new Journal(options, path, resources.use(database), resources);
      if (torn !== undefined) options.onTornCommit(torn);
      return journal;
    });
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
  readonly #rollUp: RollUpPass;
  readonly #seriesCache: SeriesCache<Series | undefined>;

  constructor(options: JournalOptions, path: string, database: Database, resources: DisposableStack) {
    this.#options = options;
    this.#database = database;
    this.#resources = resources;
    this.#tables = prepareTables(database);
    this.#file = new StoreFile(database, path);
    this.#runId = inTransaction(database, () => this.#beginRun());
    const { keepTiersMs, maxSizeBytes } = options;
    const [file, tables, runId, readers] = [this.#file, this.#tables, this.#runId, [rollUpReader, ...options.sinks]];
    const keepMs = { ...keepTiersMs, raw: options.keepMs, session: keepTiersMs['1d'] };
    const onDamaged = (table: StoredTable, ids: readonly number[]) =>
      options.onDamagedRows(table, ids.length, this.#describeDamage(table, ids[0] ?? 0));
    const rollUp = new RollUpPass({ ...options, database, tables, onDamaged });
    const onDropped = () => rollUp.startOver();
    this.#rollUp = rollUp;
    this.#retention = new Retention({ database, file, tables, runId, readers, keepMs, maxSizeBytes, onDropped });
    this.#seriesCache = new SeriesCache((seriesId) => tables.series.findSound(seriesId), cachedSeries);
  }

  #beginRun(): number {
    const { sinks, clock } = this.#options;
    const nowMs = Math.floor(clock.wallMs());
    for (const reader of [rollUpReader, ...sinks]) {
      const oldestMs = oldestStartMs(this.#tables, reader.tables);
      this.#tables.ledger.meet(reader, oldestMs ?? this.lastDueMs() ?? nowMs);
    }
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

  /** A few milliseconds of the roll-up; see `RollUpPass`. */
  rollUp(untilMs: number): RollUpSlice {
    return this.#rollUp.runSlice(untilMs);
  }

  /** What a sink has not had yet, oldest first; every id in it has a row. */
  waitingRanges(sink: string, table: StoredTable): IdRanges {
    return this.#tables.ledger.waiting(sink, table);
  }

  /** The rows of a range, by rising id, as they are shipped, each read when it is asked for. Damaged ones are left out, and told. */
  readPoints(
    table: StoredTable,
    range: IdRange,
    onDamaged: (row: Rejection) => void = () => {},
  ): Iterable<StoredPoint> {
    const { rowsOf, ledger } = this.#tables;
    return rowsOf(table).readPoints(range, {
      seriesOf: (seriesId) => this.seriesOf(seriesId),
      onDamaged: (id) => onDamaged({ id, reason: this.#describeDamage(table, id) }),
      expected: () => sizeOf(intersect([range], ledger.stored(table))),
    });
  }

  #describeDamage(table: StoredTable, id: number): string {
    const fault = faultOf(this.#database, table, id, (seriesId) => this.#tables.series.find(seriesId));
    return `row ${id} of ${table} is damaged: it ${fault ?? 'is not there'}`;
  }

  /** At most `limit` samples of a range, by rising id, without damaged ones. */
  readRows(endpoint: Endpoint, range: IdRange, limit: number): readonly SampleRow[] {
    const rows = readAround(range, (part) => this.#tables.samples[endpoint].read(part, limit));
    return rows.slice(0, limit).map(({ id, seriesId, content }) => ({ id, seriesId, sample: content }));
  }

  seriesOf(seriesId: number): Series | undefined {
    return this.#seriesCache.get(seriesId);
  }

  /** Takes a range off what a sink waits for: each row that is not rejected is delivered. */
  settle(sink: string, table: StoredTable, range: IdRange, rejected: readonly Rejection[]): void {
    inTransaction(this.#database, () => {
      const reasons = new Map(rejected.map(({ id, reason }) => [id, reason]));
      const counted = this.#tables.ledger.settle(sink, table, range, [...reasons.keys()]);
      for (const id of counted) this.#setAside(sink, table, id, reasons.get(id) ?? '');
    });
  }

  #setAside(sink: string, table: StoredTable, rowId: number, reason: string): void {
    const rejectedMs = Math.floor(this.#options.clock.wallMs());
    const [row] = this.readPoints(table, { fromId: rowId - 1, toId: rowId });
    this.#tables.rejected.add({ sink, table, rowId, point: row?.point, reason, rejectedMs });
  }

  /** The points refused last, newest first. */
  rejectedPoints(limit: number): readonly RejectedPoint[] {
    return this.#tables.rejected.newest(limit);
  }

  /** A few milliseconds of retention; true when there is more to do at once. Call it whenever nothing else is to be done. */
  tidy(): boolean {
    return this.#retention.runSlice();
  }

  /** Some of the same, where the store is too large and has rows that nobody waits for; true when there may be more. */
  makeRoom(): boolean {
    return this.#retention.makeRoom();
  }

  /** What the journal can tell of itself. */
  status(): Omit<StoreStatus, 'commitProblem'> {
    const { sinks, maxSizeBytes } = this.#options;
    return { ...describeStatus(this.#tables, sinks), sizeBytes: this.#file.sizeBytes(), maxSizeBytes };
  }

  [Symbol.dispose](): void {
    this.#resources.dispose();
  }
}
