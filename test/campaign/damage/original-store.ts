import { cpSync, readFileSync, truncateSync } from 'node:fs';
import { storedTables } from '../../../src/model/stored-table.ts';
import { integer, openForReading, text } from '../../../src/store/database.ts';
import { TemporaryStore } from '../../integration/store/temporary-store.ts';
import { hourMs, LivedStore, type MemoryDatabase } from '../../integration/verify/lived-store.ts';
import type { Harm } from './spoil.ts';
import { type Rows, readRows } from './truth.ts';

/** A store that is not damaged, and what the harness knows of it without the code that looks for damage. */
export type OriginalStore = Disposable & {
  readonly sizes: Readonly<Record<Harm['file'], number>>;
  readonly truth: Rows;
  /** What its sink has got. */
  readonly shipped: MemoryDatabase;
  readonly nowMs: number;
  readonly frames: readonly Frame[];
  /** Pages by their number. */
  readonly pages: ReadonlyMap<number, Page>;
  copyTo(path: string): void;
  /** What it held when its log ended there. */
  rowsWithLogOf(bytes: number): Rows;
};

/** A page in the log: which, and whether a commit ends with it. */
export type Frame = { readonly at: number; readonly page: number; readonly isCommit: boolean };

/** Whose tree a page is of, where in it, and how many rows it has itself. */
export type Page = { readonly tree: string; readonly path: string; readonly rows: number };

export const pageBytes = 4_096;
export const logHeadBytes = 32;
export const frameBytes = 24 + pageBytes;

/** As a crash leaves it: the last commits are in the log only. */
export function createOriginalStore(): OriginalStore {
  using lived = new LivedStore();
  lived.live(2 * hourMs);
  lived.ship();
  lived.reopen();
  lived.live(hourMs);
  lived.ship('influxdb');
  const keeper = new TemporaryStore();
  copyFiles(lived.store.path, keeper.path);
  const log = readFileSync(`${keeper.path}-wal`);
  const known = new Map<number, Rows>();
  return {
    sizes: { database: readFileSync(keeper.path).length, log: log.length },
    truth: readRows(keeper.path),
    shipped: lived.database,
    nowMs: lived.nowMs,
    frames: framesOf(log),
    pages: pagesOf(keeper.path),
    copyTo: (path) => copyFiles(keeper.path, path),
    rowsWithLogOf(bytes) {
      const rows = known.get(bytes) ?? readWithLogOf(keeper.path, bytes);
      known.set(bytes, rows);
      return rows;
    },
    [Symbol.dispose]: () => keeper[Symbol.dispose](),
  };
}

function copyFiles(path: string, copyPath: string): void {
  for (const end of ['', '-wal']) cpSync(`${path}${end}`, `${copyPath}${end}`);
}

function readWithLogOf(path: string, bytes: number): Rows {
  using place = new TemporaryStore();
  copyFiles(path, place.path);
  truncateSync(`${place.path}-wal`, bytes);
  return readRows(place.path);
}

/** It was written from its beginning once only. */
function framesOf(log: Buffer): readonly Frame[] {
  return Array.from({ length: (log.length - logHeadBytes) / frameBytes }, (_, index) => {
    const at = logHeadBytes + index * frameBytes;
    return { at, page: log.readUInt32BE(at), isCommit: log.readUInt32BE(at + 4) > 0 };
  });
}

function pagesOf(path: string): ReadonlyMap<number, Page> {
  using database = openForReading(path);
  const tables = storedTables.map(({ name }) => String(name));
  const pages = database.prepare('SELECT pageno, name, path, pagetype, ncell FROM dbstat').all();
  return new Map(
    pages.map(({ pageno, name, path: place, pagetype, ncell }) => {
      const hasRows = pagetype === 'leaf' && tables.includes(text(name));
      return [integer(pageno), { tree: text(name), path: text(place), rows: hasRows ? integer(ncell) : 0 }];
    }),
  );
}
