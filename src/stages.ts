import { type Books, openBooks } from './bookkeeping.ts';
import type { Config } from './config/config.ts';
import type { Health } from './health.ts';
import type { Clock } from './model/clock.ts';
import type { Outcome } from './model/outcome.ts';
import type { Random } from './model/random.ts';
import type { Sample } from './model/sample.ts';
import { type Endpoint, endpoints, type Series } from './model/target.ts';
import { type ConnectedApp, planRounds, type SeriesPlan } from './plans.ts';
import { type CollectorClock, createCollectorClock } from './poll/collector-clock.ts';
import type { PollEvents } from './poll/poll-events.ts';
import { startPolling } from './poll/polling.ts';
import type { RateLimiter } from './poll/rate-limiter.ts';
import type { StoreClient } from './store/store-client.ts';

export type StagesOptions = {
  readonly config: Pick<Config, 'watchlist'>;
  readonly apps: ReadonlyMap<string, ConnectedApp>;
  /** Open, and nothing asked of it yet. */
  readonly store: StoreClient;
  readonly health: Health;
  readonly clock: Clock;
  readonly random: Random;
  readonly roundBegun: () => void;
  /** Sees every sample as it is taken. */
  readonly onSample: ((series: Series, sample: Sample) => void) | undefined;
  readonly onPollEnded?: ((outcome: Outcome) => void) | undefined;
  /** A defect: polling cannot go on. */
  readonly onError: (cause: unknown) => void;
};

/** What runs between the requests and the store, without thread, socket or process: the same in virtual time. */
export type Stages = {
  readonly watches: readonly EndpointWatch[];
  readonly collectorClock: CollectorClock;
  /** No new polls; those in flight end or, after a while, are broken off. What was taken has been handed to the store then. */
  stop(): Promise<void>;
};

/** One endpoint of one app. The limiter is shared by all apps of an SDKAppID; the counts are of polls since the start. */
export type EndpointWatch = {
  readonly app: string;
  readonly endpoint: Endpoint;
  readonly limiter: RateLimiter;
  targets: number;
  answered: number;
  /** Rooms that did not exist: no sample, and no fault either. */
  gone: number;
  failed: number;
  skipped: number;
};

/** Together with what the storage takes to close below 20 s, after which systemd and Docker kill. */
const requestsWithinMs = 5_000;
/** Beyond this many samples that are not on the disk, polls are skipped rather than held in memory. */
const mostUncommitted = 20_000;
/** How much later than its end a window is written, at the most; that of the last minutes is written after the next start. */
const betweenRollUpsMs = 30_000;

export async function startStages(options: StagesOptions): Promise<Stages> {
  const { config, apps, store, health, clock, random } = options;
  const { lastDueMs } = await store.opened;
  const watches = [...apps].flatMap(([app, { limits }]) =>
    endpoints.map((endpoint) => watchEndpoint(app, endpoint, limits.limiters[endpoint])),
  );
  const plans = planRounds(config, apps);
  for (const { schedule, targets } of plans) health.begin(schedule, targets.length);
  const books = await openBooks(store, plans, {
    tallied: (series, tallied) => {
      health.tallied(series, tallied);
      options.onSample?.(series, tallied.sample);
    },
    forgotten: health.forgotten,
  });
  const collectorClock = createCollectorClock({ clock, lastDueMs });
  const polling = startPolling({
    plans,
    clock,
    collectorClock,
    random,
    isStoreBehind: () => store.unacknowledged > mostUncommitted,
    events: tellAll({ plans, health, books, watches, begun: options.roundBegun, ended: options.onPollEnded }),
    onError: options.onError,
  });
  // A round that an earlier run began and this one goes on with has been begun again by now.
  store.endEarlierRounds();
  let cancelRollUp = () => {};
  function rollUpLater(): void {
    cancelRollUp = clock.after(betweenRollUpsMs, () => {
      store.rollUp(polling.settledMs());
      rollUpLater();
    });
  }
  rollUpLater();

  return {
    watches,
    collectorClock,
    stop: async () => {
      cancelRollUp();
      const abandon = new AbortController();
      const cancel = clock.after(requestsWithinMs, () => abandon.abort());
      await polling.stop(abandon.signal);
      cancel();
    },
  };
}

function watchEndpoint(app: string, endpoint: Endpoint, limiter: RateLimiter): EndpointWatch {
  return { app, endpoint, limiter, targets: 0, answered: 0, gone: 0, failed: 0, skipped: 0 };
}

type Listeners = {
  readonly plans: readonly SeriesPlan[];
  readonly health: Health;
  readonly books: Books;
  readonly watches: readonly EndpointWatch[];
  readonly begun: () => void;
  readonly ended: ((outcome: Outcome) => void) | undefined;
};

/** What polling tells goes to the metrics and into the books. */
function tellAll({ plans, health, books, watches, begun, ended }: Listeners): PollEvents {
  const ofSchedule = new Map(
    plans.map(({ schedule, series }) => {
      const found = watches.find(({ app, endpoint }) => app === schedule.app && endpoint === schedule.endpoint);
      if (found === undefined) throw new Error(`no limits for ${schedule.endpoint} of app ${schedule.app}`);
      found.targets += series.length;
      return [schedule, { watch: found, series }];
    }),
  );
  return {
    ...health.polling,
    roundBegun: (round, due) => {
      begun();
      health.polling.roundBegun(round, due);
      books.roundBegun(round, due);
    },
    roundPassed: () => {},
    skipped: (round, count, reason, lastDueMs) => {
      const told = ofSchedule.get(round.schedule);
      if (told !== undefined) told.watch.skipped += count;
      health.polling.skipped(round, count, reason, lastDueMs);
      books.skipped(round, count, reason, lastDueMs);
    },
    pollEnded: (poll) => {
      const told = ofSchedule.get(poll.round.schedule);
      const series = told?.series[poll.target];
      if (told !== undefined) told.watch[resultOf(poll.outcome)] += 1;
      if (series !== undefined) health.pollEnded(poll.round.schedule, series, poll.outcome);
      books.pollEnded(poll);
      ended?.(poll.outcome);
    },
  };
}

function resultOf({ status }: Outcome): 'answered' | 'gone' | 'failed' {
  return status === 'answered' || status === 'gone' ? status : 'failed';
}
