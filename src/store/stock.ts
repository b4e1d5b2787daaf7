import type { Account, StoredRound } from '../model/stock.ts';
import { storedTables } from '../model/stored-table.ts';
import { endpoints } from '../model/target.ts';
import { type Database, integer, text } from './database.ts';
import { sizeOf } from './id-ranges.ts';
import type { Tables } from './tables.ts';

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
