/** Counts instants in the second that ends with the latest one. Exact: it keeps every instant of that second, and no other. */
export class SlidingSecond {
  #instants = new Float64Array(256);
  #first = 0;
  #count = 0;
  #worst = 0;

  /** The most that any second of 1000 ms, its end not included, has held. */
  get worst(): number {
    return this.#worst;
  }

  /** Instants come in order, in milliseconds of a monotonic clock. */
  add(atMs: number): void {
    this.#forget(atMs);
    if (this.#count === this.#instants.length) this.#grow();
    this.#instants[(this.#first + this.#count) % this.#instants.length] = atMs;
    this.#count++;
    this.#worst = Math.max(this.#worst, this.#count);
  }

  /** How many instants lie less than 1000 ms before this one. */
  countAt(atMs: number): number {
    this.#forget(atMs);
    return this.#count;
  }

  #forget(atMs: number): void {
    while (this.#count > 0 && (this.#instants[this.#first] ?? 0) <= atMs - 1000) {
      this.#first = (this.#first + 1) % this.#instants.length;
      this.#count--;
    }
  }

  #grow(): void {
    const larger = new Float64Array(this.#instants.length * 2);
    larger.set(this.#instants.subarray(this.#first));
    larger.set(this.#instants.subarray(0, this.#first), this.#instants.length - this.#first);
    this.#instants = larger;
    this.#first = 0;
  }
}
