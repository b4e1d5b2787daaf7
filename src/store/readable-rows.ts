import { classifyError, type Database, integer, type OutputValue, type Statement } from './database.ts';

export type ReadableRow = Readonly<Record<string, OutputValue>>;

export type Tree = {
  readonly table: string;
  /** The integer that rows are found by. */
  readonly key: string;
  readonly columns: readonly string[];
  /** No row is above it; undefined where that cannot be read. */
  readonly lastKey: number | undefined;
};

const rowsAtOnce = 1_000;
/** A damaged page hides some ten to some thousand rows; a wider hole is probed before it is searched row by row. */
const searchedKeys = 65_536;
const probes = 64;
/** Where nothing tells how far a table goes, so many holes of that width in a row are taken for its end. */
const mostHoles = 64;
const farthestKeys = 2 ** 32;

/** Reads what can be read of a damaged table: forwards to the first damage, and around every other. */
export class ReadableRows {
  readonly #select: Statement;
  readonly #selectOne: Statement;
  readonly #selectNext: Statement;
  readonly #selectLast: Statement;
  readonly #key: string;
  readonly #lastKey: number;
  readonly #mostHoles: number;

  constructor(database: Database, { table, key, columns, lastKey }: Tree) {
    this.#select = database.prepare(
      `SELECT ${columns.join(', ')} FROM ${table} WHERE ${key} > ? AND ${key} <= ? ORDER BY ${key}`,
    );
    this.#selectOne = database.prepare(`SELECT ${columns.join(', ')} FROM ${table} WHERE ${key} = ?`);
    this.#selectNext = database.prepare(`SELECT ${key} FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT 1`);
    this.#selectLast = database.prepare(`SELECT ${key} FROM ${table} WHERE ${key} <= ? ORDER BY ${key} DESC LIMIT 1`);
    this.#key = key;
    this.#lastKey = lastKey ?? Number.MAX_SAFE_INTEGER;
    this.#mostHoles = lastKey === undefined ? mostHoles : Number.POSITIVE_INFINITY;
  }

  *read(): Generator<readonly ReadableRow[]> {
    let holes = 0;
    for (let from = 0; from < this.#lastKey && holes < this.#mostHoles; from += searchedKeys) {
      const next = this.#nextAbove(from);
      if (next === 'none') return;
      if (next !== 'unreadable') from = Math.max(from, next - 1);
      const to = Math.min(this.#lastKey, from + searchedKeys);
      if (next === 'unreadable' && this.#isLost(from, to)) holes++;
      else {
        holes = 0;
        yield* this.#readRange(from, to);
      }
    }
  }

  /** The next key that has a row: keys can be far apart. */
  #nextAbove(from: number): number | 'none' | 'unreadable' {
    try {
      const row = this.#selectNext.get(from);
      if (row === undefined) return this.#isEmpty(from, this.#lastKey) ? 'none' : 'unreadable';
      const key = integer(Object.values(row)[0]);
      // A damaged key must not lead past others.
      if (key - from > farthestKeys) return 'unreadable';
      return this.#isEmpty(from, key - 1) ? key : from + 1;
    } catch (error) {
      if (classifyError(error) === 'busy') throw error;
      return 'unreadable';
    }
  }

  *#readRange(from: number, to: number): Generator<readonly ReadableRow[]> {
    const rows = to - from <= rowsAtOnce ? this.#tryToRead(from, to) : undefined;
    if (rows === undefined) {
      yield* this.#readHalves(from, to);
      return;
    }
    if (rows.length > 0) yield rows;
    let before = from;
    for (const key of [...rows.map((row) => integer(row[this.#key])), to + 1]) {
      if (!this.#isEmpty(before, key - 1)) yield* this.#readHalves(before, key - 1);
      before = key;
    }
  }

  *#readHalves(from: number, to: number): Generator<readonly ReadableRow[]> {
    if (to - from <= 1) return;
    const middle = Math.floor((from + to) / 2);
    yield* this.#readRange(from, middle);
    yield* this.#readRange(middle, to);
  }

  /** Whether there is no row from the other side either: where a key is damaged, what lies behind it seems not to be there. */
  #isEmpty(from: number, to: number): boolean {
    if (to <= from) return true;
    try {
      const row = this.#selectLast.get(to);
      return row === undefined || integer(Object.values(row)[0]) <= from;
    } catch (error) {
      if (classifyError(error) === 'busy') throw error;
      return false;
    }
  }

  #isLost(from: number, to: number): boolean {
    const step = (to - from) / probes;
    for (let probe = 1; probe <= probes; probe++) {
      const key = from + Math.floor(probe * step);
      if (this.#tryToRead(key - 1, key) !== undefined) return false;
    }
    return true;
  }

  #tryToRead(from: number, to: number): readonly ReadableRow[] | undefined {
    try {
      // The end of a range is known by the row behind it, which may be the first of a damaged page.
      if (to - from === 1) return this.#selectOne.all(to);
      const rows = this.#select.all(from, to);
      const isInOrder = rows.every(
        (row, index) => index === 0 || integer(row[this.#key]) > integer(rows[index - 1]?.[this.#key]),
      );
      return isInOrder ? rows : undefined;
    } catch (error) {
      if (classifyError(error) === 'busy') throw error;
      return undefined;
    }
  }
}

/** All that comes before the first damage from either end of a table without such a key; these are small. */
export function readFromBothEnds(
  database: Database,
  table: string,
  columns: readonly string[],
  order: readonly string[],
): readonly ReadableRow[] {
  const found = new Map<string, ReadableRow>();
  for (const direction of ['ASC', 'DESC']) {
    try {
      const by = order.map((column) => `${column} ${direction}`).join(', ');
      for (const row of database.prepare(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY ${by}`).iterate()) {
        found.set(JSON.stringify(order.map((column) => row[column])), { ...row });
      }
    } catch (error) {
      if (classifyError(error) === 'busy') throw error;
    }
  }
  return [...found.values()];
}
