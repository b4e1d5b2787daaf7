import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isHalfMade, isUnusedCopy, refuseStrangers, unread } from './companions.ts';
import { describeDamage } from './damage.ts';
import {
  busyMs,
  classifyError,
  type Database,
  emptyLogSoon,
  inTransaction,
  openDatabase,
  openForReading,
  readPragma,
} from './database.ts';
import { markOf } from './file-head.ts';
import { realPath } from './real-path.ts';
import { applicationId, copyId, migrations } from './schema.ts';
import { examineLog, type LogFindings, type TornCommit } from './write-ahead-log.ts';

/** The WAL shrinks to this size when it starts anew; a checkpoint is made at a quarter of it. */
export const logLimitBytes = 16 * 1024 * 1024;

/** Makes the folder of a store. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw new Error(`the folder of the store ${path} cannot be made; check its rights, or set store.path`, {
      cause: error,
    });
  }
}

/**
 * Makes a new store, or checks an existing one and brings its tables up to date.
 * Throws on a file that is not a store of livetally, is damaged, or was written by a newer livetally, and changes nothing in it.
 */
export function openFile(path: string, steps: readonly string[] = migrations): Database {
  return openAndBegin(path, (database) => database, steps);
}

/**
 * The same, with what is done in it first, which may come upon damage as well: where that throws, the files lie there as before, but for
 * the mark of a copy.
 * `torn`: the log ends in a commit that is not whole and is left out.
 */
export function openAndBegin<Begun>(
  givenPath: string,
  begin: (database: Database, torn: TornCommit | undefined) => Begun,
  steps: readonly string[] = migrations,
): Begun {
  const path = realPath(givenPath);
  refuseStrangers(path);
  const isCopy = isUnusedCopy(path);
  const log = lookAtLog(path);
  // The last to close a store puts the log into it. While this one is open, who opens it for writing and fails is not the last.
  using _ = refuseUnseen(path, log, steps.length);
  let database: Database | undefined;
  try {
    database = openDatabase(path, busyMs);
    identify(database, path, steps.length);
    configure(database);
    if (isCopy) useCopy(database, path);
    migrate(database, steps);
    const begun = begin(database, log.torn);
    // What is left of it behind a shorter commit would look torn for a second time, or like damage.
    if (log.torn !== undefined) emptyLogSoon(database);
    return begun;
  } catch (error) {
    database?.close();
    throw error;
  }
}

function lookAtLog(path: string): LogFindings {
  try {
    return examineLog(path);
  } catch (error) {
    throw unread(path, error, `its log ${path}-wal: `);
  }
}

/** Returns the store, open for reading, unless it is still to be made. */
function refuseUnseen(path: string, log: LogFindings, knownVersion: number): Database | undefined {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0 || isHalfMade(path)) return undefined;
  if (log.damage !== undefined) {
    const { atByte, commits } = log.damage;
    throw new Error(
      damaged(path, `its log ${path}-wal from byte ${atByte} on, with ${commits} commits that would be lost`),
    );
  }
  if (log.missingPage !== undefined) {
    throw new Error(
      damaged(
        path,
        `page ${log.missingPage} is neither in it nor in its log ${path}-wal: one of them was cut, or they do not belong together`,
      ),
    );
  }
  const database = openForReading(path);
  try {
    identify(database, path, knownVersion);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Throws where the file is the database of another program, or a store of a version that is not known here. */
export function identify(database: Database, path: string, knownVersion: number): void {
  const found = readPragma(database, 'application_id');
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (found === 0 && isEmpty) return;
  if (found !== applicationId && found !== copyId) {
    throw new Error(`${path} is the SQLite database of another program; set store.path to another file`);
  }
  const version = readPragma(database, 'user_version');
  if (version > knownVersion) {
    throw new Error(
      `the store ${path} was written by a newer livetally: its version is ${version}, this program knows ${knownVersion}; ` +
        'run that livetally, or set store.path to a new file',
    );
  }
}

/** Of https://www.sqlite.org/pragma.html#pragma_auto_vacuum. */
const incrementalVacuum = 2;

function configure(database: Database): void {
  // The first of all: incremental vacuum is only possible when it is chosen before anything is written. To choose it is to write.
  if (readPragma(database, 'auto_vacuum') !== incrementalVacuum) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
  // A journal that was deleted must not be back after a power cut: SQLite would play it into what was written since.
  database.exec('PRAGMA synchronous = EXTRA');
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(`PRAGMA journal_size_limit = ${logLimitBytes}`);
  database.exec('PRAGMA wal_autocheckpoint = 1000');
  // 2 MiB: appending touches the last pages only, and the system's page cache has the others.
  database.exec('PRAGMA cache_size = -2048');
  database.exec('PRAGMA mmap_size = 0');
}

/** Marks a new file as a copy, with nothing in a log: until its first use, one that lies beside it is of another store. */
export function finishCopy(database: Database): void {
  database.exec(`PRAGMA application_id = ${copyId}`);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}

/** From here on the log is its own. It has nothing but the mark until that is in the file, by which a kill in between is known. */
function useCopy(database: Database, path: string): void {
  if (readPragma(database, 'application_id') === copyId) database.exec(`PRAGMA application_id = ${applicationId}`);
  if (readPragma(database, 'wal_checkpoint(TRUNCATE)') !== 0) throw new Error(locked(path));
}

/** Each step is a transaction with its version, so a crash in the middle is taken up where it was. */
function migrate(database: Database, steps: readonly string[]): void {
  for (let version = readPragma(database, 'user_version'); version < steps.length; version++) {
    inTransaction(database, () => {
      database.exec(steps[version] ?? '');
      database.exec(`PRAGMA application_id = ${applicationId}`);
      database.exec(`PRAGMA user_version = ${version + 1}`);
    });
  }
}

/** In words for the operator, where the error is SQLite's. */
export function explain(error: unknown, path: string): unknown {
  const message = messageFor(error, path);
  return message === undefined ? error : new Error(message, { cause: error });
}

function messageFor(error: unknown, path: string): string | undefined {
  const kind = classifyError(error);
  switch (kind) {
    case 'no_database':
      if (bearsMark(path)) return damaged(path, 'the head of the file');
      return `${path} is no SQLite database; move it away, or set store.path to another file`;
    case 'damaged':
      return damagedOrUnread(path, describeDamage(path));
    case 'other_tables':
      return damaged(path, describeDamage(path) || (error instanceof Error ? error.message : String(error)));
    case 'unfit':
    case 'damaged_value': {
      const words = error instanceof Error ? error.message : String(error);
      return damaged(path, [words, describeDamage(path)].filter((part) => part !== '').join('; '));
    }
    case 'busy':
      return locked(path);
    case 'passing':
      return `the store ${path} cannot be used; check that it is a file, its rights and the free space`;
    case 'other':
      return undefined;
    default:
      return kind satisfies never;
  }
}

function bearsMark(path: string): boolean {
  try {
    return markOf(path) !== undefined;
  } catch {
    return false;
  }
}

function locked(path: string): string {
  return `the store ${path} is locked by another program; close what has it open, then start again`;
}

function damagedOrUnread(path: string, found: string): string {
  if (found !== '') return damaged(path, found);
  return `the store ${path} could not be read, and is sound now: the disk fails at times; check it, then start again`;
}

function damaged(path: string, what: string): string {
  return (
    `the store ${path} is damaged; put a backup in its place, or save what can be read with livetally salvage, ` +
    `or move it away with its -wal file to start with an empty store; what is damaged: ${what}`
  );
}
