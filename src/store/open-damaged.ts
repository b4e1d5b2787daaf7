import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { type Database, openDatabase, openForReading, readPragma } from './database.ts';
import { replaceHead } from './new-head.ts';
import { applicationId, copyId, migrations } from './schema.ts';
import { columnsOf, tableNames } from './table-info.ts';
import { applyLog, examineLog } from './write-ahead-log.ts';

export type DamagedStore = {
  readonly database: Database;
  /** Nothing in the file itself says that it is a store. */
  readonly isGuess: boolean;
};

/**
 * Opens a damaged store to read what it has: the file itself where that works, and otherwise a copy, with what can be used of
 * the log in it, and at last with the schema of another store.
 */
export function openDamaged(path: string, copyPath: string): DamagedStore {
  const isLogSound = examineLog(path).damage === undefined;
  const itself = isLogSound ? tryToOpen(path) : undefined;
  if (itself !== undefined) return { database: itself, isGuess: false };
  if (existsSync(path)) copyFileSync(path, copyPath);
  else writeFileSync(copyPath, '');
  applyLog(path, copyPath);
  const copy = tryToOpen(copyPath);
  if (copy !== undefined) return { database: copy, isGuess: false };
  replaceHead(copyPath);
  const withHead = tryToOpen(copyPath);
  if (withHead !== undefined) return { database: withHead, isGuess: true };
  throw nothingReadable(path);
}

export function nothingReadable(path: string): Error {
  return new Error(`nothing of ${path} can be read: it is no store, or its tables cannot be found in it any more`);
}

function tryToOpen(path: string): Database | undefined {
  let database: Database | undefined;
  try {
    database = openForReading(path);
    const version = readPragma(database, 'user_version');
    const isStore = [applicationId, copyId].includes(readPragma(database, 'application_id'));
    if (isStore && version >= 1 && version <= migrations.length) {
      prepareAll(database, version);
      return database;
    }
  } catch {
    // What cannot be opened in one way may be opened in another.
  }
  database?.close();
  return undefined;
}

/** Throws where something cannot be asked for that every store of this version has. */
function prepareAll(database: Database, version: number): void {
  using model = openDatabase(':memory:', 0);
  for (const sql of migrations.slice(0, version)) model.exec(sql);
  for (const table of tableNames(model)) {
    const columns = columnsOf(model, table).map(({ name }) => name);
    database.prepare(`SELECT ${columns.join(', ')} FROM ${table}`);
  }
}
