import type { Clock } from '../model/clock.ts';
import type { Random } from '../model/random.ts';
import type { Schedule } from '../model/round.ts';
import type { Target } from '../model/target.ts';
import type { AccountLimits } from './account-limits.ts';
import type { CollectorClock } from './collector-clock.ts';
import type { Cron } from './cron.ts';
import type { PollEvents } from './poll-events.ts';
import { createPoller, type Request } from './poller.ts';
import { createRests } from './rests.ts';
import { startSchedule } from './schedule.ts';
import { createSlots } from './slots.ts';

/** All that is polled on one schedule. */
export type Plan = {
  readonly schedule: Schedule;
  readonly cron: Cron;
  readonly targets: readonly Target[];
  /** Shared by all plans of one SDKAppID. */
  readonly limits: AccountLimits;
  readonly request: Request;
};

export type PollingOptions = {
  readonly plans: readonly Plan[];
  readonly clock: Clock;
  readonly collectorClock: CollectorClock;
  readonly random: Random;
  readonly isStoreBehind: () => boolean;
  readonly events: PollEvents;
  readonly onError: (cause: unknown) => void;
};

export type Polling = {
  /** Every poll that was due before this instant has ended, and none will be due before it. */
  settledMs(): number;
  /** No target is due any more; resolves when all polls have ended. Requests in flight may go on until the signal aborts. */
  stop(signal: AbortSignal): Promise<void>;
};

export function startPolling({ plans, ...common }: PollingOptions): Polling {
  const running = plans.map((plan) => startPlan(plan, common));
  return {
    settledMs: () =>
      Math.min(
        ...running.map(({ poller, schedule }) =>
          Math.min(schedule.calledOutMs(), poller.earliestOpenMs() ?? Number.POSITIVE_INFINITY),
        ),
      ),
    stop: async (signal) => {
      for (const { schedule } of running) schedule.stop();
      for (const { limits } of plans) limits.close();
      await Promise.all(running.map(({ poller }) => poller.stop(signal)));
    },
  };
}

function startPlan(plan: Plan, common: Omit<PollingOptions, 'plans'>) {
  const { schedule, cron, targets } = plan;
  const { events } = common;
  const rests = createRests(targets.length, cron.intervalMs);
  const poller = createPoller({
    ...common,
    ...plan,
    intervalMs: cron.intervalMs,
    events: {
      ...events,
      pollEnded: (poll) => {
        if (poll.outcome.status === 'gone') rests.gone(poll.target);
        if (poll.outcome.status === 'answered') rests.answered(poll.target);
        events.pollEnded(poll);
      },
    },
  });
  const running = startSchedule({
    ...common,
    schedule,
    cron,
    rests,
    slots: createSlots(schedule, targets),
    begin: events.roundBegun,
    due: poller.poll,
    late: (round, count, lastDueMs) => events.skipped(round, count, 'late', lastDueMs),
    pass: events.roundPassed,
  });
  return { poller, schedule: running };
}
