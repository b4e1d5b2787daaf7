import type { IdRange } from '../model/id-range.ts';
import type { Sample } from '../model/sample.ts';
import type { Session, Window } from '../model/window.ts';
import { classifyError } from './database.ts';
import { firstIds, sizeOf } from './id-ranges.ts';
import type { Row } from './row-table.ts';

/** The end of the year 9999. Nothing reckons with later instants: neither dates nor calendars go on for ever. */
export const lastInstantMs = Date.UTC(10_000, 0) - 1;

/** Columns that hold an instant. */
export const instantColumns: readonly string[] = ['due_ms', 'session_ms', 'start_ms', 'end_ms'];

/** Whether a row can have been written by livetally: of a series that is there, at a time that can be. */
export function isSound(
  { seriesId, content }: Row<Sample | Window | Session>,
  hasSeries: (seriesId: number) => boolean,
): boolean {
  const [fromMs, toMs] = 'dueMs' in content ? [content.dueMs, content.sessionMs] : [content.startMs, content.endMs];
  return isInstant(fromMs) && isInstant(toMs) && hasSeries(seriesId);
}

export function isInstant(ms: number): boolean {
  return ms >= 0 && ms <= lastInstantMs;
}

/** The same of a column, in SQL: an integer within bounds. */
export function isIntegerWithin(column: string, least: number, most: number): string {
  return `typeof(${column}) = 'integer' AND ${column} BETWEEN ${least} AND ${most}`;
}

/** Reads a range of rows without those whose values cannot be read: each half of what fails by itself. */
export function readAround<R>(range: IdRange, read: (range: IdRange) => readonly R[]): readonly R[] {
  try {
    return read(range);
  } catch (error) {
    if (classifyError(error) !== 'damaged_value') throw error;
    const size = sizeOf([range]);
    if (size === 1) return [];
    const first = firstIds(range, Math.floor(size / 2));
    return [...readAround(first, read), ...readAround({ fromId: first.toId, toId: range.toId }, read)];
  }
}
