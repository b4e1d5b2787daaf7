import { DatabaseSync } from 'node:sqlite';
import { counters } from '../../../src/model/measurement.ts';
import { type Endpoint, endpoints, targetKey } from '../../../src/model/target.ts';
import type { Findings } from './findings.ts';
import type { TakenSample, TruthLog } from './truth-log.ts';

export type Counts = Readonly<Record<Endpoint, number>>;

/** Reads the tables of a store beside livetally, by SQL of its own, and holds each row against the sample that it was made of. */
export class StoreReader {
  readonly #log: TruthLog;
  readonly #findings: Findings;
  /** Ids up to these have been compared. */
  readonly #compared = { room_stats: 0, gift_count: 0 };

  constructor(log: TruthLog, findings: Findings) {
    this.#log = log;
    this.#findings = findings;
  }

  /** `acknowledged`: so many rows were said to be on the disk. Returns how many are. */
  compare(path: string, acknowledged: Counts): Counts {
    using database = openReader(path);
    const committed = { room_stats: 0, gift_count: 0 };
    for (const endpoint of endpoints) {
      committed[endpoint] = lastId(database.connection, endpoint);
      const missing = Math.max(0, acknowledged[endpoint] - committed[endpoint]);
      this.#findings.add('lost', `${missing} acknowledged rows of ${endpoint} are not in the store`, missing);
      const excess = Math.max(0, committed[endpoint] - this.#log.taken(endpoint).length);
      this.#findings.add('doubled', `${excess} rows of ${endpoint} that nobody took are in the store`, excess);
      this.#compareRows(database.connection, endpoint, committed[endpoint]);
    }
    return committed;
  }

  #compareRows(database: DatabaseSync, endpoint: Endpoint, toId: number): void {
    const fromId = this.#compared[endpoint];
    const rows = database
      .prepare(
        `SELECT row.*, target.app, target.room_id, target.user_id, series.labels FROM ${endpoint} AS row
         JOIN series ON series.id = series_id JOIN target ON target.id = target_id WHERE row.id > ? ORDER BY row.id`,
      )
      .all(fromId);
    const taken = this.#log.taken(endpoint);
    for (const row of rows) {
      const sample = taken[Number(row['id']) - 1];
      const difference = sample === undefined ? 'no such sample was taken' : differenceOf(row, sample);
      if (difference !== undefined) this.#findings.add('wrong', `row ${row['id']} of ${endpoint}: ${difference}`);
    }
    const deleted = deletedIds(database, endpoint, fromId);
    const missing = toId - fromId - rows.length - deleted;
    this.#findings.add('lost', `${missing} rows of ${endpoint} are in no table, and not deleted`, Math.abs(missing));
    this.#compared[endpoint] = toId;
  }
}

export function openReader(path: string): Disposable & { readonly connection: DatabaseSync } {
  const connection = new DatabaseSync(path, { readOnly: true });
  return { connection, [Symbol.dispose]: () => connection.close() };
}

function lastId(database: DatabaseSync, endpoint: Endpoint): number {
  return Number(database.prepare('SELECT seq FROM sqlite_sequence WHERE name = ?').get(endpoint)?.['seq'] ?? 0);
}

function deletedIds(database: DatabaseSync, endpoint: Endpoint, fromId: number): number {
  const sum = database.prepare(
    "SELECT sum(to_id - max(from_id, ?1)) AS ids FROM settled WHERE sink = 'retention' AND table_name = ?2 AND to_id > ?1",
  );
  return Number(sum.get(fromId, endpoint)?.['ids'] ?? 0);
}

function differenceOf(row: Record<string, unknown>, { series, sample }: TakenSample): string | undefined {
  const { target } = series;
  const expected: Record<string, unknown> = {
    due_ms: sample.dueMs,
    delay_ms: sample.delayMs,
    gap_ms: sample.gapMs ?? null,
    in_gap: sample.inGap ? 1 : 0,
    session_ms: sample.sessionMs,
  };
  for (const [index, { total, delta }] of counters[target.endpoint].entries()) {
    expected[total] = sample.totals[index] ?? null;
    expected[delta] = sample.deltas[index] ?? null;
  }
  for (const name in expected)
    if (row[name] !== expected[name]) return `${name} is ${row[name]}, not ${expected[name]}`;
  const key = [row['app'], row['room_id'], ...(target.endpoint === 'gift_count' ? [row['user_id']] : [])].join('\n');
  if (key !== targetKey(target)) return `it is of ${key}, not ${targetKey(target)}`;
  const labels = JSON.stringify(series.labels);
  return row['labels'] === labels ? undefined : `its labels are ${row['labels']}, not ${labels}`;
}
