import type { Clock } from '../model/clock.ts';
import type { Point } from '../model/point.ts';
import type { Sink, WriteOutcome } from './sink.ts';

/** The requests to a sink: each ends in time, and all at once when they are broken off. */
export class SinkRequests {
  readonly #sink: Sink;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #underWay = new Set<AbortController>();
  #brokenOff: Error | undefined;

  constructor(sink: Sink, clock: Clock, timeoutMs: number) {
    this.#sink = sink;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  async write(points: Iterable<Point>): Promise<WriteOutcome> {
    const request = new AbortController();
    if (this.#brokenOff !== undefined) request.abort(this.#brokenOff);
    const cancelTimeout = this.#clock.after(this.#timeoutMs, () =>
      request.abort(new Error(`no answer within ${this.#timeoutMs / 1_000} s`)),
    );
    this.#underWay.add(request);
    try {
      return await this.#sink.write(points, request.signal);
    } finally {
      cancelTimeout();
      this.#underWay.delete(request);
    }
  }

  /** Those under way, and those to come. */
  breakOff(reason: string): void {
    this.#brokenOff = new Error(reason);
    for (const request of this.#underWay) request.abort(this.#brokenOff);
  }
}
