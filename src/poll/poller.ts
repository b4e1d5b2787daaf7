import { type Clock, sleep } from '../model/clock.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Random } from '../model/random.ts';
import type { Round, Schedule } from '../model/round.ts';
import type { Target } from '../model/target.ts';
import type { AccountLimits } from './account-limits.ts';
import type { CollectorClock } from './collector-clock.ts';
import type { PollEvents } from './poll-events.ts';
import { highestPriority } from './rate-limiter.ts';
import { retryDelayMs } from './retry.ts';

/** Polls the due targets of one schedule. */
export type Poller = {
  /** Ends in one `pollEnded`, or in `skipped` at once. */
  poll(target: number, dueMs: number, round: Round): void;
  /** The earliest due instant of the polls that have not ended; undefined when there are none. */
  earliestOpenMs(): number | undefined;
  /**
   * Resolves when the polls under way have ended; no `poll` may follow. Close the limits first, so that polls that wait for
   * their turn end. When the signal aborts, requests in flight are aborted too.
   */
  stop(signal: AbortSignal): Promise<void>;
};

/** One request, which calls `departed` when it goes out. Resolves with `cancelled` soon after the signal is aborted; never rejects but for a bug. */
export type Request = (target: Target, signal: AbortSignal, departed: () => void) => Promise<Outcome>;

export type PollerOptions = {
  readonly schedule: Schedule;
  readonly targets: readonly Target[];
  /** After it the target is due again: no request of the poll starts later. */
  readonly intervalMs: number;
  readonly limits: AccountLimits;
  readonly request: Request;
  /** True while the store cannot take more: polling on would only fill memory. */
  readonly isStoreBehind: () => boolean;
  readonly clock: Clock;
  readonly collectorClock: CollectorClock;
  readonly random: Random;
  readonly events: Pick<PollEvents, 'skipped' | 'requestStarted' | 'requestEnded' | 'pollEnded'>;
  /** A defect in what was passed in: polling cannot go on. */
  readonly onError: (cause: unknown) => void;
};

/** A poll that was never started has ended when its target is due again, even if timers are a little late. */
const endBeforeDueMs = 20;

export function createPoller(options: PollerOptions): Poller {
  const { schedule, targets, intervalMs, limits, request, clock, collectorClock, random, events } = options;
  const limiter = limits.limiters[schedule.endpoint];
  /** Due instants of the polls in flight, by target; 0 where there is none. */
  const inFlight = new Float64Array(targets.length);
  /** Polls in a row that could not be started: who had to stand back this time goes first the next, so nobody starves. */
  const misses = new Uint8Array(targets.length);
  const running = new Set<Promise<void>>();
  const abandon = new AbortController();
  const stopping = new AbortController();

  function poll(index: number, dueMs: number, round: Round): void {
    const target = targets[index];
    if (target === undefined) throw new RangeError(`no target ${index} in a schedule of ${targets.length}`);
    if (inFlight[index] !== 0) events.skipped(round, 1, 'in_flight', dueMs);
    else if (options.isStoreBehind()) events.skipped(round, 1, 'store_behind', dueMs);
    else {
      inFlight[index] = dueMs;
      const poll = runPoll(index, target, dueMs, round)
        .catch(options.onError)
        .finally(() => running.delete(poll));
      running.add(poll);
    }
  }

  async function runPoll(index: number, target: Target, dueMs: number, round: Round): Promise<void> {
    const { outcome, attempts } = await attemptUntilSettled(target, dueMs, misses[index] ?? 0);
    inFlight[index] = 0;
    misses[index] = outcome.status === 'expired' ? Math.min((misses[index] ?? 0) + 1, highestPriority) : 0;
    const delayMs = Math.max(0, Math.round(collectorClock.nowMs() - dueMs));
    events.pollEnded({ round, target: index, dueMs, outcome, delayMs, attempts });
  }

  async function attemptUntilSettled(target: Target, dueMs: number, priority: number) {
    const deadlineMs = clock.monotonicMs() + collectorClock.delayUntil(dueMs + intervalMs - endBeforeDueMs);
    const outcomes: Outcome[] = [];
    for (;;) {
      const attempt = outcomes.length + 1;
      const run = await limiter.run((departed) => requestOnce(target, dueMs, attempt, departed), {
        deadlineMs,
        priority,
      });
      // What the last request came to says more than that there was no time for another.
      if (run.status !== 'done') return { outcome: outcomes.at(-1) ?? run, attempts: outcomes.length };
      outcomes.push(run.value);
      const delayMs = retryDelayMs(outcomes, random);
      if (delayMs === undefined || stopping.signal.aborted || clock.monotonicMs() + delayMs > deadlineMs) {
        return { outcome: run.value, attempts: attempt };
      }
      await sleep(clock, delayMs, stopping.signal);
    }
  }

  async function requestOnce(target: Target, dueMs: number, attempt: number, departed: () => void): Promise<Outcome> {
    const startedMs = clock.monotonicMs();
    events.requestStarted(schedule, Math.max(0, collectorClock.nowMs() - dueMs), attempt);
    const outcome = await request(target, abandon.signal, departed);
    events.requestEnded(schedule, outcome, clock.monotonicMs() - startedMs);
    limits.heed(schedule.endpoint, outcome, startedMs);
    return outcome;
  }

  function earliestOpenMs(): number | undefined {
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const dueMs of inFlight) if (dueMs !== 0 && dueMs < earliestMs) earliestMs = dueMs;
    return Number.isFinite(earliestMs) ? earliestMs : undefined;
  }

  return {
    poll,
    earliestOpenMs,
    stop: async (signal) => {
      stopping.abort();
      const onAbort = () => abandon.abort();
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      await Promise.all(running);
      signal.removeEventListener('abort', onAbort);
    },
  };
}
