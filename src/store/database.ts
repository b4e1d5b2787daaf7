import { backup, DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { refuseStrangers } from './companions.ts';
import { realPath } from './real-path.ts';

export type Database = DatabaseSync;
export type Statement = StatementSync;
export type InputValue = SQLInputValue;
export type OutputValue = SQLOutputValue;

/** How long a statement waits for a lock that another program holds: a backup, or somebody with a shell. */
export const busyMs = 1_000;

/** Opens or makes an SQLite file. `busyMs`: how long a statement waits for a lock that somebody else holds. */
export function openDatabase(path: string, busyMs: number): Database {
  return new DatabaseSync(path, { timeout: busyMs });
}

/** Opens a file that is there, and changes nothing in it: a log that a crash left behind stays as it is. Throws where it is of another file. */
export function openForReading(path: string): Database {
  const itself = realPath(path);
  refuseStrangers(itself);
  return new DatabaseSync(itself, { timeout: busyMs, readOnly: true });
}

/** Pages that are copied between two looks at what else is to be done; a few milliseconds. */
const pagesPerStep = 250;

/** Copies a database, page by page, as it is at one instant, while others write to it. `copied` is told how much there is left. */
export async function copyDatabase(
  database: Database,
  path: string,
  copied: (remainingPages: number, totalPages: number) => void,
): Promise<void> {
  // Within a transaction the copy is of what this has seen first; without one every commit of others would start it anew.
  database.exec('BEGIN');
  try {
    database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get();
    await backup(database, path, {
      rate: pagesPerStep,
      progress: ({ remainingPages, totalPages }) => copied(remainingPages, totalPages),
    });
  } finally {
    database.exec('COMMIT');
  }
}

/** Reads that belong together: all see the store as it is at one instant. */
export function inSnapshot<Result>(database: Database, read: () => Result): Result {
  database.exec('BEGIN');
  try {
    return read();
  } finally {
    database.exec('COMMIT');
  }
}

/**
 * Databases whose log may have a transaction behind its end that was written, and then not finished. The next takes its place,
 * but where that is shorter a rest stays, and after a crash nobody could tell several such rests from damage.
 */
const withLeftovers = new WeakSet<Database>();

/** Empties the log before the next transaction. */
export function emptyLogSoon(database: Database): void {
  withLeftovers.add(database);
}

/** All of the work or none of it, also when the process is killed; what the work throws is thrown on. */
export function inTransaction<Result>(database: Database, work: () => Result): Result {
  if (withLeftovers.has(database) && emptyLog(database)) withLeftovers.delete(database);
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (primaryCode(error) === ioError) withLeftovers.add(database);
    // After some errors, a full disk among them, SQLite has rolled back by itself.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** A reader that has just begun is out of the way by then. */
const readerMs = 20;

/** Puts the log into the database and cuts it to nothing. False while a reader needs it as it is; throws where the disk refuses. */
export function emptyLog(database: Database): boolean {
  database.exec(`PRAGMA busy_timeout = ${readerMs}`);
  try {
    return readPragma(database, 'wal_checkpoint(TRUNCATE)') === 0;
  } finally {
    database.exec(`PRAGMA busy_timeout = ${busyMs}`);
  }
}

/** The first column of the first row as an integer; undefined when there is no row, or when it is NULL. */
export function readInteger(statement: Statement, ...values: InputValue[]): number | undefined {
  const row = statement.get(...values);
  if (row === undefined) return undefined;
  for (const name in row) return optionalInteger(row[name]);
  return undefined;
}

export function readPragma(database: Database, name: string): number {
  return readInteger(database.prepare(`PRAGMA ${name}`)) ?? 0;
}

/** Something that no livetally has written: the file is damaged, or was changed by something else. */
export class DamagedValue extends Error {
  override readonly name = 'DamagedValue';
}

export function integer(value: OutputValue | undefined): number {
  if (Number.isSafeInteger(value)) return Number(value);
  throw new DamagedValue(`the store holds ${describeValue(value)} where an integer belongs`);
}

export function optionalInteger(value: OutputValue | undefined): number | undefined {
  return value === null || value === undefined ? undefined : integer(value);
}

export function text(value: OutputValue | undefined): string {
  if (typeof value === 'string') return value;
  throw new DamagedValue(`the store holds ${describeValue(value)} where text belongs`);
}

/** What a value is, for an operator: the value itself may be long, or nothing that can be shown. */
export function describeValue(value: OutputValue | undefined): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return typeof value === 'string' ? 'text' : 'bytes';
}

export type DatabaseErrorKind =
  | 'busy'
  | 'passing'
  /** Damage, or a read that the disk has failed: SQLite calls both so. */
  | 'damaged'
  /** The text that describes the tables is damaged. */
  | 'other_tables'
  /** A value is none that belongs there, in pages that SQLite calls sound. */
  | 'damaged_value'
  /** A table does not take what was written. Nothing here writes such a thing, unless it was read out of a damaged file. */
  | 'unfit'
  | 'no_database'
  | 'other';

const ioError = 10;

/** Primary result codes of https://www.sqlite.org/rescode.html that the same work may not meet again later. */
const passingCodes = new Set([
  6, // LOCKED
  7, // NOMEM
  8, // READONLY
  ioError,
  13, // FULL
  14, // CANTOPEN
  15, // PROTOCOL
]);

/** What kind of trouble a thrown value is; `busy` and `passing` are worth another try. */
export function classifyError(error: unknown): DatabaseErrorKind {
  if (isDamagedValue(error) || isTooLarge(error)) return 'damaged_value';
  const code = primaryCode(error);
  if (code === undefined || !(error instanceof Error)) return 'other';
  if (code === 5) return 'busy';
  // What a statement asks for is in every store, unless its tables are described by damaged text.
  if (code === 1 && /no such (table|column)|has no column/.test(error.message)) return 'other_tables';
  if (code === 11) return 'damaged';
  if (code === 26) return 'no_database';
  // Nothing that is written here is too big: the length of a value is damaged.
  if (code === 18) return 'damaged_value';
  if (code === 19 || code === 20) return 'unfit';
  return passingCodes.has(code) ? 'passing' : 'other';
}

/** By its name: an error of another thread has lost its class. */
function isDamagedValue(error: unknown): boolean {
  return error instanceof Error && error.name === 'DamagedValue';
}

/** node:sqlite reads no integer that a number cannot hold; nothing here writes one. */
function isTooLarge(error: unknown): boolean {
  const isOutOfRange = error instanceof Error && 'code' in error && error.code === 'ERR_OUT_OF_RANGE';
  return isOutOfRange && error.message.startsWith('Value is too large to be represented as a JavaScript number');
}

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  // The low byte is the primary code, the rest says more about it.
  return error.errcode & 0xff;
}
