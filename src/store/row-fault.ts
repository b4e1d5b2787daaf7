import type { StoredTable } from '../model/stored-table.ts';
import type { Series } from '../model/target.ts';
import { classifyError, type Database, describeValue, type OutputValue, type Statement } from './database.ts';
import { instantColumns, isInstant } from './sound-rows.ts';
import { type Column, columnsOf } from './table-info.ts';

/**
 * What is wrong with a row that is not among the sound ones, as what follows its number in a sentence; undefined where there is
 * no such row. `findSeries` throws where what is known of a series cannot be read.
 */
export function faultOf(
  database: Database,
  table: StoredTable,
  id: number,
  findSeries: (seriesId: number) => Series | undefined,
): string | undefined {
  const select = database.prepare(`SELECT * FROM ${table} WHERE id = ?`);
  select.setReadBigInts(true);
  const row = readRow(select, id);
  if (row === undefined) return undefined;
  if (row === 'unreadable') return 'holds a value of a length that none has';
  for (const column of columnsOf(database, table)) {
    const value = row[column.name];
    if (!isPossible(value, column)) return `holds ${describeValue(value)} as ${column.name}`;
  }
  return (
    seriesFault(Number(row['series_id']), findSeries) ?? 'is of a session whose newest row cannot be found or read'
  );
}

function readRow(select: Statement, id: number): ReturnType<Statement['get']> | 'unreadable' {
  try {
    return select.get(id);
  } catch (error) {
    if (classifyError(error) !== 'damaged_value') throw error;
    return 'unreadable';
  }
}

function isPossible(value: OutputValue | undefined, { name, isRequired }: Column): boolean {
  if (value === null) return !isRequired;
  if (typeof value !== 'bigint' || !Number.isSafeInteger(Number(value))) return false;
  return !instantColumns.includes(name) || isInstant(Number(value));
}

function seriesFault(seriesId: number, findSeries: (seriesId: number) => Series | undefined): string | undefined {
  try {
    return findSeries(seriesId) === undefined ? `is of series ${seriesId}, which is not there` : undefined;
  } catch (error) {
    return `is of series ${seriesId}, which cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
