import type { Outcome } from '../../../src/model/outcome.ts';
import { type Endpoint, endpoints, type Target } from '../../../src/model/target.ts';
import { createAccountLimits } from '../../../src/poll/account-limits.ts';
import { createCollectorClock } from '../../../src/poll/collector-clock.ts';
import { readCron } from '../../../src/poll/cron.ts';
import type { EndedPoll } from '../../../src/poll/poll-events.ts';
import { startPolling } from '../../../src/poll/polling.ts';
import { createVirtualClock } from '../../virtual-clock.ts';
import { answered, createUpstream, seededRandom } from './upstream.ts';

type World = {
  readonly rooms?: number;
  readonly receivers?: number;
  /** What the server answers to the n-th request for a target. */
  readonly answer?: (target: Target, attempt: number) => Outcome;
  readonly answerMs?: () => number;
  readonly isStoreBehind?: () => boolean;
};

export const startMs = Date.UTC(2026, 0, 1, 12);

/** Polling in virtual time: one SDKAppID, a schedule for each endpoint, every 15 s from noon; the clock stands at 11:59:50. */
export function startWorld({
  rooms = 0,
  receivers = 0,
  answer = () => answered,
  answerMs = () => 40,
  isStoreBehind,
}: World) {
  const random = seededRandom(1);
  const clock = createVirtualClock({ wallMs: startMs - 10_000 });
  const told: string[] = [];
  const ended: EndedPoll[] = [];
  const skipped: string[] = [];
  const due: number[] = [];
  const limits = createAccountLimits({
    limits: { room_stats: 100, gift_count: 200 },
    timeoutMs: 5000,
    clock,
    random,
    events: {
      paused: (endpoint, reason) => told.push(`${endpoint} ${reason}`),
      resumed: (endpoint) => told.push(`${endpoint} resumed`),
    },
  });
  const upstreams = {
    room_stats: createUpstream({ clock, answerMs }),
    gift_count: createUpstream({ clock, answerMs }),
  };
  const requests = new Map<Target, number>();
  const lateness: number[] = [];
  const reading = readCron('*/15 * 12-23 * * *', 'Etc/UTC');
  if (reading.status === 'refused') throw new Error(reading.problem);
  const targets: Record<Endpoint, Target[]> = {
    room_stats: Array.from({ length: rooms }, (_, index) => ({
      endpoint: 'room_stats',
      app: 'main',
      roomId: `room-${index}`,
    })),
    gift_count: Array.from({ length: receivers }, (_, index) => ({
      endpoint: 'gift_count',
      app: 'main',
      roomId: 'room',
      userId: `receiver-${index}`,
    })),
  };
  const polling = startPolling({
    plans: endpoints.map((endpoint) => ({
      schedule: { app: 'main', endpoint, cron: '*/15 * 12-23 * * *', timezone: 'Etc/UTC' },
      cron: reading.cron,
      targets: targets[endpoint],
      limits,
      request: async (target, signal, departed) => {
        const attempt = (requests.get(target) ?? 0) + 1;
        requests.set(target, attempt);
        const outcome = upstreams[endpoint].request(departed, answer(target, attempt));
        const aborted = new Promise<Outcome>((resolve) => {
          signal.addEventListener('abort', () => resolve({ status: 'cancelled' }), { once: true });
        });
        return Promise.race([outcome, aborted]);
      },
    })),
    clock,
    collectorClock: createCollectorClock({ clock }),
    random,
    isStoreBehind: isStoreBehind ?? (() => false),
    events: {
      roundBegun: (_round, { remaining }) => due.push(remaining),
      roundPassed: () => {},
      skipped: (round, count, reason) => {
        for (let one = 0; one < count; one++) skipped.push(`${round.schedule.endpoint} ${reason}`);
      },
      requestStarted: (_schedule, latenessMs, attempt) => {
        if (attempt === 1) lateness.push(latenessMs);
      },
      requestEnded: () => {},
      pollEnded: (poll) => ended.push(poll),
    },
    onError: (cause) => {
      throw cause;
    },
  });
  const statuses = () => ended.map(({ outcome }) => outcome.status);
  const dueCount = () => due.reduce((sum, count) => sum + count, 0);
  return { clock, polling, limits, upstreams, told, ended, skipped, lateness, requests, statuses, dueCount };
}
