import type { Clock } from '../../../src/model/clock.ts';
import type { Outcome } from '../../../src/model/outcome.ts';

/** What a server sees of the requests: when each arrives, and how many in the worst sliding second. */
export type Upstream = {
  /** Takes a request, which departs when it has a connection, and answers it after its time on the way and at the server. */
  request(departed: () => void, answer?: Outcome): Promise<Outcome>;
  worstSecond(): number;
  readonly arrivals: readonly number[];
};

export type UpstreamOptions = {
  readonly clock: Clock;
  /** On the way to the server; the promise holds for a spread of 15 ms. */
  readonly networkMs?: () => number;
  readonly answerMs?: () => number;
  /** To make a connection for a request that finds none idle. */
  readonly connectMs?: () => number;
};

export const answered: Outcome = { status: 'answered', totals: [1] };

export function createUpstream({
  clock,
  networkMs = () => 5,
  answerMs = () => 40,
  connectMs = () => 0,
}: UpstreamOptions): Upstream {
  const arrivals: number[] = [];
  let idleConnections = 0;
  return {
    request: (departed, answer = answered) =>
      new Promise((resolve) => {
        const depart = () => {
          departed();
          const onTheWayMs = networkMs();
          arrivals.push(clock.monotonicMs() + onTheWayMs);
          clock.after(onTheWayMs + answerMs(), () => {
            idleConnections++;
            resolve(answer);
          });
        };
        const waitMs = idleConnections > 0 ? 0 : connectMs();
        if (idleConnections > 0) idleConnections--;
        if (waitMs === 0) depart();
        else clock.after(waitMs, depart);
      }),
    worstSecond: () => worstWindow(arrivals, 1000),
    arrivals,
  };
}

/** The most of the instants that lie within any window of that length. */
export function worstWindow(instants: readonly number[], windowMs: number): number {
  const sorted = [...instants].sort((a, b) => a - b);
  let worst = 0;
  let first = 0;
  for (const [index, instant] of sorted.entries()) {
    while (instant - (sorted[first] ?? 0) > windowMs) first++;
    worst = Math.max(worst, index - first + 1);
  }
  return worst;
}

/** A repeatable stream of chance from a seed: integers of 0 to `bound` - 1. */
export function seededRandom(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % Math.max(1, Math.floor(bound));
  };
}
