import { existsSync, linkSync, rmSync } from 'node:fs';
import { endpoints } from '../model/target.ts';
import { ownerOfLog, refuseStrangers } from './companions.ts';
import { classifyError, type Database, inTransaction, readInteger, readPragma } from './database.ts';
import { mendLedger } from './mend-ledger.ts';
import { nothingReadable, openDamaged } from './open-damaged.ts';
import { finishCopy, openFile } from './open-file.ts';
import { type ReadableRow, ReadableRows, readFromBothEnds } from './readable-rows.ts';
import { realPath } from './real-path.ts';
import { migrations } from './schema.ts';
import { instantColumns, isInstant } from './sound-rows.ts';
import { columnsOf, tableNames } from './table-info.ts';

/** What became of the rows of a table. `lost` is undefined where nothing tells how many there were. */
export type Salvaged = { readonly table: string; readonly rows: number; readonly lost: number | undefined };

/**
 * Copies what can be read of a damaged store into a new one, row by row, and leaves the damaged one as it is. Rows that are
 * lost count as deleted. Throws where nothing can be read at all, or where something is at the new path already.
 */
export function salvage(givenPath: string, newPath: string, nowMs: number): readonly Salvaged[] {
  const damagedPath = realPath(givenPath);
  if (ownerOfLog(damagedPath) !== 'missing') {
    if (!existsSync(damagedPath)) throw new Error(`there is no file ${givenPath}`);
    refuseStrangers(damagedPath);
  }
  const [partPath, copyPath] = [`${newPath}.part`, `${newPath}.damaged`];
  for (const taken of [newPath, `${newPath}-wal`, partPath, copyPath]) {
    if (existsSync(taken)) throw new Error(`${taken} is there already; give a path where nothing is`);
  }
  try {
    const salvaged = salvageInto(partPath, damagedPath, copyPath, nowMs);
    linkSync(partPath, newPath);
    return salvaged;
  } finally {
    for (const path of [partPath, copyPath]) {
      for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
    }
  }
}

function salvageInto(partPath: string, damagedPath: string, copyPath: string, nowMs: number): readonly Salvaged[] {
  const { database, isGuess } = openDamaged(damagedPath, copyPath);
  using source = database;
  const version = readPragma(source, 'user_version');
  using target = openFile(partPath, migrations.slice(0, version));
  // Until it has its name, nobody relies on what is in it.
  target.exec('PRAGMA synchronous = OFF');
  const salvaged = copyTables(source, target, version, nowMs);
  if (isGuess && salvaged.every(({ rows }) => rows === 0)) throw nothingReadable(damagedPath);
  target.exec('PRAGMA synchronous = FULL');
  finishCopy(target);
  return salvaged;
}

function copyTables(source: Database, target: Database, version: number, nowMs: number): readonly Salvaged[] {
  const names = tableNames(target);
  const lastIds = new Map(names.map((table) => [table, copyTable(source, target, table)]));
  return inTransaction(target, () => {
    removeOrphans(target, names);
    const lost = mendLedger(target, { version, lastIds, nowMs });
    return names.map((table) => ({
      table,
      rows: readInteger(target.prepare(`SELECT count(*) FROM ${table}`)) ?? 0,
      lost: lost.get(table),
    }));
  });
}

/** Returns the highest id ever given, where that is known. */
function copyTable(source: Database, target: Database, table: string): number | undefined {
  const columns = columnsOf(target, table);
  const names = columns.map(({ name }) => name);
  const keys = columns.filter(({ keyPlace }) => keyPlace > 0).sort((a, b) => a.keyPlace - b.keyPlace);
  const insert = target.prepare(
    `INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
  );
  const write = (part: readonly ReadableRow[]) => {
    inTransaction(target, () => {
      for (const row of part) {
        if (isSound(table, row)) insertIfPossible(() => insert.run(...names.map((name) => row[name] ?? null)));
      }
    });
  };
  const [key] = keys;
  const lastId = sequenceOf(source, table);
  if (keys.length === 1 && key?.type === 'INTEGER') {
    const lastKey = lastKeyOf(lastId, highestKey(source, table, key.name));
    const readable = new ReadableRows(source, { table, key: key.name, columns: names, lastKey });
    for (const part of readable.read()) write(part);
  } else {
    write(
      readFromBothEnds(
        source,
        table,
        names,
        keys.map(({ name }) => name),
      ),
    );
  }
  return lastId;
}

/** A damaged row can hold what its table does not take: that is lost. */
function insertIfPossible(insert: () => unknown): void {
  try {
    insert();
  } catch (error) {
    const kind = classifyError(error);
    if (kind !== 'unfit' && kind !== 'other') throw error;
  }
}

/** The highest id ever given in a table whose ids are never used again. */
function sequenceOf(source: Database, table: string): number | undefined {
  try {
    const lastId = readInteger(source.prepare('SELECT seq FROM sqlite_sequence WHERE name = ?'), table);
    return lastId !== undefined && lastId >= 0 && lastId <= mostIds ? lastId : undefined;
  } catch {
    return undefined;
  }
}

/** More than that is damage. */
const mostIds = 10_000_000_000;
/** What is left of a damaged log can be older of the one page than of the other; no more rows than this are written meanwhile. */
const mostBehind = 10_000_000;

/** Undefined where nothing can be told. */
function lastKeyOf(lastId: number | undefined, highest: number | undefined): number | undefined {
  if (lastId === undefined || highest === undefined) return lastId ?? highest;
  return highest > lastId + mostBehind ? lastId : Math.max(lastId, highest);
}

function highestKey(source: Database, table: string, key: string): number | undefined {
  try {
    return readInteger(source.prepare(`SELECT max(${key}) FROM ${table}`)) ?? 0;
  } catch {
    return undefined;
  }
}

/** Text that everything else is understood by, and times that can be. */
function isSound(table: string, row: ReadableRow): boolean {
  if (table === 'series') return isLabels(row['labels']);
  if (table === 'target' || table === 'schedule') return endpoints.some((endpoint) => endpoint === row['endpoint']);
  return instantColumns.every((name) => {
    const value = row[name];
    return typeof value !== 'number' || isInstant(value);
  });
}

function isLabels(json: unknown): boolean {
  try {
    const labels: unknown = JSON.parse(String(json));
    const isMap = typeof labels === 'object' && labels !== null && !Array.isArray(labels);
    return isMap && Object.values(labels).every((label) => typeof label === 'string');
  } catch {
    return false;
  }
}

/** A row whose series is lost belongs to nobody any more. */
function removeOrphans(target: Database, names: readonly string[]): void {
  target.exec('DELETE FROM series WHERE target_id NOT IN (SELECT id FROM target)');
  for (const table of names) {
    const columns = target.prepare(`PRAGMA table_info(${table})`).all();
    const has = (name: string) => columns.some((column) => column['name'] === name);
    if (has('series_id')) target.exec(`DELETE FROM ${table} WHERE series_id NOT IN (SELECT id FROM series)`);
    if (has('target_id')) target.exec(`DELETE FROM ${table} WHERE target_id NOT IN (SELECT id FROM target)`);
    if (has('schedule_id')) target.exec(`DELETE FROM ${table} WHERE schedule_id NOT IN (SELECT id FROM schedule)`);
  }
}
