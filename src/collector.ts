import { type Books, openBooks } from './bookkeeping.ts';
import type { Config } from './config/config.ts';
import { Health } from './health.ts';
import type { Clock } from './model/clock.ts';
import type { Outcome } from './model/outcome.ts';
import type { Random } from './model/random.ts';
import type { Sample } from './model/sample.ts';
import type { StoreStatus } from './model/store-status.ts';
import { type Endpoint, endpoints, type Series } from './model/target.ts';
import { connectApps, planRounds, type SeriesPlan } from './plans.ts';
import { createCollectorClock } from './poll/collector-clock.ts';
import type { PollEvents } from './poll/poll-events.ts';
import { startPolling } from './poll/polling.ts';
import type { RateLimiter } from './poll/rate-limiter.ts';
import { sinkName } from './storage.ts';
import { connectStorage } from './storage-connection.ts';
import { setStoreGauges } from './store-gauges.ts';
import { startHttpServer } from './telemetry/http-server.ts';
import type { Log } from './telemetry/log.ts';
import { createMetrics } from './telemetry/metrics.ts';

export type CollectorOptions = {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly version: string;
  readonly nodeVersion: string;
  /** Who holds the store, for a second process that wants it. */
  readonly process: { readonly pid: number; readonly host: string; readonly command: string };
  /** Sees every sample as it is taken. */
  readonly onSample?: (series: Series, sample: Sample) => void;
};

export type Collector = {
  /** Of the HTTP server. */
  readonly url: string;
  readonly endpoints: readonly EndpointWatch[];
  status(): Promise<StoreStatus>;
  /** Resolves, with the reason, when the collector cannot go on. */
  readonly failed: Promise<Error>;
  /** No new polls; those in flight end, what was taken is committed, and what can be shipped in 10 s is shipped. */
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

const shipWithinMs = 10_000;
/** Together with what the storage takes to close below 20 s, after which systemd and Docker kill. */
const requestsWithinMs = 5_000;
/** Beyond this many samples that are not on the disk, polls are skipped rather than held in memory. */
const mostUncommitted = 20_000;

/** Builds the stages from the configuration and starts them; what a sample comes to last is there first. */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { config, log, clock, random } = options;
  await using resources = new AsyncDisposableStack();
  const failure = Promise.withResolvers<Error>();
  const metrics = createMetrics();
  const health = new Health({ metrics, log, clock });
  const notReady = new Set([noRoundYet]);

  // Before the storage can tell that it is not.
  if (config.influxdb !== undefined) health.sinkUp(sinkName);
  const commitProblem = (problem: string | undefined) => {
    health.commitProblem(problem);
    if (problem === undefined) notReady.delete(storeNotCommitting);
    else notReady.add(storeNotCommitting);
  };
  const storage = await connectStorage(
    { store: config.store, influxdb: config.influxdb, holder: options.process },
    { clock, events: { commitProblem, told: health.storageTold, lost: failure.resolve } },
  );
  resources.defer(() => storage.close({ shipWithinMs }));
  const { store } = storage;
  const { lastDueMs } = await store.opened;
  const server = resources.use(
    await startHttpServer({
      ...config.server,
      clock,
      metricsText: metrics.text,
      metricsContentType: metrics.contentType,
      notReadyReasons: () => [...notReady],
    }),
  );

  const apps = connectApps(config.apps, { health, clock, random });
  for (const { client } of apps.values()) resources.use(client);
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
    events: tellAll({ plans, health, books, watches, begun: () => notReady.delete(noRoundYet) }),
    onError: (cause) => failure.resolve(new Error('polling has met a defect and cannot go on', { cause })),
  });
  // A round that an earlier run began and this one goes on with has been begun again by now.
  store.endEarlierRounds();

  metrics.set('livetally_build_info', { version: options.version, node_version: options.nodeVersion }, 1);
  metrics.beforeScrape(async () => {
    metrics.set('livetally_clock_offset_seconds', {}, collectorClock.offsetMs() / 1000);
    for (const [app, { client }] of apps) health.scrapeSignature(app, client.signatureExpiresAtMs());
    for (const { app, endpoint, limiter } of watches) health.scrapeLimiter(app, endpoint, limiter);
    setStoreGauges(metrics, await store.status(), store.unacknowledged, clock.wallMs());
  });

  const held = resources.move();
  return {
    url: server.url,
    endpoints: watches,
    status: () => store.status(),
    failed: failure.promise,
    stop: async () => {
      const abandon = new AbortController();
      const cancel = clock.after(requestsWithinMs, () => abandon.abort());
      await polling.stop(abandon.signal);
      cancel();
      await held.disposeAsync();
    },
  };
}

const storeNotCommitting = 'the store cannot commit';
const noRoundYet = 'the first round has not begun';

function watchEndpoint(app: string, endpoint: Endpoint, limiter: RateLimiter): EndpointWatch {
  return { app, endpoint, limiter, targets: 0, answered: 0, gone: 0, failed: 0, skipped: 0 };
}

type Listeners = {
  readonly plans: readonly SeriesPlan[];
  readonly health: Health;
  readonly books: Books;
  readonly watches: readonly EndpointWatch[];
  readonly begun: () => void;
};

/** What polling tells goes to the metrics and into the books. */
function tellAll({ plans, health, books, watches, begun }: Listeners): PollEvents {
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
    skipped: (round, count, reason) => {
      const told = ofSchedule.get(round.schedule);
      if (told !== undefined) told.watch.skipped += count;
      health.polling.skipped(round, count, reason);
      books.skipped(round, count, reason);
    },
    pollEnded: (poll) => {
      const told = ofSchedule.get(poll.round.schedule);
      const series = told?.series[poll.target];
      if (told !== undefined) told.watch[resultOf(poll.outcome)] += 1;
      if (series !== undefined) health.pollEnded(poll.round.schedule, series, poll.outcome);
      books.pollEnded(poll);
    },
  };
}

function resultOf({ status }: Outcome): 'answered' | 'gone' | 'failed' {
  return status === 'answered' || status === 'gone' ? status : 'failed';
}
