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
  readonly #selectNext: Statement;
  readonly #lastKey: number;
  readonly #mostHoles: number;

  constructor(database: Database, { table, key, columns, lastKey }: Tree) {
    this.#select = database.prepare(
      `SELECT ${columns.join(', ')} FROM ${table} WHERE ${key} > ? AND ${key} <= ? ORDER BY ${key}`,
    );
    this.#selectNext = database.prepare(`SELECT ${key} FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT 1`);
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
      if (row === undefined) return 'none';
      const key = integer(Object.values(row)[0]);
      // A damaged key must not lead past all others.
      return key - from > farthestKeys ? 'unreadable' : key;
    } catch (error) {
      if (classifyError(error) === 'busy') throw error;
      return 'unreadable';
    }
  }

  *#readRange(from: number, to: number): Generator<readonly ReadableRow[]> {
    if (to - from <= rowsAtOnce) {
      const rows = this.#tryToRead(from, to);
      if (rows !== undefined) {
        if (rows.length > 0) yield rows;
        return;
      }
      if (to - from === 1) return;
    }
    const middle = Math.floor((from + to) / 2);
    yield* this.#readRange(from, middle);
    yield* this.#readRange(middle, to);
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
      return this.#select.all(from, to);
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
