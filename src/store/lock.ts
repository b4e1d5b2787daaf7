import { classifyError, type Database, integer, openDatabase, text } from './database.ts';

/** Who opens a store: what the refusal of a second opener names. */
export type Holder = { readonly pid: number; readonly host: string; readonly command: string };

/** Long enough for another opener that is just reading or giving up, short enough that a refusal feels immediate. */
const openerMs = 200;

/**
 * Keeps every other process away from a store until it is disposed of or the process ends, however it ends:
 * the lock is a transaction on the file `<path>.lock`, and the operating system gives it back.
 * Throws when another process holds it, with a message that names that process.
 */
export function acquireLock(path: string, holder: Holder, startedMs: number): Disposable {
  const database = openDatabase(`${path}.lock`, openerMs);
  try {
    // A transaction that has begun to write shuts out other writers, while they can still read who it is.
    begin(database, path);
    database.exec(
      'CREATE TABLE IF NOT EXISTS holder (pid INTEGER, host TEXT, command TEXT, started_ms INTEGER) STRICT',
    );
    database.exec('DELETE FROM holder');
    const insert = database.prepare('INSERT INTO holder VALUES (?, ?, ?, ?)');
    insert.run(holder.pid, holder.host, holder.command, startedMs);
    database.exec('COMMIT');
    begin(database, path);
    // Between the two transactions another opener may have passed.
    const { pid, host } = readHolder(database) ?? holder;
    if (pid !== holder.pid || host !== holder.host) throw inUse(database, path);
    return { [Symbol.dispose]: () => database.close() };
  } catch (error) {
    database.close();
    throw error;
  }
}

function begin(database: Database, path: string): void {
  try {
    database.exec('BEGIN IMMEDIATE');
  } catch (error) {
    const kind = classifyError(error);
    if (kind === 'busy') throw inUse(database, path);
    // Nothing is wrong with the file itself: what the store suffers from is told of the store.
    if (kind === 'passing') throw error;
    throw new Error(`the lock file ${path}.lock cannot be used; if it is damaged, delete it and start again`, {
      cause: error,
    });
  }
}

function inUse(database: Database, path: string): Error {
  const holder = readHolder(database);
  const name = holder === undefined ? 'another process' : describe(holder);
  return new Error(`the store ${path} is in use by ${name}; stop it first, or give this one a store.path of its own`);
}

type StoredHolder = Holder & { readonly startedMs: number };

function readHolder(database: Database): StoredHolder | undefined {
  const tables = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'holder'");
  if (tables.get() === undefined) return undefined;
  const row = database.prepare('SELECT pid, host, command, started_ms FROM holder').get();
  if (row === undefined) return undefined;
  return {
    pid: integer(row['pid']),
    host: text(row['host']),
    command: text(row['command']),
    startedMs: integer(row['started_ms']),
  };
}

function describe({ pid, host, command, startedMs }: StoredHolder): string {
  return `process ${pid} on ${host} (${command}, since ${new Date(startedMs).toISOString()})`;
}
