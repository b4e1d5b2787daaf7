import { setTimeout as delay } from 'node:timers/promises';
import type { Endpoint } from '../../../src/model/target.ts';
import { tiers } from '../../../src/model/window.ts';
import { buildAsInImage } from '../../bench/livetally.ts';
import { startBenchSimulator, type Traffic } from '../../bench/simulator.ts';
import { account, cronOf, watchlistOf } from '../../bench/workload.ts';
import { createWorkspace, type Ended, startLivetally } from '../../e2e/livetally-process.ts';
import { type Influxdb2, startInfluxdb2 } from '../../real/servers/influxdb-2.ts';
import { createDice } from '../dice.ts';
import { startTcpProxy } from '../sink/tcp-proxy.ts';
import { sumOf } from '../upstream/metrics-text.ts';
import { type VerifiedRun, verifyRun } from '../verified-run.ts';
import { type FaultPlan, planFaults } from './fault-plan.ts';
import { type Glance, scrape } from './soak-watch.ts';
import { watchThrough } from './through-troubles.ts';

export const limits = { room_stats: 100, gift_count: 200 } as const;
/** 95 % of the limits, which is all that livetally takes. */
const workload = { rooms: 1425, receivers: 2850, intervalSeconds: 15 };
export const requestTimeoutSeconds = 5;
/** Without the spread that the limits are kept for: the processes of a busy machine add one of their own. */
const networkDelay = { minMs: 10, maxMs: 10 };

/** A sink that was down for long is asked once a minute. */
const longestSettlingMs = 90_000;

export type SoakOptions = {
  readonly seed: number;
  readonly seconds: number;
  readonly log: (line: string) => void;
  /**
   * How many times the limits the service takes; 1 by default. A machine that others use too holds requests up on their way by
   * more than the limits are kept for, and so puts more of them into a second than livetally has sent in it.
   */
  readonly patience?: number;
};

export type SoakRun = {
  readonly plan: FaultPlan;
  /** Requests a second that the service takes. */
  readonly allowed: Readonly<Record<Endpoint, number>>;
  readonly glances: readonly Glance[];
  /** As the simulator has counted it. */
  readonly traffic: Traffic;
  /** Polls that were not answered. */
  readonly failedPolls: number;
  /** What was not shipped in the end, a while after the last fault. */
  readonly waiting: number;
  readonly ended: Ended;
  readonly verified: VerifiedRun;
};

/** The real program at the full rate between a service and a database that both have their troubles. */
export async function soak({ seed, seconds, log, patience = 1 }: SoakOptions): Promise<SoakRun> {
  await using folder = await createWorkspace();
  await using influxdb = await startInfluxdb2();
  for (const tier of tiers) await influxdb.createBucket(`${influxdb.bucket}_${tier}`);
  await using proxy = await startTcpProxy(influxdb.server.port);
  const allowed = {
    room_stats: Math.round(limits.room_stats * patience),
    gift_count: Math.round(limits.gift_count * patience),
  };
  await using simulator = await startBenchSimulator({ ...workload, limits: allowed, networkDelay });
  await folder.write('rooms.json', JSON.stringify(watchlistOf(workload)));
  const store = folder.path('store.db');
  const places = { simulatorUrl: simulator.server.url, influxdb, influxdbPort: proxy.port, store };
  const config = await folder.write('livetally.yaml', configText(places));
  const plan = planFaults(createDice(seed), seconds);

  await using livetally = startLivetally(['run', '--config', config], {}, await buildAsInImage());
  const [, metricsUrl = ''] = await livetally.says(/"metrics":"([^"]+)"/);
  const servicePort = Number(new URL(simulator.server.url).port);
  const watched = { pid: livetally.pid, metricsUrl, store, servicePort };
  const tooEarly = livetally.ended.then(({ code, signal, stdout, stderr }): never => {
    throw new Error(`livetally ended by itself with ${code ?? signal}: ${stdout.slice(-2_000)}\n${stderr}`);
  });
  const glances = await Promise.race([
    tooEarly,
    watchThrough({ plan, seconds, log, watched }, { influxdb, proxy, simulator }),
  ]);
  const waiting = await settle(metricsUrl);
  const failedPolls = await countFailed(metricsUrl);
  const traffic = await simulator.report();
  livetally.kill('SIGTERM');
  const ended = await livetally.ended;
  log('verify');
  return { plan, allowed, glances, traffic, failedPolls, waiting, ended, verified: await verifyRun(config) };
}

function configText(places: {
  readonly simulatorUrl: string;
  readonly influxdb: Influxdb2;
  readonly influxdbPort: number;
  readonly store: string;
}): string {
  const { org, bucket, token } = places.influxdb;
  const { sdkAppId, identifier, secretKey } = account;
  // JSON is YAML.
  return JSON.stringify({
    apps: {
      main: {
        ...{ sdk_app_id: sdkAppId, identifier, secret_key: secretKey, base_url: places.simulatorUrl },
        request_timeout: `${requestTimeoutSeconds}s`,
      },
    },
    schedule: cronOf(workload),
    watchlist: [{ file: 'rooms.json' }],
    store: { path: places.store },
    influxdb: { url: `http://127.0.0.1:${places.influxdbPort}`, org, bucket, token },
    server: { listen: '127.0.0.1:0' },
  });
}

/** Waits until no more waits than what has just come in. Returns how much does. */
async function settle(metricsUrl: string): Promise<number> {
  const deadlineMs = performance.now() + longestSettlingMs;
  for (;;) {
    const metrics = await scrape(metricsUrl);
    const waiting = sumOf(metrics, 'livetally_samples_waiting') + sumOf(metrics, 'livetally_windows_waiting');
    // Fresh ones wait for more of them for a second, and polls go on.
    const fresh = 3 * (limits.room_stats + limits.gift_count);
    if (waiting <= fresh || performance.now() > deadlineMs) return waiting <= fresh ? 0 : waiting;
    await delay(1_000);
  }
}

async function countFailed(metricsUrl: string): Promise<number> {
  const metrics = await scrape(metricsUrl);
  const answered = sumOf(metrics, 'livetally_polls_total', { outcome: 'answered' });
  return sumOf(metrics, 'livetally_polls_total') - answered;
}
