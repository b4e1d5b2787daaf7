import { type Endpoint, endpoints } from '../model/target.ts';
import type { Database } from './database.ts';
import { RejectedPoints } from './rejected-points.ts';
import { RoundTable } from './round-table.ts';
import { RunTable } from './run-table.ts';
import { SampleTable } from './sample-table.ts';
import { SeriesTable } from './series-table.ts';
import { SinkLedger } from './sink-ledger.ts';

export type Tables = {
  readonly runs: RunTable;
  readonly series: SeriesTable;
  readonly samples: Readonly<Record<Endpoint, SampleTable>>;
  readonly rounds: RoundTable;
  readonly ledger: SinkLedger;
  readonly rejected: RejectedPoints;
};

export function prepareTables(database: Database): Tables {
  const samples = {
    room_stats: new SampleTable(database, 'room_stats'),
    gift_count: new SampleTable(database, 'gift_count'),
  };
  return {
    samples,
    runs: new RunTable(database),
    series: new SeriesTable(database),
    rounds: new RoundTable(database),
    ledger: new SinkLedger(database, (endpoint) => samples[endpoint].lastId()),
    rejected: new RejectedPoints(database),
  };
}

/** The lowest due instant in the store; undefined when it holds no sample. */
export function oldestDueMs({ samples, ledger }: Tables): number | undefined {
  let oldest: number | undefined;
  for (const endpoint of endpoints) {
    const first = ledger.stored(endpoint)[0];
    const dueMs = first && samples[endpoint].firstDueMs(first);
    if (dueMs !== undefined) oldest = Math.min(oldest ?? dueMs, dueMs);
  }
  return oldest;
}
