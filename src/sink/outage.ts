import type { Clock } from '../model/clock.ts';
import type { Random } from '../model/random.ts';
import type { SinkProblem } from './sink.ts';

/** Why nothing is shipped. `failed`: the store could not be read or written, or there is a bug. */
export type ShipProblem = SinkProblem | { readonly status: 'failed'; readonly reason: string; readonly cause: unknown };

/** A time in which nothing is shipped but one batch now and then, to see whether the problem is over. */
export type Outage = {
  readonly problem: ShipProblem;
  readonly began: { readonly wallMs: number; readonly monotonicMs: number };
  readonly failures: number;
  /** Monotonic. */
  readonly retryAtMs: number;
};

export type OutageEvents = {
  /** Once per outage, and again where another kind of problem takes over. */
  problemBegan(problem: ShipProblem): void;
  problemEnded(problem: ShipProblem, lastedMs: number): void;
};

/**
 * Knows whether an outage is on. News counts only from requests that were sent in the present state (`seen`): those
 * sent before it began neither prolong nor end it.
 */
export class OutageWatch {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #events: OutageEvents;
  #outage: Outage | undefined;

  constructor(clock: Clock, random: Random, events: OutageEvents) {
    this.#clock = clock;
    this.#random = random;
    this.#events = events;
  }

  get current(): Outage | undefined {
    return this.#outage;
  }

  failed(problem: ShipProblem, seen: Outage | undefined): void {
    const previous = this.#outage;
    if (previous !== seen) return;
    this.#outage = prolonged(previous, problem, this.#clock, this.#random);
    if (previous?.problem.status !== problem.status) this.#events.problemBegan(problem);
  }

  progressed(seen: Outage | undefined): void {
    const outage = this.#outage;
    if (outage === undefined || outage !== seen) return;
    this.#outage = undefined;
    this.#events.problemEnded(outage.problem, this.#clock.monotonicMs() - outage.began.monotonicMs);
  }

  retryNow(): void {
    if (this.#outage !== undefined) this.#outage = { ...this.#outage, retryAtMs: this.#clock.monotonicMs() };
  }
}

const firstDelayMs = 1_000;
const longestDelayMs = 60_000;

/** The outage after one more failure; it is `previous` that goes on, if there is one. */
function prolonged(previous: Outage | undefined, problem: ShipProblem, clock: Clock, random: Random): Outage {
  const failures = (previous?.failures ?? 0) + 1;
  const monotonicMs = clock.monotonicMs();
  const wishedMs = problem.status === 'unavailable' ? (problem.retryAfterMs ?? 0) : 0;
  return {
    problem,
    began: previous?.began ?? { wallMs: clock.wallMs(), monotonicMs },
    failures,
    retryAtMs: monotonicMs + Math.max(wishedMs, backOffMs(failures, random)),
  };
}

/** Doubles from a second to a minute, of which up to a half is left out: many collectors do not return at once. */
export function backOffMs(failures: number, random: Random): number {
  const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1));
  return delayMs / 2 + random(delayMs / 2 + 1);
}
