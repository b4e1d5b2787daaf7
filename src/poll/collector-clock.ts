import type { Clock } from '../model/clock.ts';

/**
 * The time that due instants are taken from. It never goes back and never stands still, so no due instant comes twice, whatever
 * is done to the wall clock. It runs with the monotonic clock and is drawn towards the wall clock by at most 2 %: little enough
 * that a full watchlist (95 % of the limit) stays below the pace of the requests (97 %).
 *
 * An hour's jump of the wall clock is thus made up over two days. Only a wall clock that is more than two hours ahead,
 * and still is after a minute, is followed in one step: the machine had started without a clock, or was asleep.
 * A wall clock that is behind is never followed in a step.
 */
export type CollectorClock = {
  /** Epoch milliseconds, fractional. */
  nowMs(): number;
  /** How long to wait, on the monotonic clock, until `nowMs` reaches the instant; 0 when it has. */
  delayUntil(instantMs: number): number;
  /** Wall clock minus collector clock. */
  offsetMs(): number;
};

export type CollectorClockOptions = {
  readonly clock: Clock;
  /** The last due instant in the store; the collector clock starts after it even if the wall clock is behind it. */
  readonly lastDueMs?: number | undefined;
};

const maximumSlew = 0.02;
const stepAboveMs = 2 * 3_600_000;
const stepAfterMs = 60_000;
/** Readings that must agree before a step, so that one reading after a long pause is not enough. */
const stepAfterReadings = 3;

export function createCollectorClock({ clock, lastDueMs }: CollectorClockOptions): CollectorClock {
  let monotonicMs = clock.monotonicMs();
  let nowMs = Math.max(clock.wallMs(), lastDueMs === undefined ? 0 : lastDueMs + 1);
  let farAhead = { sinceMs: 0, readings: 0 };

  /** Brings `nowMs` up to this instant and gives what is left between it and the wall clock. */
  function read(): number {
    const elapsedMs = clock.monotonicMs() - monotonicMs;
    monotonicMs += elapsedMs;
    const offsetMs = clock.wallMs() - (nowMs + elapsedMs);
    const slewMs = Math.max(-maximumSlew * elapsedMs, Math.min(maximumSlew * elapsedMs, offsetMs));
    nowMs += elapsedMs + slewMs;
    if (!mustStep(offsetMs - slewMs)) return offsetMs - slewMs;
    nowMs += offsetMs - slewMs;
    return 0;
  }

  function mustStep(offsetMs: number): boolean {
    if (offsetMs <= stepAboveMs) {
      farAhead = { sinceMs: 0, readings: 0 };
      return false;
    }
    if (farAhead.readings === 0) farAhead.sinceMs = monotonicMs;
    farAhead.readings++;
    return farAhead.readings >= stepAfterReadings && monotonicMs - farAhead.sinceMs >= stepAfterMs;
  }

  return {
    nowMs: () => {
      read();
      return nowMs;
    },
    offsetMs: read,
    delayUntil: (instantMs) => {
      const offsetMs = read();
      const leftMs = instantMs - nowMs;
      if (leftMs <= 0) return 0;
      // The clock is slewed until it meets the wall clock, then runs with it.
      return offsetMs > 0
        ? Math.max(leftMs / (1 + maximumSlew), leftMs - offsetMs)
        : Math.min(leftMs / (1 - maximumSlew), leftMs - offsetMs);
    },
  };
}
