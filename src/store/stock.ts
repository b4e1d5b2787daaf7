import type { Schedule } from '../model/round.ts';
import { type StoredTable, storedTables } from '../model/stored-table.ts';
import { type Endpoint, endpoints } from '../model/target.ts';
import { type Database, integer, text } from './database.ts';
import { type IdRanges, sizeOf } from './id-ranges.ts';
import type { Tables } from './tables.ts';

/** How one reader stands to the rows of a table: committed = delivered + waiting + rejected + dropped. */
export type Account = {
  readonly reader: string;
  readonly table: StoredTable;
  readonly committed: number;
  readonly delivered: number;
  readonly waiting: number;
  readonly rejected: number;
  readonly dropped: number;
  /** What the reader has done with, as it is written: in rising order and apart, unless something else wrote it. */
  readonly settled: IdRanges;
};

export type StoredRound = {
  readonly schedule: Schedule;
  readonly startMs: number;
  readonly hasEnded: boolean;
  readonly due: number;
  readonly polled: number;
  readonly failed: number;
  readonly skipped: number;
};

/** The store at one instant. */
export type Stock = {
  readonly accounts: readonly Account[];
  readonly lastIds: ReadonlyMap<StoredTable, number>;
  /** Samples that are in the windows, and still there. */
  readonly rolledUp: Readonly<Record<Endpoint, IdRanges>>;
};

/** Of every reader that the store has ever met. */
export function readAccounts(database: Database, { ledger, rowsOf }: Tables): readonly Account[] {
  const settled = database.prepare(
    'SELECT from_id, to_id FROM settled WHERE sink = ? AND table_name = ? ORDER BY from_id',
  );
  const rows = database.prepare('SELECT sink, table_name FROM sink_count ORDER BY sink, table_name').all();
  return rows.flatMap((row) => {
    const table = storedTables.find(({ name }) => name === row['table_name'])?.name;
    if (table === undefined) return [];
    const reader = text(row['sink']);
    const ranges = settled.all(reader, table);
    return [
      {
        ...{ reader, table, committed: rowsOf(table).lastId(), ...ledger.counts(reader, table) },
        waiting: sizeOf(ledger.waiting(reader, table)),
        settled: ranges.map((range) => ({ fromId: integer(range['from_id']), toId: integer(range['to_id']) })),
      },
    ];
  });
}

export function readRounds(database: Database, each: (round: StoredRound) => void): void {
  for (const row of database.prepare(selectRounds).iterate()) each(toRound(row));
}

const selectRounds = `SELECT app, endpoint, cron, timezone, start_ms, ended, due, polled, failed, skipped
  FROM round JOIN schedule ON schedule.id = schedule_id ORDER BY start_ms`;

function toRound(row: Record<string, unknown>): StoredRound {
  const endpoint = endpoints.find((name) => name === row['endpoint']);
  if (endpoint === undefined) throw new Error(`the store holds a schedule of unknown endpoint ${row['endpoint']}`);
  const count = (name: string) => Number(row[name]);
  return {
    schedule: { app: String(row['app']), endpoint, cron: String(row['cron']), timezone: String(row['timezone']) },
    startMs: count('start_ms'),
    hasEnded: count('ended') === 1,
    due: count('due'),
    polled: count('polled'),
    failed: count('failed'),
    skipped: count('skipped'),
  };
}
