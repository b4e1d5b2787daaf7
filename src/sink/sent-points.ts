import type { Point } from '../model/point.ts';
import type { Row } from './backlog.ts';
import type { SentRow } from './verdict.ts';

/**
 * The points of a batch, each made when it is asked for: what a thousand points with all their names and values leave behind
 * keeps the garbage collector as busy as making them keeps the thread. Only what an answer may be about is kept.
 */
export class SentPoints implements Iterable<Point> {
  readonly #rows: Iterator<Row>;
  readonly #sent: SentRow[] = [];
  #ahead: IteratorResult<Row>;
  #failure: { readonly error: unknown } | undefined;

  constructor(rows: Iterable<Row>) {
    this.#rows = rows[Symbol.iterator]();
    this.#ahead = this.#rows.next();
  }

  get isEmpty(): boolean {
    return this.#sent.length === 0 && this.#ahead.done === true;
  }

  /** Goes on where an earlier one was left. */
  [Symbol.iterator](): Iterator<Point> {
    return { next: () => this.#next() };
  }

  #next(): IteratorResult<Point> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#ahead.done === true) return { done: true, value: undefined };
    const { id, point } = this.#ahead.value;
    try {
      this.#ahead = this.#rows.next();
    } catch (error) {
      // Asked once more, what has failed would say that it is at its end.
      this.#failure = { error };
      throw error;
    }
    this.#sent.push({ id, timeMs: point.timeMs });
    return { done: false, value: point };
  }

  /** All rows, and whether they have all been asked for as points. Throws where they cannot be read. */
  finish(): { readonly rows: readonly SentRow[]; readonly areRead: boolean } {
    const areRead = this.#ahead.done === true;
    while (this.#next().done !== true);
    return { rows: this.#sent, areRead };
  }
}
