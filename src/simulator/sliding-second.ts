/**
 * Counts arrivals that certainly lie in one second of 1000 ms, its end not included. Of an arrival two instants may be known: one at which it
 * had not happened, and one at which it had. Exact where they are the same.
 */
export class SlidingSecond {
  /** Earliest instants of the arrivals of the latest second, in order, in a ring. */
  #instants = new Float64Array(256);
  #first = 0;
  #count = 0;
  #worst = 0;

  /** The most that any such second has held. */
  get worst(): number {
    return this.#worst;
  }

  /** Arrivals come in the order of `atMs`, in milliseconds of a monotonic clock. */
  add(atMs: number, notBeforeMs = atMs): void {
    this.#forget(atMs);
    if (notBeforeMs <= atMs - 1000) return;
    if (this.#count === this.#instants.length) this.#grow();
    let place = this.#count;
    // Nearly always behind the last one.
    for (; place > 0 && this.#at(place - 1) > notBeforeMs; place--) this.#put(place, this.#at(place - 1));
    this.#put(place, notBeforeMs);
    this.#count++;
    this.#worst = Math.max(this.#worst, this.#count);
  }

  /** How many arrivals certainly lie less than 1000 ms before this instant. */
  countAt(atMs: number): number {
    this.#forget(atMs);
    return this.#count;
  }

  #forget(atMs: number): void {
    while (this.#count > 0 && this.#at(0) <= atMs - 1000) {
      this.#first = (this.#first + 1) % this.#instants.length;
      this.#count--;
    }
  }

  #at(place: number): number {
    return this.#instants[(this.#first + place) % this.#instants.length] ?? 0;
  }

  #put(place: number, instantMs: number): void {
    this.#instants[(this.#first + place) % this.#instants.length] = instantMs;
  }

  #grow(): void {
    const larger = new Float64Array(this.#instants.length * 2);
    larger.set(this.#instants.subarray(this.#first));
    larger.set(this.#instants.subarray(0, this.#first), this.#instants.length - this.#first);
    this.#instants = larger;
    this.#first = 0;
  }
}
