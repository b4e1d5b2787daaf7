import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { endpoints } from '../../../src/model/target.ts';
import { createRollUp } from '../../../src/roll-up/roll-up.ts';
import { openJournal } from '../../../src/store/journal.ts';
import { systemClock } from '../../../src/system-clock.ts';
import { type Influxdb2, startInfluxdb2 } from '../../real/servers/influxdb-2.ts';
import { readText } from '../../real/servers/json-answer.ts';
import type { Figure } from '../figure.ts';
import { startLivetally } from '../livetally.ts';
import { pastSample, seriesOf } from '../past-samples.ts';
import { networkDelay, startBenchSimulator } from '../simulator.ts';
import { cronOf } from '../workload.ts';

/** 285 polls a second, both during the drain and beside the bare loader. */
const workload = { rooms: 1425, receivers: 2850, intervalSeconds: 15 };

/** Rounds of the workload that InfluxDB has missed, the first of them at `firstMs`. */
type Outage = { readonly rounds: number; readonly firstMs: number };

/** Points a second that arrive in a fresh InfluxDB, counted by InfluxDB itself, after an outage of an hour (a quarter when quick). */
export const backlog: Figure = {
  name: 'backlog',
  async run({ isQuick, log }) {
    const rounds = isQuick ? 60 : 240;
    const outage = {
      rounds,
      firstMs: Math.floor(systemClock.wallMs()) - (rounds + 4) * workload.intervalSeconds * 1000,
    };
    const points = rounds * (workload.rooms + workload.receivers);
    log(`${points} points through livetally`);
    const ours = await drainThroughLivetally(outage, points);
    log(`${points} points through the bare loader`);
    const bare = await loadBare(outage, points);
    const inWords = (perSecond: number) => `${Math.round(perSecond).toLocaleString('en-US')} points/s`;
    return [
      {
        figure: 'backlog drained while polling at 300/s',
        bound: { kind: 'at_least', value: 0.8 },
        value: ours / bare,
        livetally: inWords(ours),
        beside: `${inWords(bare)}, a bare loader of the same points with the same client, beside the same polling`,
      },
    ];
  },
};

async function drainThroughLivetally(outage: Outage, points: number): Promise<number> {
  await using resources = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'livetally-bench-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const storePath = join(folder, 'livetally.db');
  fillStore(storePath, outage);
  const influxdb = resources.use(await startInfluxdb2());
  const simulator = resources.use(await startBenchSimulator({ ...workload, limits: null, networkDelay }));
  resources.use(await startLivetally({ workload, simulatorUrl: simulator.server.url, influxdb, storePath }));
  return await observeDrain(influxdb, { points, before: 0 });
}

async function loadBare({ rounds, firstMs }: Outage, points: number): Promise<number> {
  await using influxdb = await startInfluxdb2();
  await using simulator = await startBenchSimulator({ ...workload, limits: null, networkDelay });
  await using _livetally = await startLivetally({ workload, simulatorUrl: simulator.server.url, influxdb });
  await delay(5_000);
  const { url, org, bucket, token } = influxdb;
  const options = { ...workload, rounds, firstMs, influxdb: { url, org, bucket, token } };
  const loader = join(import.meta.dirname, '../bare-loader.ts');
  const before = await countWritten(influxdb);
  const loading = promisify(execFile)(process.execPath, [loader, JSON.stringify(options)]);
  const [perSecond] = await Promise.all([observeDrain(influxdb, { points, before }), loading]);
  return perSecond;
}

/** As polling would have filled it while InfluxDB was away. */
function fillStore(path: string, { rounds, firstMs }: Outage): void {
  const holder = { pid: process.pid, host: hostname(), command: 'bench' };
  const forever = Number.POSITIVE_INFINITY;
  const keepTiersMs = { '5m': forever, '1h': forever, '1d': forever, '1mo': forever };
  const limits = { keepMs: 14 * 86_400_000, keepTiersMs, maxSizeBytes: 10 * 2 ** 30 };
  const rollUp = createRollUp({ timezone: 'Etc/UTC', closeAfterMs: 30 * 60_000 });
  using journal = openJournal({
    ...{ path, clock: systemClock, ...limits, sinks: [], holder, rollUp },
    onForgotten: () => {},
  });
  const series = seriesOf(workload);
  const seriesIds = journal.register(series).map(({ seriesId }) => seriesId);
  const intervalMs = workload.intervalSeconds * 1000;
  let nextRoundId = journal.nextRoundId();
  for (let round = 0; round < rounds; round++) {
    const startMs = firstMs + round * intervalMs;
    const roundIds = { room_stats: nextRoundId++, gift_count: nextRoundId++ };
    const samples = series.map((one, place) => {
      const { endpoint } = one.target;
      const sample = pastSample(one, place, round, startMs, intervalMs);
      return { endpoint, seriesId: seriesIds[place] ?? 0, roundId: roundIds[endpoint], sample };
    });
    const begun = endpoints.map((endpoint) => {
      const schedule = { app: 'main', endpoint, cron: cronOf(workload), timezone: 'Etc/UTC' };
      const due = samples.filter((sample) => sample.endpoint === endpoint).length;
      return { id: roundIds[endpoint], round: { schedule, startMs }, due };
    });
    const ended = Object.values(roundIds);
    journal.commit({ begun, samples, ended, states: new Map(), unanswered: new Map(), unansweredMs: 0, endBefore: 0 });
    while (journal.rollUp(startMs).hasMore);
  }
}

/** From a twentieth of the points to the last but a twentieth: starts and ends are left out. `before`: written already. */
async function observeDrain(
  influxdb: Influxdb2,
  { points, before }: { readonly points: number; readonly before: number },
): Promise<number> {
  const observe = async () => ({ written: (await countWritten(influxdb)) - before, atMs: performance.now() });
  const waitFor = async (share: number) => {
    const deadlineMs = performance.now() + 300_000;
    for (;;) {
      const now = await observe();
      if (now.written >= share * points) return now;
      if (now.atMs > deadlineMs) throw new Error(`only ${now.written} of ${points} points arrived in 5 minutes`);
      await delay(100);
    }
  };
  const first = await waitFor(0.05);
  const last = await waitFor(0.95);
  return ((last.written - first.written) / (last.atMs - first.atMs)) * 1000;
}

/** Points that InfluxDB has stored since its start, by its own count. */
async function countWritten({ url }: Influxdb2): Promise<number> {
  const metrics = await readText(await fetch(`${url}/metrics`));
  const line = /^storage_writer_ok_points_sum\{.*\} (\S+)$/m.exec(metrics);
  return Number(line?.[1] ?? 0);
}
