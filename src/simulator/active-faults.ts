import type { Random } from '../model/random.ts';
import type { Endpoint } from '../model/target.ts';
import type { BreakingFault, Fault } from './fault.ts';

/** What a fault is matched with. */
export type StruckRequest = {
  readonly sdkAppId: number;
  readonly endpoint: Endpoint;
  readonly roomId: string | undefined;
};

/** What happens to one request: how much later it is answered, and what takes the place of the right answer. */
export type Strike = { readonly delayMs: number; readonly breaking: BreakingFault | undefined };

/** The faults that are set, each with how many requests it has struck. Times are monotonic milliseconds. */
export class ActiveFaults {
  readonly #random: Random;
  #faults: readonly ActiveFault[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Takes the place of all that were set before. */
  set(faults: readonly Fault[], nowMs: number): void {
    this.#faults = faults.map((fault) => ({ fault, setMs: nowMs, struck: 0 }));
  }

  list(): readonly { readonly fault: Fault; readonly struck: number }[] {
    return this.#faults.map(({ fault, struck }) => ({ fault, struck }));
  }

  /** Requests a second of the endpoint's limit that other programs use. */
  eaten(sdkAppId: number, endpoint: Endpoint, nowMs: number): number {
    let eaten = 0;
    for (const active of this.#faults) {
      if (active.fault.kind !== 'throttle' || !isOn(active, nowMs)) continue;
      if (meets(active.fault, { sdkAppId, endpoint })) eaten += active.fault.perSecond;
    }
    return eaten;
  }

  /** Delays add up; of several that break the answer, the first in the list does. */
  strike(request: StruckRequest, nowMs: number): Strike {
    let delayMs = 0;
    let breaking: BreakingFault | undefined;
    for (const active of this.#faults) {
      const { fault } = active;
      if (fault.kind === 'throttle' || (fault.kind !== 'latency' && breaking !== undefined)) continue;
      if (!isOn(active, nowMs) || !meets(fault, request)) continue;
      if (fault.room !== undefined && fault.room !== request.roomId) continue;
      if (fault.count !== undefined && active.struck >= fault.count) continue;
      if (fault.share !== undefined && this.#random(million) >= fault.share * million) continue;
      active.struck++;
      if (fault.kind === 'latency') delayMs += fault.ms + (this.#random(million) / million) * (fault.spreadMs ?? 0);
      else breaking = fault;
    }
    return { delayMs, breaking };
  }
}

type ActiveFault = { readonly fault: Fault; readonly setMs: number; struck: number };

/** How finely probabilities are told apart. */
const million = 1_000_000;

function isOn({ fault, setMs }: ActiveFault, nowMs: number): boolean {
  const onForMs = nowMs - setMs - (fault.afterMs ?? 0);
  return onForMs >= 0 && onForMs < (fault.forMs ?? Number.POSITIVE_INFINITY);
}

function meets(fault: Fault, request: Pick<StruckRequest, 'sdkAppId' | 'endpoint'>): boolean {
  return (
    (fault.endpoint === undefined || fault.endpoint === request.endpoint) &&
    (fault.sdkAppId === undefined || fault.sdkAppId === request.sdkAppId)
  );
}
