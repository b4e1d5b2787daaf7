import type { Account, RunEnd, RunEnds, StoredRound } from '../model/stock.ts';
import { storedTables } from '../model/stored-table.ts';
import { endpoints } from '../model/target.ts';
import { DamagedValue, type Database, integer, optionalInteger, readInteger, text } from './database.ts';
import { sizeOf } from './id-ranges.ts';
import { isIntegerWithin, lastInstantMs } from './sound-rows.ts';
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
        rejectedAs: ledger.rejectedAs(reader, table),
        settled: ranges.map((range) => ({ fromId: integer(range['from_id']), toId: integer(range['to_id']) })),
      },
    ];
  });
}

export function readRunEnds(database: Database): RunEnds {
  const ends: RunEnd[] = [];
  let [lastId, lastDueMs] = [0, Number.NEGATIVE_INFINITY];
  for (const row of database.prepare('SELECT id, started_ms, last_due_ms FROM run ORDER BY id').iterate()) {
    const id = integer(row['id']);
    // Runs of which all samples were deleted, or what a salvaged store has lost.
    if (id > lastId + 1) ends.push({ fromMs: lastDueMs, toMs: Math.max(lastDueMs, integer(row['started_ms'])) });
    const dueMs = optionalInteger(row['last_due_ms']);
    if (dueMs !== undefined) ends.push({ fromMs: dueMs, toMs: dueMs });
    [lastId, lastDueMs] = [id, dueMs ?? lastDueMs];
  }
  const runs = readInteger(database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'run'")) ?? 0;
  if (runs > lastId) ends.push({ fromMs: lastDueMs, toMs: Number.POSITIVE_INFINITY });
  return { earlier: ends.slice(0, -1), last: ends.at(-1) };
}

export function readRounds(database: Database, each: (round: StoredRound) => void): void {
  for (const row of database.prepare(selectRounds).iterate()) each(toRound(row));
}

/** The ids of rounds that hold what no livetally writes, or are of a schedule that is not there or of an unknown endpoint. */
export function readDamagedRounds(database: Database): readonly number[] {
  const rows = database.prepare(
    `SELECT round.id ${fromRounds('LEFT')} WHERE schedule.id IS NULL OR NOT (${soundRound})`,
  );
  return rows.all().map((row) => integer(row['id']));
}

const soundRound = [
  ...['due', 'polled', 'failed', 'skipped', 'ended'].map((name) =>
    isIntegerWithin(name, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  ),
  isIntegerWithin('start_ms', 0, lastInstantMs),
].join(' AND ');

function fromRounds(join: 'LEFT' | 'INNER'): string {
  const known = endpoints.map((endpoint) => `'${endpoint}'`).join(', ');
  return `FROM round ${join} JOIN schedule ON schedule.id = schedule_id AND endpoint IN (${known})`;
}

const selectRounds = `SELECT app, endpoint, cron, timezone, start_ms, ended, due, polled, failed, skipped
  ${fromRounds('INNER')} WHERE ${soundRound} ORDER BY start_ms`;

function toRound(row: Record<string, unknown>): StoredRound {
  const endpoint = endpoints.find((name) => name === row['endpoint']);
  if (endpoint === undefined)
    throw new DamagedValue(`the store holds a schedule of unknown endpoint ${row['endpoint']}`);
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
