import type { Schedule } from '../../../src/model/round.ts';

/** Instants of the collector clock, epoch milliseconds. */
export type Span = { readonly fromMs: number; readonly toMs: number };

/** `schedules`: those of the life that it is of. */
export type LivedSpan = Span & { readonly schedules: readonly Schedule[] };

/** Longer than from one round to the next, and than a restart usually goes back: to right behind the last due instant. */
const longBackMs = 90_000;

/** When, by its own clock, a collector was there: what was due in that time must have been called out. */
export class LivedTime {
  spans: LivedSpan[] = [];
  /** In each of them a life ended. */
  readonly ends: Span[] = [];
  /**
   * Where a collector began, by its clock, long before the last one ended, and where that was: nothing had been due for a while
   * then, and the wall clock was set back. Windows that have ended by that time take no more samples: theirs count in the next.
   */
  readonly goneBack: Span[] = [];
  #latestMs = Number.NEGATIVE_INFINITY;
  #begunMs = 0;
  #schedules: readonly Schedule[] = [];
  #present: { fromMs: number; toMs: number; monotonicMs: number } | undefined;

  /** A collector begins, at this reading of the wall clock: its own may show the same, or go on from the one before. */
  began(wallMs: number, schedules: readonly Schedule[]): void {
    this.#begunMs = Math.min(wallMs, this.ends.at(-1)?.fromMs ?? wallMs);
    this.#schedules = schedules;
  }

  /** The collector was seen alive. Its clock goes at most 2 % faster than the monotonic one, or it has made a step. */
  seen(nowMs: number, monotonicMs: number): void {
    const before = this.#present;
    if (nowMs < this.#latestMs - longBackMs) this.#goBack(nowMs);
    this.#latestMs = Math.max(this.#latestMs, nowMs);
    const hasStepped = before !== undefined && nowMs - before.toMs > 1.03 * (monotonicMs - before.monotonicMs) + 100;
    if (hasStepped) this.#close();
    if (before === undefined || hasStepped) this.#present = { fromMs: nowMs, toMs: nowMs, monotonicMs };
    else Object.assign(before, { toMs: nowMs, monotonicMs });
  }

  /** One after the other may go back further, all of them behind the same instant. */
  #goBack(toMs: number): void {
    const last = this.goneBack.at(-1);
    const isFurther = last?.toMs === this.#latestMs;
    const fromMs = isFurther ? Math.min(last.fromMs, toMs) : toMs;
    if (isFurther) this.goneBack.pop();
    this.goneBack.push({ fromMs, toMs: this.#latestMs });
  }

  /** When a collector was last seen in the present life. */
  get seenMs(): number | undefined {
    return this.#present?.toMs;
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

  /** The store is as it was at this instant: it knows nothing of what came after it. */
  forget(sinceMs: number): void {
    this.#latestMs = Math.min(this.#latestMs, sinceMs);
    this.spans = this.spans
      .filter(({ fromMs }) => fromMs < sinceMs)
      .map((span) => ({ ...span, toMs: Math.min(span.toMs, sinceMs) }));
    this.ends.push({ fromMs: sinceMs, toMs: Math.max(sinceMs, this.ends.at(-1)?.toMs ?? sinceMs) });
  }

  #close(): void {
    if (this.#present !== undefined) {
      const { fromMs, toMs } = this.#present;
      this.spans.push({ fromMs, toMs, schedules: this.#schedules });
    }
    this.#present = undefined;
  }
}
