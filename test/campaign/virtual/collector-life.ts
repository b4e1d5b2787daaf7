import { Health } from '../../../src/health.ts';
import type { Random } from '../../../src/model/random.ts';
import type { StoreStatus } from '../../../src/model/store-status.ts';
import { connectApps } from '../../../src/plans.ts';
import { type Stages, startStages } from '../../../src/stages.ts';
import type { Metrics } from '../../../src/telemetry/metrics.ts';
import type { VirtualClock } from '../../virtual-clock.ts';
import type { Disk } from './disk.ts';
import type { Draws } from './draws.ts';
import type { Findings } from './findings.ts';
import type { LivedTime } from './lived-time.ts';
import { MortalProcess } from './mortal-process.ts';
import type { LifeConfig } from './operator.ts';
import type { Scenario } from './scenario.ts';
import type { SimulatedSink } from './simulated-sink.ts';
import { openStorageInProcess, type StorageInProcess } from './storage-in-process.ts';
import type { TruthLog } from './truth-log.ts';
import type { Upstream } from './upstream.ts';
import { influxdbConfig, type Setup } from './watchlist.ts';

/** What is there before and after every life. */
export type Surroundings = {
  readonly scenario: Scenario;
  readonly clock: VirtualClock;
  readonly upstream: Upstream;
  readonly sink: SimulatedSink;
  readonly disk: Disk;
  readonly setup: Setup;
  readonly log: TruthLog;
  readonly findings: Findings;
  readonly random: Random;
  readonly messages: Draws;
  readonly tell: (line: string) => void;
  /** A metric was counted up. */
  readonly counted: (name: string, outcome: string, by: number) => void;
};

export type LifeOptions = Surroundings & {
  readonly config: LifeConfig;
  readonly path: string;
  readonly diesAtStep: number;
};

/** How long a target is without a sample before its session is closed. */
export const closeAfterMs = 30 * 60_000;
const shipWithinMs = 10_000;
/** Two seconds lie between two looks. */
const mostLooksBehind = 15;
const forEver = Number.POSITIVE_INFINITY;
export const keepTiersMs = { '5m': forEver, '1h': forEver, '1d': forEver, '1mo': forEver };

/** The collector as `startCollector` puts it together, from the requests to the sink, without HTTP, threads and real time. */
export class CollectorLife {
  /** Rows that this life was told are on the disk. */
  readonly acknowledged = { room_stats: 0, gift_count: 0 };
  lastStatus: StoreStatus | undefined;
  readonly #process: MortalProcess;
  readonly #clock: VirtualClock;
  readonly #storage: StorageInProcess;
  readonly #fail: (cause: unknown) => void;
  readonly #options: LifeOptions;
  #looksBehind = 0;
  #stages: Stages | undefined;
  readonly #started: Promise<void>;

  constructor(options: LifeOptions) {
    const { scenario, clock, upstream, sink, disk, setup, config, log, findings, random, messages } = options;
    const process = new MortalProcess(clock, options.diesAtStep);
    this.#options = options;
    this.#process = process;
    this.#clock = clock;
    const fail = (cause: unknown) => {
      if (!process.isAlive) return;
      process.kill();
      findings.add('wrong', `the collector cannot go on: ${cause instanceof Error ? cause.stack : String(cause)}`);
    };
    this.#fail = fail;
    const health = new Health({ metrics: countingMetrics(options), log: tellingLog(options), clock: process.clock });
    this.#storage = openStorageInProcess({
      storage: {
        store: { path: options.path, ...scenario.store },
        reporting: { timezone: config.reportingZone, keepMs: keepTiersMs },
        sessionCloseAfterMs: closeAfterMs,
        influxdb: influxdbConfig(scenario),
        holder: { pid: 1, host: 'simulated', command: 'livetally run' },
      },
      process,
      random,
      disk,
      createSink: (sinkOptions) => sink.connect(sinkOptions, process),
      delayMs: () => (scenario.slowMessages ? messages.uniform() ** 4 * 20 : undefined),
      events: { commitProblem: health.storage.commitProblem, told: health.storage.told, lost: fail },
      onCommitted: ({ samples }) => {
        for (const { endpoint } of samples) this.acknowledged[endpoint]++;
      },
    });
    const apps = connectApps(setup.apps, {
      ...{ health, random, clock: process.clock },
      createClient: (clientOptions) => upstream.createClient(clientOptions, process),
    });
    this.#started = startStages({
      config,
      ...{ apps, health, random, clock: process.clock, store: this.#storage.store },
      roundBegun: () => {},
      onSample: (series, sample) => log.take(series, sample, config.scheduleOf.get(series)),
      onError: fail,
    }).then((stages) => {
      this.#stages = stages;
    }, fail);
  }

  get isAlive(): boolean {
    return this.#process.isAlive;
  }

  get steps(): number {
    return this.#process.steps;
  }

  /** Notes what the collector's clock shows, unless what it has called out until then may be lost with the process. */
  look(lived: LivedTime): void {
    if (!this.isAlive) return;
    if (this.#stages === undefined || this.#storage.isBehind()) {
      this.#noteBehind();
      return;
    }
    this.#looksBehind = 0;
    lived.seen(this.#stages.collectorClock.nowMs(), this.#clock.monotonicMs());
  }

  /** When its disk works, a store that was behind catches up in a few seconds. */
  #noteBehind(): void {
    const { disk, findings } = this.#options;
    this.#looksBehind = disk.isTroubled ? 0 : this.#looksBehind + 1;
    if (this.#looksBehind === mostLooksBehind)
      findings.add('wrong', 'the store does not commit, though its disk works');
  }

  /** Puts the store's answer into `lastStatus` when it comes. */
  askStatus(): void {
    this.#storage.store.status().then((status) => {
      this.lastStatus = status;
    }, this.#fail);
  }

  /** As on a signal, which is heeded when the start is over. Resolves when the store is closed; `lastStatus` is from shortly before. */
  async stop(): Promise<void> {
    await this.#started;
    await this.#stages?.stop();
    await this.#storage.close({ shipWithinMs });
    this.lastStatus = this.#storage.lastStatus();
  }

  /** Ends at once, wherever it is; `copyFiles` sees them as the process leaves them. */
  die(copyFiles: () => void): void {
    this.#process.kill();
    copyFiles();
    this.#storage.abandon();
  }
}

function countingMetrics({ counted }: Surroundings): Metrics {
  const count = (name: string, labels: Readonly<Record<string, string>>, by = 1) =>
    counted(name, labels['outcome'] ?? '', by);
  return {
    count,
    setTotal: () => {},
    set: () => {},
    observe: () => {},
    beforeScrape: () => {},
    text: async () => '',
    contentType: 'text/plain',
  };
}

function tellingLog({ tell }: Surroundings) {
  const say = (level: string) => (message: string) => tell(`${level}: ${message}`);
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}
