import type { Clock } from '../model/clock.ts';
import type { Round, Schedule } from '../model/round.ts';
import type { CollectorClock } from './collector-clock.ts';
import type { Cron } from './cron.ts';
import type { Rests } from './rests.ts';
import type { Slots } from './slots.ts';

/** Calls out the due targets of one schedule, round after round. */
export type RunningSchedule = {
  /** Every target that was due up to this instant has been called out. */
  calledOutMs(): number;
  stop(): void;
};

export type ScheduleOptions = {
  readonly schedule: Schedule;
  readonly cron: Cron;
  readonly slots: Slots;
  readonly rests: Rests;
  readonly clock: Clock;
  readonly collectorClock: CollectorClock;
  readonly begin: (round: Round, due: { readonly total: number; readonly remaining: number }) => void;
  readonly due: (target: number, dueMs: number, round: Round) => void;
  /** So many targets were due a whole interval ago or more: polling them late would only delay their next poll. */
  readonly late: (round: Round, count: number, lastDueMs: number) => void;
  readonly pass: (round: Round) => void;
};

/**
 * Targets are called out twice a second, on halves of the collector clock that all schedules share. Waking up costs more
 * than a poll, and answers that come together are committed together; the price is half a second of lateness, the same for a target in every round.
 */
const stepMs = 500;
/** Keeps the wait for a yearly round within what a timer can do, and the collector clock read now and then. */
const longestWaitMs = 30_000;
/** After a pause of days, older rounds are not told. */
const mostMissedRounds = 10_000;

type CurrentRound = { readonly round: Round; readonly spreadMs: number; nextSlot: number };

/**
 * Starts with the slots of the running round that are still ahead. One timer serves all targets. When it comes late, because
 * the process was stopped or the event loop blocked, slots of the last interval are called out now; older ones are told as
 * `late`.
 */
export function startSchedule(options: ScheduleOptions): RunningSchedule {
  const { schedule, cron, slots, rests, clock, collectorClock } = options;
  let current: CurrentRound | undefined;
  let nextRoundMs: number | undefined;
  let lastWakeMs = clock.monotonicMs();
  let calledOutMs = 0;
  let cancelTimer = () => {};
  let isStopped = false;

  function resume(): void {
    const nowMs = collectorClock.nowMs();
    nextRoundMs = cron.nextAfter(nowMs - cron.intervalMs);
    while (nextRoundMs !== undefined && nextRoundMs <= nowMs) current = enter(nextRoundMs);
    if (current === undefined) return;
    while (current.nextSlot < slots.count && slotMs(current) <= nowMs) current.nextSlot++;
    if (current.nextSlot === slots.count) current = undefined;
    else options.begin(current.round, { total: rests.beginRound(), remaining: slots.count - current.nextSlot });
  }

  function enter(startMs: number): CurrentRound {
    nextRoundMs = cron.nextAfter(startMs);
    // Only a change to or from summer time brings the next round nearer than the interval.
    const spreadMs = Math.min(cron.intervalMs, (nextRoundMs ?? Number.POSITIVE_INFINITY) - startMs);
    return { round: { schedule, startMs }, spreadMs, nextSlot: 0 };
  }

  function slotMs({ round, spreadMs, nextSlot }: CurrentRound): number {
    return round.startMs + slots.offsetMs(nextSlot, spreadMs);
  }

  function wake(): void {
    const nowMs = collectorClock.nowMs();
    tellMissedRounds(nowMs);
    lastWakeMs = clock.monotonicMs();
    for (;;) {
      if (current !== undefined) handOut(current, nowMs);
      if (current !== undefined || nextRoundMs === undefined || nextRoundMs > nowMs) break;
      current = enter(nextRoundMs);
      const total = rests.beginRound();
      options.begin(current.round, { total, remaining: total });
    }
    calledOutMs = nowMs;
    wait(nowMs);
  }

  /** Rounds that began and passed a whole interval ago. */
  function tellMissedRounds(nowMs: number): void {
    const isMissed = (startMs: number) => startMs + 2 * cron.intervalMs <= nowMs;
    if (nextRoundMs === undefined || !isMissed(nextRoundMs)) return;
    if (current !== undefined) handOut(current, nowMs);
    // What the collector clock has stepped over was not lived through: as while no process runs, nothing was due.
    const livedMs = clock.monotonicMs() - lastWakeMs;
    const oldestMs = nowMs - Math.min(2 * livedMs, mostMissedRounds * cron.intervalMs);
    if (nextRoundMs < oldestMs) nextRoundMs = cron.nextAfter(oldestMs);
    while (nextRoundMs !== undefined && isMissed(nextRoundMs)) {
      const { round, spreadMs } = enter(nextRoundMs);
      options.begin(round, { total: rests.due, remaining: rests.due });
      if (rests.due > 0) options.late(round, rests.due, round.startMs + spreadMs);
      options.pass(round);
    }
  }

  function handOut(from: CurrentRound, nowMs: number): void {
    const late = { count: 0, lastDueMs: 0 };
    for (; from.nextSlot < slots.count; from.nextSlot++) {
      const target = slots.targetOf(from.nextSlot);
      // Before the time is looked at: nobody needs to wake up for a target that rests.
      if (rests.isResting(target)) continue;
      const dueMs = slotMs(from);
      if (dueMs > nowMs) break;
      if (dueMs > nowMs - cron.intervalMs) options.due(target, dueMs, from.round);
      else {
        late.count++;
        late.lastDueMs = dueMs;
      }
    }
    if (late.count > 0) options.late(from.round, late.count, late.lastDueMs);
    if (from.nextSlot < slots.count) return;
    current = undefined;
    options.pass(from.round);
  }

  function wait(nowMs: number): void {
    if (isStopped) return;
    const nextMs = current === undefined ? (nextRoundMs ?? nowMs + longestWaitMs) : slotMs(current);
    const stepAtMs = Math.ceil(nextMs / stepMs) * stepMs;
    const delayMs = Math.ceil(collectorClock.delayUntil(stepAtMs));
    cancelTimer = clock.after(Math.min(delayMs, longestWaitMs), wake);
  }

  resume();
  wake();
  return {
    calledOutMs: () => calledOutMs,
    stop: () => {
      isStopped = true;
      cancelTimer();
    },
  };
}
