import type { Config } from './config/config.ts';
import { Health } from './health.ts';
import type { Clock } from './model/clock.ts';
import type { Random } from './model/random.ts';
import type { Sample } from './model/sample.ts';
import type { StoreStatus } from './model/store-status.ts';
import type { Series } from './model/target.ts';
import { connectApps } from './plans.ts';
import { showSignOfLife } from './sign-of-life.ts';
import { type EndpointWatch, startStages } from './stages.ts';
import type { StorageEvent } from './storage.ts';
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
  /**
   * No new polls; those in flight end, what was taken is committed, and what can be shipped in 10 s is shipped. Resolves with
   * what the store holds in the end, where that is known; rejects when samples could not be committed.
   */
  stop(): Promise<StoreStatus | undefined>;
};

const shipWithinMs = 10_000;

/** Builds the stages from the configuration and starts them; what a sample comes to last is there first. */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { config, log, clock, random } = options;
  await using resources = new AsyncDisposableStack();
  const failure = Promise.withResolvers<Error>();
  const metrics = createMetrics();
  const health = new Health({ metrics, log, clock });
  const notReady = new Set([noRoundYet]);

  const commitProblem = (problem: string | undefined) => {
    health.storage.commitProblem(problem);
    if (problem === undefined) notReady.delete(storeNotCommitting);
    else notReady.add(storeNotCommitting);
  };
  const signOfLife = config.heartbeat && showSignOfLife({ ...config.heartbeat, clock, log, notReady });
  resources.defer(() => signOfLife?.stop());
  const storageTold = (event: StorageEvent) => {
    health.storage.told(event);
    signOfLife?.storageTold(event);
  };
  const storage = await connectStorage(
    {
      store: config.store,
      reporting: config.reporting,
      sessionCloseAfterMs: config.sessions.closeAfterMs,
      influxdb: config.influxdb,
      holder: options.process,
    },
    { clock, events: { commitProblem, told: storageTold, lost: failure.resolve } },
  );
  let atTheEnd: StoreStatus | undefined;
  resources.defer(async () => {
    atTheEnd = await storage.close({ shipWithinMs });
  });
  const { store } = storage;
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
  const stages = await startStages({
    config,
    apps,
    store,
    health,
    clock,
    random,
    roundBegun: () => notReady.delete(noRoundYet),
    onSample: options.onSample,
    onPollEnded: signOfLife?.pollEnded,
    onError: (cause) => failure.resolve(new Error('polling has met a defect and cannot go on', { cause })),
  });

  metrics.set('livetally_build_info', { version: options.version, node_version: options.nodeVersion }, 1);
  metrics.beforeScrape(async () => {
    metrics.set('livetally_clock_offset_seconds', {}, stages.collectorClock.offsetMs() / 1000);
    for (const [app, { client }] of apps) health.scrapeSignature(app, client.signatureExpiresAtMs());
    for (const { app, endpoint, limiter } of stages.watches) health.scrapeLimiter(app, endpoint, limiter);
    setStoreGauges(metrics, await store.status(), store.unacknowledged, clock.wallMs());
  });

  const held = resources.move();
  return {
    url: server.url,
    endpoints: stages.watches,
    status: () => store.status(),
    failed: failure.promise,
    stop: async () => {
      await stages.stop();
      await held.disposeAsync();
      return atTheEnd;
    },
  };
}

const storeNotCommitting = 'the store cannot commit';
const noRoundYet = 'the first round has not begun';
