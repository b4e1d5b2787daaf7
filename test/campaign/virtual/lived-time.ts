/** Instants of the collector clock, epoch milliseconds. */
export type Span = { readonly fromMs: number; readonly toMs: number };

/** When, by its own clock, a collector was there: what was due in that time must have been called out. */
export class LivedTime {
  readonly spans: Span[] = [];
  /** In each of them a life ended. */
  readonly ends: Span[] = [];
  #begunMs = 0;
  #present: { fromMs: number; toMs: number; monotonicMs: number } | undefined;

  /** A collector begins, at this reading of the wall clock: its own may show the same, or go on from the one before. */
  began(wallMs: number): void {
    this.#begunMs = Math.min(wallMs, this.ends.at(-1)?.fromMs ?? wallMs);
  }

  /** The collector was seen alive. Its clock goes at most 2 % faster than the monotonic one, or it has made a step. */
  seen(nowMs: number, monotonicMs: number): void {
    const before = this.#present;
    const hasStepped = before !== undefined && nowMs - before.toMs > 1.03 * (monotonicMs - before.monotonicMs) + 100;
    if (hasStepped) this.#close();
    if (before === undefined || hasStepped) this.#present = { fromMs: nowMs, toMs: nowMs, monotonicMs };
    else Object.assign(before, { toMs: nowMs, monotonicMs });
  }

  ended(wallMs: number, monotonicMs: number): void {
    const last = this.#present;
    this.#close();
    if (last !== undefined) {
      this.ends.push({ fromMs: last.toMs, toMs: last.toMs + 1.03 * (monotonicMs - last.monotonicMs) });
    } else {
      this.ends.push({ fromMs: this.#begunMs, toMs: Math.max(wallMs, this.ends.at(-1)?.toMs ?? wallMs) });
    }
  }

  #close(): void {
    if (this.#present !== undefined) this.spans.push({ fromMs: this.#present.fromMs, toMs: this.#present.toMs });
    this.#present = undefined;
  }
}
