import { DatabaseSync } from 'node:sqlite';
import { counters } from '../../../src/model/measurement.ts';
import type { Sample } from '../../../src/model/sample.ts';
import type { StoredTable } from '../../../src/model/stored-table.ts';
import { type Endpoint, endpoints, type Series, targetKey } from '../../../src/model/target.ts';
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

  /** The store is another one, of fewer rows perhaps: all of them are compared again. */
  startOver(): void {
    Object.assign(this.#compared, { room_stats: 0, gift_count: 0 });
  }

  #compareRows(database: DatabaseSync, endpoint: Endpoint, toId: number): void {
    const fromId = this.#compared[endpoint];
    const columns = columnsOf(endpoint);
    const select = database.prepare(
      `SELECT id, series_id, ${columns.join(', ')} FROM ${endpoint} WHERE id > ? ORDER BY id`,
    );
    // Rows as arrays take a third of the time.
    select.setReturnArrays(true);
    const rows = select.all(fromId);
    const taken = this.#log.taken(endpoint);
    const seriesOf = readSeries(database);
    for (const row of rows) {
      const [id, seriesId] = [Number(row[0]), Number(row[1])];
      const sample = taken[id - 1];
      const difference =
        sample === undefined ? 'no such sample was taken' : differenceOf(row, columns, seriesOf.get(seriesId), sample);
      if (difference !== undefined) this.#findings.add('wrong', `row ${id} of ${endpoint}: ${difference}`);
    }
    const deleted = deletedIds(database, endpoint, fromId);
    const missing = toId - fromId - rows.length - deleted;
    this.#findings.add('lost', `${missing} rows of ${endpoint} are in no table, and not deleted`, Math.abs(missing));
    this.#compared[endpoint] = toId;
  }
}

export type StoredSample = {
  /** As `seriesText` gives it. */
  readonly series: string;
  readonly sample: Sample;
};

/** The rows of samples behind an id, in the order of their ids. */
export function readSamples(path: string, endpoint: Endpoint, fromId: number): readonly StoredSample[] {
  using database = openReader(path);
  const seriesOf = readSeries(database.connection);
  const columns = columnsOf(endpoint).join(', ');
  const select = database.connection.prepare(`SELECT series_id, ${columns} FROM ${endpoint} WHERE id > ? ORDER BY id`);
  return select.all(fromId).map((row) => {
    const given = (name: string) => (row[name] === null ? undefined : Number(row[name]));
    const known = (name: string) => given(name) ?? Number.NaN;
    const [totals, deltas] = (['total', 'delta'] as const).map((figure) =>
      counters[endpoint].map((counter) => given(counter[figure])),
    );
    return {
      series: seriesOf.get(known('series_id')) ?? '',
      sample: {
        ...{ dueMs: known('due_ms'), delayMs: known('delay_ms'), sessionMs: known('session_ms') },
        ...{ gapMs: given('gap_ms'), inGap: known('in_gap') === 1, totals: totals ?? [], deltas: deltas ?? [] },
      },
    };
  });
}

export function openReader(path: string): Disposable & { readonly connection: DatabaseSync } {
  const connection = new DatabaseSync(path, { readOnly: true });
  return { connection, [Symbol.dispose]: () => connection.close() };
}

function lastId(database: DatabaseSync, endpoint: Endpoint): number {
  return Number(database.prepare('SELECT seq FROM sqlite_sequence WHERE name = ?').get(endpoint)?.['seq'] ?? 0);
}

/** How many rows with ids behind this one are deleted. */
export function deletedIds(database: DatabaseSync, table: StoredTable, fromId: number): number {
  const sum = database.prepare(
    "SELECT sum(to_id - max(from_id, ?1)) AS ids FROM settled WHERE sink = 'retention' AND table_name = ?2 AND to_id > ?1",
  );
  return Number(sum.get(fromId, table)?.['ids'] ?? 0);
}

const ownColumns = ['due_ms', 'delay_ms', 'gap_ms', 'in_gap', 'session_ms'] as const;

function columnsOf(endpoint: Endpoint): readonly string[] {
  return [
    ...ownColumns,
    ...counters[endpoint].map(({ total }) => total),
    ...counters[endpoint].map(({ delta }) => delta),
  ];
}

/** What each series is of, as one text. */
function readSeries(database: DatabaseSync): ReadonlyMap<number, string> {
  const rows = database
    .prepare('SELECT series.id, app, room_id, user_id, labels FROM series JOIN target ON target.id = target_id')
    .all();
  return new Map(
    rows.map((row) => [
      Number(row['id']),
      `${[row['app'], row['room_id'], row['user_id']].filter((part) => part !== '').join('\n')} ${row['labels']}`,
    ]),
  );
}

export function seriesText({ target, labels }: Series): string {
  return `${targetKey(target)} ${JSON.stringify(labels)}`;
}

function differenceOf(
  row: Readonly<Record<string, unknown>>,
  columns: readonly string[],
  stored: string | undefined,
  { series, sample }: TakenSample,
): string | undefined {
  const { dueMs, delayMs, gapMs, inGap, sessionMs, totals, deltas } = sample;
  const expected = [dueMs, delayMs, gapMs, inGap ? 1 : 0, sessionMs, ...totals, ...deltas];
  for (const [index, name] of columns.entries()) {
    const value = expected[index] ?? null;
    if (row[index + 2] !== value) return `${name} is ${row[index + 2]}, not ${value}`;
  }
  const own = seriesText(series);
  return stored === own ? undefined : `it is of ${stored}, not ${own}`;
}
