import { type StoredTable, tableOf } from '../model/stored-table.ts';
import { endpoints } from '../model/target.ts';
import type { RunTable } from './run-table.ts';
import type { SinkLedger } from './sink-ledger.ts';
import type { Rows } from './tables.ts';

/** What of the tables it takes. */
type Seen = {
  readonly runs: Pick<RunTable, 'lastDueMs'>;
  readonly ledger: Pick<SinkLedger, 'stored'>;
  rowsOf(table: StoredTable): Pick<Rows, 'firstMs'>;
};

const dayMs = 24 * 60 * 60 * 1_000;
/** A look costs some hundred reads of single rows. */
const lookEveryMs = 60_000;
/** What tells of the time before: where the store is too small for a day of samples, the windows of an hour do. */
const witnesses = endpoints.flatMap((endpoint) => [endpoint, tableOf(endpoint, '1h')]);

/**
 * The instant that ages are counted from: the last due instant, if there are rows of a day before it, and else at most a day
 * behind the newest row that is older than that. A wall clock that is years ahead is followed at a start, and nothing is to be
 * too old before somebody has seen it. Where samples are kept for less than four days, a quarter of that stands for the day.
 */
export class Present {
  readonly #tables: Seen;
  readonly #settlingMs: number;
  #seen = { lastDueMs: Number.NEGATIVE_INFINITY, presentMs: Number.NEGATIVE_INFINITY };

  /** `keepMs` is the age that samples are kept to. */
  constructor(tables: Seen, keepMs: number) {
    this.#tables = tables;
    this.#settlingMs = Math.min(dayMs, keepMs / 4);
  }

  /** Epoch milliseconds; minus infinity while nothing has an age yet. */
  nowMs(): number {
    const lastDueMs = this.#tables.runs.lastDueMs() ?? Number.NEGATIVE_INFINITY;
    if (lastDueMs - this.#seen.lastDueMs >= lookEveryMs) this.#seen = { lastDueMs, presentMs: this.#look(lastDueMs) };
    return this.#seen.presentMs;
  }

  #look(lastDueMs: number): number {
    const settledMs = Math.max(...witnesses.map((table) => this.#newestBefore(table, lastDueMs - this.#settlingMs)));
    return Math.min(lastDueMs, settledMs + this.#settlingMs);
  }

  /** When the newest row of a table, up to an instant, was due or ended. Ids rise nearly in this order. */
  #newestBefore(table: StoredTable, timeMs: number): number {
    const rows = this.#tables.rowsOf(table);
    const rowMs = (id: number) => rows.firstMs({ fromId: id - 1, toId: id }) ?? Number.POSITIVE_INFINITY;
    for (const { fromId, toId } of this.#tables.ledger.stored(table).toReversed()) {
      let [low, high] = [fromId, toId];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if (rowMs(middle) <= timeMs) low = middle;
        else high = middle - 1;
      }
      if (low > fromId) return rowMs(low);
    }
    return Number.NEGATIVE_INFINITY;
  }
}
