import type { IdRange } from '../model/id-range.ts';
import { type StoredTable, storedTables } from '../model/stored-table.ts';
import { type Database, integer, readInteger, text } from './database.ts';
import { type IdRanges, intersect, sizeOf, subtract } from './id-ranges.ts';
import { rollUpReader } from './roll-up-pass.ts';
import { retention } from './sink-ledger.ts';

/** The version from which on rows are accounted for in every table. */
const accountedVersion = 2;
/** The version from which on it is known which rows a sink has refused. */
const listedVersion = 3;

export type MendOptions = {
  /** Of the schema. */
  readonly version: number;
  /** The highest ids ever given, by table, where they are known. */
  readonly lastIds: ReadonlyMap<string, number | undefined>;
  readonly nowMs: number;
};

/**
 * Makes the books of a salvaged store agree with the rows that are left: a row that is not there counts as deleted, and as
 * dropped for the sinks that had not had it. Within a transaction of the caller.
 * Returns how many rows of each table that has books are lost.
 */
export function mendLedger(database: Database, { version, lastIds, nowMs }: MendOptions): ReadonlyMap<string, number> {
  const continueIds = database.prepare('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?');
  const beginIds = database.prepare(
    'INSERT INTO sqlite_sequence (name, seq) SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)',
  );
  for (const [table, lastId] of lastIds) {
    if (lastId === undefined) continue;
    beginIds.run(table, lastId);
    continueIds.run(lastId, table);
  }
  const names = storedTables.map(({ name }) => name).filter((name) => lastIds.has(name));
  const column = version >= accountedVersion ? 'table_name' : 'endpoint';
  return new Map(names.map((table) => [table, new TableBooks(database, { table, column, version, nowMs }).mend()]));
}

type BookOptions = {
  readonly table: StoredTable;
  /** What a table is called by in the books. */
  readonly column: string;
  readonly version: number;
  readonly nowMs: number;
};

class TableBooks {
  readonly #database: Database;
  readonly #table: StoredTable;
  readonly #column: string;
  readonly #version: number;
  readonly #nowMs: number;

  constructor(database: Database, { table, column, version, nowMs }: BookOptions) {
    this.#database = database;
    this.#table = table;
    this.#column = column;
    this.#version = version;
    this.#nowMs = nowMs;
  }

  mend(): number {
    const lastId = this.#integer(`SELECT seq FROM sqlite_sequence WHERE name = '${this.#table}'`);
    const all: IdRanges = lastId === 0 ? [] : [{ fromId: 0, toId: lastId }];
    const gone = subtract(all, this.#present());
    const lost = subtract(gone, this.#settled(retention));
    this.#write(retention, gone);
    for (const sink of this.#sinks()) {
      // Without its cursor the roll-up would count everything again; a sink may well get everything again.
      const known = intersect(this.#settled(sink), all);
      const settled = sink === rollUpReader.name && known.length === 0 ? all : known;
      const dropped = sizeOf(subtract(lost, settled));
      if (dropped > 0) this.#drop(sink, dropped);
      this.#write(sink, join(settled, gone));
      const listed =
        this.#version < listedVersion ? 0 : this.#mendRejected(sink, subtract(intersect(settled, all), gone));
      this.#balance(sink, sizeOf(subtract(all, this.#settled(sink))), { committed: lastId, listed });
    }
    return sizeOf(lost);
  }

  #present(): IdRanges {
    const ranges: { fromId: number; toId: number }[] = [];
    for (const row of this.#database.prepare(`SELECT id FROM ${this.#table} ORDER BY id`).iterate()) {
      const id = integer(row['id']);
      const last = ranges.at(-1);
      if (last?.toId === id - 1) last.toId = id;
      else ranges.push({ fromId: id - 1, toId: id });
    }
    return ranges;
  }

  /** Those whose counts are left, and those of which only the cursor is. */
  #sinks(): readonly string[] {
    const sinks = this.#database
      .prepare(
        `SELECT sink FROM sink_count WHERE ${this.#column} = ?1 UNION SELECT sink FROM settled WHERE ${this.#column} = ?1`,
      )
      .all(this.#table)
      .map((row) => text(row['sink']));
    return sinks.filter((sink) => sink !== retention);
  }

  #settled(sink: string): IdRanges {
    return this.#ranges('settled', sink);
  }

  #ranges(name: 'settled' | 'rejected_range', sink: string): IdRanges {
    const ranges = this.#database
      .prepare(`SELECT from_id, to_id FROM ${name} WHERE sink = ? AND ${this.#column} = ? ORDER BY from_id`)
      .all(sink, this.#table)
      .map((row) => ({ fromId: integer(row['from_id']), toId: integer(row['to_id']) }));
    return ranges.reduce<IdRanges>((joined, range) => join(joined, [range]), []);
  }

  #write(sink: string, ranges: IdRanges, name: 'settled' | 'rejected_range' = 'settled'): void {
    this.#database.prepare(`DELETE FROM ${name} WHERE sink = ? AND ${this.#column} = ?`).run(sink, this.#table);
    const insert = this.#database.prepare(`INSERT INTO ${name} VALUES (?, ?, ?, ?)`);
    for (const { fromId, toId } of ranges) insert.run(sink, this.#table, fromId, toId);
  }

  #drop(sink: string, rows: number): void {
    this.#database
      .prepare(
        `INSERT INTO dropped VALUES (?, ?, date(? / 1000, 'unixepoch'), ?) ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count`,
      )
      .run(sink, this.#table, this.#nowMs, rows);
  }

  /** Returns how many of the rows that are left the sink is known to have refused. */
  #mendRejected(sink: string, left: IdRanges): number {
    const listed = intersect(this.#ranges('rejected_range', sink), left);
    this.#write(sink, listed, 'rejected_range');
    return sizeOf(listed);
  }

  /** committed = delivered + waiting + rejected + dropped: what no count is left of was delivered. */
  #balance(sink: string, waiting: number, { committed, listed }: { committed: number; listed: number }): void {
    const of = [sink, this.#table] as const;
    const where = `WHERE sink = ? AND ${this.#column} = ?`;
    const dropped = this.#integer(`SELECT sum(row_count) FROM dropped ${where}`, ...of);
    const rejected = this.#integer(`SELECT rejected FROM sink_count ${where}`, ...of);
    const done = committed - waiting - dropped;
    const refused = Math.min(done, Math.max(rejected, listed));
    const count = 'ON CONFLICT DO UPDATE SET delivered = excluded.delivered, rejected = excluded.rejected';
    this.#database
      .prepare(`INSERT INTO sink_count (sink, ${this.#column}, delivered, rejected) VALUES (?, ?, ?, ?) ${count}`)
      .run(...of, done - refused, refused);
    if (this.#version < listedVersion) return;
    // What is lost, or was counted and is not listed any more, can be any row.
    this.#database
      .prepare(`UPDATE sink_count SET unlisted_to_id = ?, rejected_unlisted = rejected - rejected_deleted - ? ${where}`)
      .run(committed, listed, ...of);
  }

  #integer(sql: string, ...values: readonly string[]): number {
    return readInteger(this.#database.prepare(sql), ...values) ?? 0;
  }
}

/** The ids of both; ranges that touch become one. */
function join(a: IdRanges, b: IdRanges): IdRanges {
  const joined: { -readonly [Key in keyof IdRange]: IdRange[Key] }[] = [];
  for (const { fromId, toId } of [...a, ...b].sort((x, y) => x.fromId - y.fromId)) {
    const last = joined.at(-1);
    if (last !== undefined && fromId <= last.toId) last.toId = Math.max(last.toId, toId);
    else joined.push({ fromId, toId });
  }
  return joined;
}
