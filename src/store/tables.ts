import type { Sample } from '../model/sample.ts';
import { type StoredTable, tableOf } from '../model/stored-table.ts';
import { type Endpoint, endpoints } from '../model/target.ts';
import { type Session, type Tier, tiers, type Window } from '../model/window.ts';
import { columnNames, sessionColumns } from './columns.ts';
import type { Database } from './database.ts';
import { newestSessions, sampleLayout, sessionLayout, windowLayout } from './layouts.ts';
import { OpenStates } from './open-states.ts';
import { RejectedPoints } from './rejected-points.ts';
import { RoundTable } from './round-table.ts';
import { RowTable } from './row-table.ts';
import { RunTable } from './run-table.ts';
import { SeriesTable } from './series-table.ts';
import { SinkLedger } from './sink-ledger.ts';

export type Tables = {
  readonly runs: RunTable;
  readonly series: SeriesTable;
  readonly samples: Readonly<Record<Endpoint, RowTable<Sample>>>;
  readonly windows: Readonly<Record<Endpoint, Readonly<Record<Tier, RowTable<Window>>>>>;
  readonly sessions: Readonly<Record<Endpoint, RowTable<Session>>>;
  readonly open: OpenStates;
  readonly rounds: RoundTable;
  readonly ledger: SinkLedger;
  readonly rejected: RejectedPoints;
  /** Any of the tables with samples, windows or sessions, for what is the same with all of them. */
  rowsOf(table: StoredTable): Rows;
};

export type Rows = Pick<
  RowTable<unknown>,
  'readPoints' | 'lastId' | 'firstMs' | 'firstStartMs' | 'lastIdBefore' | 'delete'
>;

export function prepareTables(database: Database): Tables {
  const windowsOf = (endpoint: Endpoint, tier: Tier) =>
    new RowTable(database, tableOf(endpoint, tier), { endpoint, layout: windowLayout });
  const tiersOf = (endpoint: Endpoint) => ({
    '5m': windowsOf(endpoint, '5m'),
    '1h': windowsOf(endpoint, '1h'),
    '1d': windowsOf(endpoint, '1d'),
    '1mo': windowsOf(endpoint, '1mo'),
  });
  const samplesOf = (endpoint: Endpoint) => new RowTable(database, endpoint, { endpoint, layout: sampleLayout });
  const sessionsOf = (endpoint: Endpoint) => {
    const name = tableOf(endpoint, 'session');
    const source = newestSessions(name, columnNames(endpoint, sessionColumns));
    return new RowTable(database, name, { endpoint, layout: sessionLayout, source });
  };
  const samples = { room_stats: samplesOf('room_stats'), gift_count: samplesOf('gift_count') };
  const windows = { room_stats: tiersOf('room_stats'), gift_count: tiersOf('gift_count') };
  const sessions = { room_stats: sessionsOf('room_stats'), gift_count: sessionsOf('gift_count') };

  const byName = new Map<StoredTable, Rows>();
  for (const endpoint of endpoints) {
    byName.set(endpoint, samples[endpoint]);
    for (const tier of tiers) byName.set(tableOf(endpoint, tier), windows[endpoint][tier]);
    byName.set(tableOf(endpoint, 'session'), sessions[endpoint]);
  }
  const rowsOf = (table: StoredTable) => {
    const rows = byName.get(table);
    if (rows === undefined) throw new Error(`the store has no table ${table}`);
    return rows;
  };
  return {
    samples,
    windows,
    sessions,
    rowsOf,
    runs: new RunTable(database),
    series: new SeriesTable(database),
    open: new OpenStates(database),
    rounds: new RoundTable(database),
    ledger: new SinkLedger(database, (table) => rowsOf(table).lastId()),
    rejected: new RejectedPoints(database),
  };
}

/** Where the time that the rows of these tables tell of begins; undefined when they hold none. */
export function oldestStartMs({ rowsOf, ledger }: Tables, tables: readonly StoredTable[]): number | undefined {
  let oldest: number | undefined;
  for (const table of tables) {
    const first = ledger.stored(table)[0];
    const startMs = first && rowsOf(table).firstStartMs(first);
    if (startMs !== undefined) oldest = Math.min(oldest ?? startMs, startMs);
  }
  return oldest;
}
