import { existsSync } from 'node:fs';
import { type StoredTable, storedTables } from '../model/stored-table.ts';
import { startColumn } from './columns.ts';
import { refuseStrangers } from './companions.ts';
import { type Database, inTransaction, readInteger } from './database.ts';
import { IdRangeTable } from './id-range-table.ts';
import { type IdRanges, intersect, sizeOf, subtract } from './id-ranges.ts';
import { acquireLock, type Holder } from './lock.ts';
import { explain, openAndBegin } from './open-file.ts';
import { realPath } from './real-path.ts';
import type { Reader } from './sink-ledger.ts';
import { prepareTables, type Tables } from './tables.ts';
import type { TornCommit } from './write-ahead-log.ts';

export type ReshipOptions = {
  readonly path: string;
  readonly holder: Holder;
  readonly startedMs: number;
  readonly sinks: readonly Reader[];
  /** Of samples by when they were due, of windows and sessions by their start; the end is not in it. */
  readonly time: { readonly fromMs: number; readonly toMs: number };
  /** As for the journal. */
  readonly onTornCommit: (torn: TornCommit) => void;
};

export type Reshipped = { readonly sink: string; readonly table: StoredTable; readonly rows: number };

/**
 * Lets the rows of a time wait for their sinks again, as if they had never been shipped; some of their neighbours may be
 * among them. A point that is still there is written over with itself. Throws while another process has the store.
 */
export function reship({
  holder,
  startedMs,
  sinks,
  time,
  onTornCommit,
  path: givenPath,
}: ReshipOptions): readonly Reshipped[] {
  const path = realPath(givenPath);
  if (!existsSync(path)) {
    refuseStrangers(path);
    throw new Error(`there is no store at ${givenPath}; correct store.path`);
  }
  using resources = new DisposableStack();
  try {
    resources.use(acquireLock(path, holder, startedMs));
    return openAndBegin(path, (opened, torn) => {
      const database = resources.use(opened);
      if (torn !== undefined) onTornCommit(torn);
      const tables = prepareTables(database);
      return inTransaction(database, () =>
        sinks.flatMap(({ name: sink, tables: own }) =>
          storedTables
            .filter(({ name }) => own.includes(name))
            .map(({ name: table }) => ({ sink, table, rows: putBack(database, tables, sink, table, time) })),
        ),
      );
    });
  } catch (error) {
    throw explain(error, path);
  }
}

function putBack(
  database: Database,
  { ledger }: Tables,
  sink: string,
  table: StoredTable,
  { fromMs, toMs }: ReshipOptions['time'],
): number {
  const start = startColumn(table);
  const edge = (which: 'min' | 'max') =>
    readInteger(
      database.prepare(`SELECT ${which}(id) FROM ${table} WHERE ${start} >= ? AND ${start} < ?`),
      fromMs,
      toMs,
    );
  const [firstId, lastId] = [edge('min'), edge('max')];
  const counts = database.prepare('SELECT delivered FROM sink_count WHERE sink = ? AND table_name = ?');
  const delivered = readInteger(counts, sink, table);
  // What a sink is still to be met with waits for it anyway.
  if (firstId === undefined || lastId === undefined || delivered === undefined) return 0;
  const settled = new IdRangeTable(database, 'settled').of(sink, table);
  const again = intersect(intersect([{ fromId: firstId - 1, toId: lastId }], ledger.stored(table)), settled);
  writeSettled(database, sink, table, subtract(settled, again));
  const rows = sizeOf(again);
  const refused = forgetRejections(database, sink, table, again);
  // Not all that an old store was refused is listed: the sum is right, whichever of the two it was.
  const fromDelivered = Math.min(delivered, rows - refused);
  database
    .prepare(
      `UPDATE sink_count SET delivered = delivered - ?1, rejected = rejected - ?2 - ?3, rejected_unlisted = rejected_unlisted - ?3
       WHERE sink = ?4 AND table_name = ?5`,
    )
    .run(fromDelivered, refused, rows - refused - fromDelivered, sink, table);
  return rows;
}

function writeSettled(database: Database, sink: string, table: StoredTable, ranges: IdRanges): void {
  database.prepare('DELETE FROM settled WHERE sink = ? AND table_name = ?').run(sink, table);
  const insert = database.prepare('INSERT INTO settled VALUES (?, ?, ?, ?)');
  for (const { fromId, toId } of ranges) insert.run(sink, table, fromId, toId);
}

/** Returns how many there were. */
function forgetRejections(database: Database, sink: string, table: StoredTable, ranges: IdRanges): number {
  const remove = database.prepare(
    'DELETE FROM rejected WHERE sink = ? AND table_name = ? AND row_id > ? AND row_id <= ?',
  );
  const rejected = new IdRangeTable(database, 'rejected_range');
  let count = 0;
  for (const range of ranges) {
    remove.run(sink, table, range.fromId, range.toId);
    count += sizeOf(rejected.within(sink, table, range));
    rejected.remove(sink, table, range);
  }
  return count;
}
