import { samplePoint, sessionPoint, windowPoint } from '../model/point.ts';
import type { Sample } from '../model/sample.ts';
import type { StoredTable } from '../model/stored-table.ts';
import type { Session, Window } from '../model/window.ts';
import { sampleColumns, sessionColumns, windowColumns } from './columns.ts';
import { integer, optionalInteger } from './database.ts';
import type { Layout } from './row-table.ts';

const none = [] as const;

export const sampleLayout: Layout<Sample> = {
  columns: sampleColumns,
  toIntegers: (seriesId, { dueMs, delayMs, sessionMs, inGap, gapMs }) => [
    ...[seriesId, dueMs, delayMs, sessionMs, inGap ? 1 : 0],
    gapMs ?? null,
  ],
  toFigures: ({ totals, deltas }) => [totals, deltas],
  fromValues: (values, [totals = none, deltas = none]) => ({
    dueMs: integer(values[2]),
    delayMs: integer(values[3]),
    gapMs: optionalInteger(values[6]),
    inGap: integer(values[5]) === 1,
    sessionMs: integer(values[4]),
    totals,
    deltas,
  }),
  toPoint: samplePoint,
};

export const windowLayout: Layout<Window> = {
  columns: windowColumns,
  toIntegers: (seriesId, { startMs, endMs, samples, coveredMs }) => [seriesId, startMs, endMs, samples, coveredMs],
  toFigures: ({ totals, deltas, gapDeltas, peaks }) => [totals, deltas, gapDeltas, peaks],
  fromValues: (values, [totals = none, deltas = none, gapDeltas = none, peaks = none]) => ({
    startMs: integer(values[2]),
    endMs: integer(values[3]),
    samples: integer(values[4]),
    coveredMs: integer(values[5]),
    totals,
    deltas,
    gapDeltas,
    peaks,
  }),
  toPoint: windowPoint,
};

export const sessionLayout: Layout<Session> = {
  columns: sessionColumns,
  toIntegers: (seriesId, { startMs, endMs, samples, coveredMs, isConfirmed }) => [
    ...[seriesId, startMs, endMs, samples, coveredMs],
    isConfirmed ? 1 : 0,
  ],
  toFigures: ({ totals, openings, peaks }) => [totals, openings, peaks],
  fromValues: (values, [totals = none, openings = none, peaks = none]) => ({
    startMs: integer(values[2]),
    endMs: integer(values[3]),
    samples: integer(values[4]),
    coveredMs: integer(values[5]),
    isConfirmed: integer(values[6]) === 1,
    totals,
    openings,
    peaks,
  }),
  toPoint: sessionPoint,
};

/**
 * The rows of a table of sessions, each with what the newest row of the same session says: one that goes on after it was
 * closed is written again, and what is shipped later must never be older.
 */
export function newestSessions(table: StoredTable, names: readonly string[]): string {
  const columns = names.map((name) => `newest.${name}`).join(', ');
  return `(SELECT row.id, ${columns} FROM ${table} AS row JOIN ${table} AS newest ON newest.id =
    (SELECT max(id) FROM ${table} WHERE series_id = row.series_id AND start_ms = row.start_ms))`;
}
