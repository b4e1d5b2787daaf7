import { DatabaseSync } from 'node:sqlite';
import { counters } from '../../src/model/measurement.ts';
import type { Endpoint } from '../../src/model/target.ts';
import type { Rows } from './past-samples.ts';

export type BareDatabase = Disposable & { commit(rounds: readonly Rows[], groupRows: number): void };

/** Writes the rows and states of the store figure with node:sqlite alone, as durably as the store does. */
export function openBare(path: string): BareDatabase {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE tally (target_id INTEGER PRIMARY KEY, state TEXT NOT NULL) STRICT');
  const inserts = {
    room_stats: prepareInsert(database, 'room_stats'),
    gift_count: prepareInsert(database, 'gift_count'),
  };
  const upsertState = database.prepare(
    'INSERT INTO tally VALUES (?, ?) ON CONFLICT (target_id) DO UPDATE SET state = excluded.state',
  );

  function commitGroup(rows: Rows, firstTargetId: number): void {
    database.exec('BEGIN IMMEDIATE');
    for (const [offset, { series, sample, state }] of rows.entries()) {
      const targetId = firstTargetId + offset;
      const { dueMs, delayMs, sessionMs, gapMs = null } = sample;
      const numbers = [...sample.totals, ...sample.deltas].map((number) => number ?? null);
      inserts[series.target.endpoint].run(targetId, dueMs, delayMs, sessionMs, gapMs, ...numbers);
      upsertState.run(targetId, state);
    }
    database.exec('COMMIT');
  }

  return {
    commit(rounds, groupRows) {
      for (const rows of rounds) {
        for (let start = 0; start < rows.length; start += groupRows) {
          commitGroup(rows.slice(start, start + groupRows), start + 1);
        }
      }
    },
    [Symbol.dispose]: () => database.close(),
  };
}

function prepareInsert(database: DatabaseSync, endpoint: Endpoint) {
  const columns = ['series_id', 'due_ms', 'delay_ms', 'session_ms', 'gap_ms'];
  columns.push(...counters[endpoint].map(({ total }) => total), ...counters[endpoint].map(({ delta }) => delta));
  const definitions = columns.map((name) => `${name} INTEGER`).join(', ');
  database.exec(`CREATE TABLE ${endpoint} (id INTEGER PRIMARY KEY AUTOINCREMENT, ${definitions}) STRICT`);
  return database.prepare(
    `INSERT INTO ${endpoint} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
}
