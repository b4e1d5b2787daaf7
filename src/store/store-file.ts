import { statSync } from 'node:fs';
import { type Database, emptyLog, inTransaction, readInteger, readPragma, type Statement } from './database.ts';
import { logLimitBytes } from './open-file.ts';

/** Free pages that are kept for rows to come, rather than given back and asked for again. */
const sparePages = 1_024;
/** A few milliseconds. */
const pagesPerSlice = 100;

/** What the store takes on the disk. */
export class StoreFile {
  readonly #database: Database;
  readonly #logPath: string;
  readonly #pageBytes: number;
  readonly #pages: Statement;
  readonly #freePages: Statement;

  constructor(database: Database, path: string) {
    this.#database = database;
    this.#logPath = `${path}-wal`;
    this.#pageBytes = readPragma(database, 'page_size');
    this.#pages = database.prepare('PRAGMA page_count');
    this.#freePages = database.prepare('PRAGMA freelist_count');
  }

  /** Used pages and WAL: free pages are filled before the file grows. */
  sizeBytes(): number {
    const pages = (readInteger(this.#pages) ?? 0) - (readInteger(this.#freePages) ?? 0);
    return pages * this.#pageBytes + this.#logBytes();
  }

  #logBytes(): number {
    return statSync(this.#logPath, { throwIfNoEntry: false })?.size ?? 0;
  }

  /**
   * Empties a WAL that has outgrown its limit because some reader was always in it. False while a reader still is:
   * SQLite cannot shorten the log then, and whatever else is written makes it longer.
   */
  trimLog(): boolean {
    return this.#logBytes() <= logLimitBytes || emptyLog(this.#database);
  }

  /** Gives some pages back to the file system when more than a tenth of the file is free; true when there are more. */
  shrink(): boolean {
    const free = readInteger(this.#freePages) ?? 0;
    if (free <= sparePages || free <= (readInteger(this.#pages) ?? 0) / 10) return false;
    inTransaction(this.#database, () => this.#database.exec(`PRAGMA incremental_vacuum(${pagesPerSlice})`));
    return true;
  }
}
