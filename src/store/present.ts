import { type Endpoint, endpoints } from '../model/target.ts';
import type { Tables } from './tables.ts';

const dayMs = 24 * 60 * 60 * 1_000;
/** A look costs some fifty reads of single rows. */
const lookEveryMs = 60_000;

/**
 * The instant that ages are counted from. It is the last due instant, unless due instants leapt: a wall clock that is years
 * ahead is followed at a start, and until somebody has seen that and stopped it, nothing is to become too old. So it is never
 * further from the newest sample that has a day of collecting behind it than that day. Where samples are kept for
 * less than four days, a quarter of that stands for the day.
 */
export class Present {
  readonly #tables: Pick<Tables, 'runs' | 'rowsOf' | 'ledger'>;
  readonly #settlingMs: number;
  #seen = { lastDueMs: Number.NEGATIVE_INFINITY, presentMs: Number.NEGATIVE_INFINITY };

  /** `keepMs` is the age that samples are kept to. */
  constructor(tables: Pick<Tables, 'runs' | 'rowsOf' | 'ledger'>, keepMs: number) {
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
    const settledMs = Math.max(...endpoints.map((table) => this.#newestBefore(table, lastDueMs - this.#settlingMs)));
    return Math.min(lastDueMs, settledMs + this.#settlingMs);
  }

  /** When the newest sample of a table, up to an instant, was due. Ids rise nearly in the order of due instants. */
  #newestBefore(table: Endpoint, timeMs: number): number {
    const rows = this.#tables.rowsOf(table);
    const dueMs = (id: number) => rows.firstMs({ fromId: id - 1, toId: id }) ?? Number.POSITIVE_INFINITY;
    for (const { fromId, toId } of this.#tables.ledger.stored(table).toReversed()) {
      let [low, high] = [fromId, toId];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if (dueMs(middle) <= timeMs) low = middle;
        else high = middle - 1;
      }
      if (low > fromId) return dueMs(low);
    }
    return Number.NEGATIVE_INFINITY;
  }
}
