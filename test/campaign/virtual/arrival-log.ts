/** When requests came to the server, by whose limit they count against. */
export class ArrivalLog {
  readonly #arrivals = new Map<string, number[]>();

  add(key: string, atMs: number): void {
    const known = this.#arrivals.get(key);
    if (known === undefined) this.#arrivals.set(key, [atMs]);
    else known.push(atMs);
  }

  /** How many requests were beyond the limit in the second that ended with them. */
  excess(limitOf: (key: string) => number): number {
    let excess = 0;
    for (const [key, arrivals] of this.#arrivals) {
      const inOrder = Float64Array.from(arrivals).sort();
      const limit = limitOf(key);
      for (let index = limit; index < inOrder.length; index++) {
        if ((inOrder[index] ?? 0) - (inOrder[index - limit] ?? 0) < 1000) excess++;
      }
    }
    return excess;
  }
}
