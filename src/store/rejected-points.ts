import type { Point } from '../model/point.ts';
import { type Endpoint, endpoints } from '../model/target.ts';
import { type Database, integer, type Statement, text } from './database.ts';

/** A point that a sink will never take, and the sink's words for it. */
export type RejectedPoint = {
  readonly sink: string;
  readonly endpoint: Endpoint;
  readonly rowId: number;
  readonly rejectedMs: number;
  readonly reason: string;
  /** The point as JSON. */
  readonly point: string;
};

/** The newest of them, to be looked at; a bucket that refuses everything must not fill the disk with copies. */
const keptPoints = 10_000;

export class RejectedPoints {
  readonly #insert: Statement;
  readonly #trim: Statement;
  readonly #select: Statement;

  constructor(database: Database) {
    this.#insert = database.prepare(
      'INSERT INTO rejected (sink, endpoint, row_id, rejected_ms, reason, point) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#trim = database.prepare('DELETE FROM rejected WHERE id <= (SELECT max(id) FROM rejected) - ?');
    this.#select = database.prepare('SELECT * FROM rejected ORDER BY id DESC LIMIT ?');
  }

  add(sink: string, rowId: number, point: Point, reason: string, rejectedMs: number): void {
    this.#insert.run(sink, point.measurement, rowId, rejectedMs, reason, JSON.stringify(point));
    this.#trim.run(keptPoints);
  }

  newest(limit: number): readonly RejectedPoint[] {
    return this.#select.all(limit).map((row) => {
      const endpoint = endpoints.find((name) => name === row['endpoint']);
      if (endpoint === undefined) throw new Error(`the store holds a point of unknown endpoint ${row['endpoint']}`);
      return {
        endpoint,
        sink: text(row['sink']),
        rowId: integer(row['row_id']),
        rejectedMs: integer(row['rejected_ms']),
        reason: text(row['reason']),
        point: text(row['point']),
      };
    });
  }
}
