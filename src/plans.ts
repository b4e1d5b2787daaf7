import type { AppConfig, Config, WatchedTarget } from './config/config.ts';
import type { Health } from './health.ts';
import type { Clock } from './model/clock.ts';
import type { Random } from './model/random.ts';
import type { Schedule } from './model/round.ts';
import type { Series } from './model/target.ts';
import { type AccountLimits, createAccountLimits } from './poll/account-limits.ts';
import { readCron } from './poll/cron.ts';
import type { Plan } from './poll/polling.ts';
import { createSlots } from './poll/slots.ts';
import { createTencentClient, type TencentClient } from './tencent/client.ts';

/** A client for each app, and the limits that all apps of one SDKAppID share. */
export type ConnectedApp = { readonly client: TencentClient; readonly limits: AccountLimits };

export type ConnectOptions = {
  readonly health: Health;
  readonly clock: Clock;
  readonly random: Random;
  /** What makes the requests, where it is not to be the real thing. */
  readonly createClient?: typeof createTencentClient;
};

export function connectApps(
  apps: readonly AppConfig[],
  { health, clock, random, createClient = createTencentClient }: ConnectOptions,
): ReadonlyMap<string, ConnectedApp> {
  const accounts = new Map<number, AccountLimits>();
  const connected = new Map<string, ConnectedApp>();
  for (const app of apps) {
    const sharing = apps.filter(({ sdkAppId }) => sdkAppId === app.sdkAppId);
    const limits =
      accounts.get(app.sdkAppId) ??
      createAccountLimits({
        limits: app.limits,
        timeoutMs: Math.max(...sharing.map(({ requestTimeoutMs }) => requestTimeoutMs)),
        clock,
        random,
        events: health.limitsOf(sharing.map(({ name }) => name)),
      });
    accounts.set(app.sdkAppId, limits);
    const perSecond = app.limits.room_stats + app.limits.gift_count;
    // A slow answer costs no throughput: limit times time-out requests may be in flight.
    const maxConnections = Math.ceil((perSecond * app.requestTimeoutMs) / 1000);
    connected.set(app.name, { limits, client: createClient({ ...app, maxConnections, clock, random }) });
  }
  return connected;
}

export type SeriesPlan = Plan & { readonly series: readonly Series[] };

/** What is polled on each schedule, in the order in which it is polled: registered in it, rows that are written together lie together. */
export function planRounds(
  config: Pick<Config, 'watchlist'>,
  apps: ReadonlyMap<string, ConnectedApp>,
): readonly SeriesPlan[] {
  const watched = Map.groupBy(config.watchlist, ({ schedule }) => schedule);
  return [...watched].map(([schedule, entries]) => planRound(schedule, entries, apps));
}

function planRound(
  schedule: Schedule,
  entries: readonly WatchedTarget[],
  apps: ReadonlyMap<string, ConnectedApp>,
): SeriesPlan {
  const app = apps.get(schedule.app);
  if (app === undefined) throw new Error(`a schedule names the app ${schedule.app}, which the configuration lacks`);
  const reading = readCron(schedule.cron, schedule.timezone);
  if (reading.status === 'refused') throw new Error(reading.problem);
  const slots = createSlots(
    schedule,
    entries.map(({ series }) => series.target),
  );
  const series = Array.from({ length: slots.count }, (_, slot) => entries[slots.targetOf(slot)]?.series).filter(
    (one) => one !== undefined,
  );
  return {
    schedule,
    cron: reading.cron,
    series,
    targets: series.map(({ target }) => target),
    limits: app.limits,
    request: app.client.request,
  };
}
