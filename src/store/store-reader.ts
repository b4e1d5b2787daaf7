import type { IdRange } from '../model/id-range.ts';
import type { Sample } from '../model/sample.ts';
import type { RunEnds, Stock, StoredRound } from '../model/stock.ts';
import { type StoredTable, storedTables } from '../model/stored-table.ts';
import type { Endpoint, Series } from '../model/target.ts';
import type { Session, Tier, Window } from '../model/window.ts';
import { startColumn, timeColumn } from './columns.ts';
import { type Database, inSnapshot, integer, readInteger, type Statement, text } from './database.ts';
import { firstIds, type IdRanges, intersect, rangesOf, sizeOf, subtract } from './id-ranges.ts';
import { explain } from './open-file.ts';
import { openBesides } from './open-for-reading.ts';
import { rollUpReader } from './roll-up-pass.ts';
import { faultOf } from './row-fault.ts';
import type { Row, RowTable, StoredPoint } from './row-table.ts';
import { SeriesCache } from './series-cache.ts';
import { isIntegerWithin, isSound, lastInstantMs, readAround } from './sound-rows.ts';
import { readAccounts, readDamagedRounds, readRounds, readRunEnds } from './stock.ts';
import { prepareTables, type Tables } from './tables.ts';

const cachedSeries = 65_536;
/** A few milliseconds, also where few rows of them are wanted. */
const scannedRows = 50_000;

/** Reads a store and closes it again. Where it cannot be read on, throws with words for the operator. */
export async function readStore<Result>(path: string, read: (store: StoreReader) => Promise<Result>): Promise<Result> {
  using store = new StoreReader(path);
  try {
    return await read(store);
  } catch (error) {
    throw explain(error, path);
  }
}

/**
 * Reads a store beside the process that writes to it. Each call is a short read transaction of its own, so that the log of
 * the writer can be emptied in between; what is asked twice may have changed.
 */
export class StoreReader implements Disposable {
  readonly #database: Database;
  readonly #tables: Tables;
  readonly #series: SeriesCache<Series | undefined>;
  readonly #selectTarget: Statement;
  readonly #selectOpenSession: Statement;

  constructor(path: string) {
    this.#database = openBesides(path);
    this.#tables = prepareTables(this.#database);
    this.#series = new SeriesCache((id) => this.#tables.series.findSound(id), cachedSeries);
    const prepare = (sql: string) => this.#database.prepare(sql);
    this.#selectTarget = prepare('SELECT target_id FROM series WHERE id = ?');
    this.#selectOpenSession = prepare('SELECT next_end_ms FROM open_session WHERE target_id = ?');
  }

  /** All counts as they belong together, and every round that is not damaged. */
  takeStock(eachRound: (round: StoredRound, ends: RunEnds) => void): Stock {
    return inSnapshot(this.#database, () => {
      const ends = readRunEnds(this.#database);
      readRounds(this.#database, (round) => eachRound(round, ends));
      return {
        runEnds: ends,
        damagedRounds: readDamagedRounds(this.#database),
        accounts: readAccounts(this.#database, this.#tables),
        lastIds: new Map(storedTables.map(({ name }) => [name, this.lastId(name)])),
        rolledUp: { room_stats: this.rolledUp('room_stats'), gift_count: this.rolledUp('gift_count') },
      };
    });
  }

  /** The highest id ever given in a table. */
  lastId(table: StoredTable): number {
    return this.#tables.rowsOf(table).lastId();
  }

  /** The rows that should be in a table: what retention has deleted is not among them. */
  stored(table: StoredTable): IdRanges {
    return this.#tables.ledger.stored(table);
  }

  deleted(table: StoredTable): IdRanges {
    return subtract([{ fromId: 0, toId: this.lastId(table) }], this.stored(table));
  }

  /** The rows that a sink has done with and that are still there. */
  settled(sink: string, table: StoredTable): IdRanges {
    return subtract(this.stored(table), this.#tables.ledger.waiting(sink, table));
  }

  rolledUp(endpoint: Endpoint): IdRanges {
    return this.settled(rollUpReader.name, endpoint);
  }

  /** The rows of a range that a sink has refused. */
  rejected(sink: string, table: StoredTable, range: IdRange): IdRanges {
    return this.#tables.ledger.rejected(sink, table, range);
  }

  /** When a row was written, as far as its content tells: a sample when it was answered, a window when it ended. */
  writtenMs(table: StoredTable, id: number): number | undefined {
    const columns = timeColumn(table) === 'due_ms' ? ['due_ms', 'delay_ms'] : ['end_ms'];
    const isPossible = columns.map((name) => isIntegerWithin(name, -lastInstantMs, lastInstantMs));
    const select = `SELECT ${columns.join(' + ')} FROM ${table} WHERE id = ? AND ${isPossible.join(' AND ')}`;
    return readInteger(this.#database.prepare(select), id);
  }

  /** The part of these ids that was answered in a time, and by so much before and after it; ids rise nearly in this order. */
  answeredWithin(endpoint: Endpoint, ranges: IdRanges, { fromMs, toMs }: TimeRange, marginMs: number): IdRanges {
    const firstId = this.#firstIdFrom(endpoint, ranges, fromMs - marginMs);
    const endId = this.#firstIdFrom(endpoint, ranges, toMs + marginMs);
    return intersect(ranges, [{ fromId: firstId - 1, toId: endId - 1 }]);
  }

  #firstIdFrom(endpoint: Endpoint, ranges: IdRanges, timeMs: number): number {
    for (const { fromId, toId } of ranges) {
      let [low, high] = [fromId + 1, toId + 1];
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if ((this.writtenMs(endpoint, middle) ?? Number.NEGATIVE_INFINITY) < timeMs) low = middle + 1;
        else high = middle;
      }
      if (low <= toId) return low;
    }
    return (ranges.at(-1)?.toId ?? 0) + 1;
  }

  readSamples(endpoint: Endpoint, range: IdRange): readonly Row<Sample>[] {
    return this.#readSound(range, this.#tables.samples[endpoint]);
  }

  readWindows(endpoint: Endpoint, tier: Tier, range: IdRange): readonly Row<Window>[] {
    return this.#readSound(range, this.#tables.windows[endpoint][tier]);
  }

  /** Each row with what the newest of the same session says. */
  readSessions(endpoint: Endpoint, range: IdRange): readonly Row<Session>[] {
    return this.#readSound(range, this.#tables.sessions[endpoint]);
  }

  /** A damaged row belongs to nobody: it counts as not there, and `faultOf` says what is wrong with it. */
  #readSound<Content extends Sample | Window | Session>(
    range: IdRange,
    table: RowTable<Content>,
  ): readonly Row<Content>[] {
    const rows = readAround(range, (part) => table.read(part, sizeOf([part])));
    return rows.filter((row) => isSound(row, (seriesId) => this.#series.get(seriesId) !== undefined));
  }

  /** What is wrong with a row that was not read, as what follows its number in a sentence; undefined where it is not there. */
  faultOf(table: StoredTable, id: number): string | undefined {
    return faultOf(this.#database, table, id, (seriesId) => this.#tables.series.find(seriesId));
  }

  /** The newest row of a session. */
  sessionOf(endpoint: Endpoint, seriesId: number, startMs: number): Row<Session> | undefined {
    const select = this.#database.prepare(
      `SELECT max(id) FROM ${endpoint}_session WHERE series_id = ? AND start_ms = ?`,
    );
    const id = readInteger(select, seriesId, startMs);
    return id === undefined ? undefined : this.readSessions(endpoint, { fromId: id - 1, toId: id })[0];
  }

  /** Rows as they are shipped; of a session that was written several times only the last. */
  readPoints(table: StoredTable, range: IdRange): readonly StoredPoint[] {
    const rows = this.#tables.rowsOf(table);
    const seriesOf = (id: number) => this.#series.get(id);
    const points = [...rows.readPoints(range, { seriesOf, onDamaged: () => {}, expected: () => 0 })];
    if (!table.endsWith('_session')) return points;
    const newest = this.#database.prepare(
      `SELECT id FROM ${table} AS row WHERE id > ? AND id <= ? AND id =
         (SELECT max(id) FROM ${table} WHERE series_id = row.series_id AND start_ms = row.start_ms)`,
    );
    const ids = new Set(newest.all(range.fromId, range.toId).map((row) => integer(row['id'])));
    return points.filter(({ id }) => ids.has(id));
  }

  /** Those of them whose points lie in a time. */
  *readPointsAt(table: StoredTable, ranges: IdRanges, { fromMs, toMs }: TimeRange): Generator<readonly StoredPoint[]> {
    const start = startColumn(table);
    const select = this.#database.prepare(
      `SELECT id FROM ${table} WHERE id > ? AND id <= ? AND ${start} >= ? AND ${start} < ? ORDER BY id`,
    );
    for (const range of slices(ranges, scannedRows)) {
      const ids = select.all(range.fromId, range.toId, fromMs, toMs).map((row) => integer(row['id']));
      for (const part of rangesOf(ids)) yield this.readPoints(table, part);
    }
  }

  seriesOf(seriesId: number): Series {
    const series = this.#series.get(seriesId);
    if (series === undefined) throw new Error(`the store has no series ${seriesId}`);
    return series;
  }

  targetOf(seriesId: number): number {
    const id = readInteger(this.#selectTarget, seriesId);
    if (id === undefined) throw new Error(`the store has no series ${seriesId}`);
    return id;
  }

  /** What the roll-up remembers of the windows that a series has open. */
  openWindows(seriesId: number): string | undefined {
    return this.#tables.open.windowsOf(seriesId)?.state;
  }

  /** Whether a session of the target has got samples that no row of it holds. */
  hasOpenSession(targetId: number): boolean {
    return readInteger(this.#selectOpenSession, targetId) !== undefined;
  }

  /** The apps that the store has ever held a target of. */
  apps(): readonly string[] {
    return this.#database
      .prepare("SELECT DISTINCT app FROM target WHERE typeof(app) = 'text'")
      .all()
      .map((row) => text(row['app']));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

/** Epoch milliseconds; the end is not in it. */
type TimeRange = { readonly fromMs: number; readonly toMs: number };

/** The same ids in parts of at most so many. */
export function* slices(ranges: IdRanges, size: number): Generator<IdRange> {
  for (const range of ranges) {
    for (let { fromId } = range; fromId < range.toId; fromId += size)
      yield firstIds({ fromId, toId: range.toId }, size);
  }
}
