/** Rounds of which no sample can tell to which it belongs: those of several schedules of an endpoint that run at a time. */
export type RoundBlock = {
  readonly startMs: number;
  readonly endMs: number;
  readonly rounds: number;
  /** What the rounds say was polled, and the samples that were due in them. */
  readonly polled: number;
  readonly rows: number;
};

/** The columns of a block, and how many there are. */
const [start, end, rounds, polled, rows, width] = [0, 1, 2, 3, 4, 5] as const;

/** The blocks of one endpoint of an app, in the order of their time. As bare numbers: a year has two million rounds of 15 seconds. */
export class RoundBlocks {
  #numbers = new Float64Array(1_024 * width);
  #count = 0;

  /** In the order of their starts. */
  add(round: { readonly startMs: number; readonly endMs: number; readonly polled: number }): void {
    if (this.#count === 0 || this.#at(this.#count - 1, end) <= round.startMs) {
      this.#push([round.startMs, round.endMs, 1, round.polled, 0]);
      return;
    }
    const last = this.#count - 1;
    this.#put(last, end, Math.max(this.#at(last, end), round.endMs));
    this.#put(last, rounds, this.#at(last, rounds) + 1);
    this.#put(last, polled, this.#at(last, polled) + round.polled);
  }

  /** Counts a sample in the block that it was due in. Returns false where there is none. */
  countRow(dueMs: number): boolean {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#at(middle, start) <= dueMs) low = middle + 1;
      else high = middle;
    }
    const index = low - 1;
    if (index < 0 || dueMs >= this.#at(index, end)) return false;
    this.#put(index, rows, this.#at(index, rows) + 1);
    return true;
  }

  /** Those of which more or fewer samples are there than were polled. */
  *differing(): Generator<RoundBlock, void> {
    for (let index = 0; index < this.#count; index++) {
      const at = (column: number) => this.#at(index, column);
      if (at(polled) === at(rows)) continue;
      const time = { startMs: at(start), endMs: at(end) };
      yield { ...time, rounds: at(rounds), polled: at(polled), rows: at(rows) };
    }
  }

  #push(values: readonly number[]): void {
    const first = this.#count * width;
    if (first === this.#numbers.length) {
      const larger = new Float64Array(2 * this.#numbers.length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers.set(values, first);
    this.#count++;
  }

  #at(index: number, column: number): number {
    return this.#numbers[index * width + column] ?? Number.NaN;
  }

  #put(index: number, column: number, value: number): void {
    this.#numbers[index * width + column] = value;
  }
}
