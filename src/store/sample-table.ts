import { counters } from '../model/measurement.ts';
import type { Sample, Totals } from '../model/sample.ts';
import type { Endpoint } from '../model/target.ts';
import {
  type Database,
  type InputValue,
  integer,
  type OutputValue,
  optionalInteger,
  readInteger,
  type Statement,
} from './database.ts';
import type { IdRange } from './id-ranges.ts';
import { sampleColumns } from './schema.ts';

/** A committed sample. Ids of an endpoint begin at 1 and have no holes: each commit takes the next ones. */
export type SampleRow = { readonly id: number; readonly seriesId: number; readonly sample: Sample };

/** The rows of one endpoint. */
export class SampleTable {
  readonly #counterCount: number;
  readonly #insert: Statement;
  readonly #select: Statement;
  readonly #selectDue: Statement;
  readonly #selectOlder: Statement;
  readonly #delete: Statement;
  readonly #selectLastId: Statement;

  constructor(database: Database, endpoint: Endpoint) {
    const columns = sampleColumns(endpoint);
    this.#counterCount = counters[endpoint].length;
    this.#insert = database.prepare(
      `INSERT INTO ${endpoint} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    );
    this.#select = database.prepare(
      `SELECT id, ${columns.join(', ')} FROM ${endpoint} WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`,
    );
    this.#select.setReturnArrays(true);
    this.#selectDue = database.prepare(`SELECT due_ms FROM ${endpoint} WHERE id = ?`);
    this.#selectOlder = database.prepare(`SELECT max(id) FROM ${endpoint} WHERE id > ? AND id <= ? AND due_ms < ?`);
    this.#delete = database.prepare(`DELETE FROM ${endpoint} WHERE id > ? AND id <= ?`);
    this.#selectLastId = database.prepare(`SELECT seq FROM sqlite_sequence WHERE name = '${endpoint}'`);
  }

  insert(seriesId: number, sample: Sample): void {
    const values: InputValue[] = [seriesId, sample.dueMs, sample.delayMs, sample.gapMs ?? null, sample.sessionMs];
    for (let index = 0; index < this.#counterCount; index++) values.push(sample.totals[index] ?? null);
    for (let index = 0; index < this.#counterCount; index++) values.push(sample.deltas[index] ?? null);
    this.#insert.run(...values);
  }

  read({ fromId, toId }: IdRange, limit: number): readonly SampleRow[] {
    return this.#select.all(fromId, toId, limit).map((row) => this.#toRow(row));
  }

  #toRow(row: Record<string, OutputValue>): SampleRow {
    const firstTotal = 6;
    const firstDelta = firstTotal + this.#counterCount;
    return {
      id: integer(row[0]),
      seriesId: integer(row[1]),
      sample: {
        dueMs: integer(row[2]),
        delayMs: integer(row[3]),
        gapMs: optionalInteger(row[4]),
        sessionMs: integer(row[5]),
        totals: this.#countersFrom(row, firstTotal),
        deltas: this.#countersFrom(row, firstDelta),
      },
    };
  }

  #countersFrom(row: Record<string, OutputValue>, first: number): Totals {
    const totals: (number | undefined)[] = [];
    for (let index = first; index < first + this.#counterCount; index++) totals.push(optionalInteger(row[index]));
    return totals;
  }

  /** The highest id ever given, which is also the number of rows ever committed. */
  lastId(): number {
    return readInteger(this.#selectLastId) ?? 0;
  }

  /** Due instant of the first row of a range; undefined when it is not there. */
  firstDueMs({ fromId }: IdRange): number | undefined {
    return readInteger(this.#selectDue, fromId + 1);
  }

  /** The last row of a range that was due before an instant; undefined when none was. */
  lastIdBefore({ fromId, toId }: IdRange, dueMs: number): number | undefined {
    return readInteger(this.#selectOlder, fromId, toId, dueMs);
  }

  delete({ fromId, toId }: IdRange): void {
    this.#delete.run(fromId, toId);
  }
}
