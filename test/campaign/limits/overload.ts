import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../../../src/simulator/fault.ts';
import { answerEndlessly } from '../../contract/endless-answer.ts';
import { createWorkspace, startLivetally } from '../../e2e/livetally-process.ts';
import { startHttpServer } from '../../integration/tencent/servers.ts';
import { spawnServer } from '../../real/servers/spawn-server.ts';
import { readMetrics, sumOf } from '../upstream/metrics-text.ts';
import { besiege, type Siege } from './siege.ts';
import { residentBytes } from './usage-watch.ts';

export type Overload = {
  readonly rooms: number;
  readonly receivers: number;
  /** Seconds between two rounds. */
  readonly everySeconds: number;
  readonly seconds: number;
  /** Strikes every request that livetally makes. */
  readonly fault?: Fault;
  /** The InfluxDB that samples are shipped to answers every write without an end. */
  readonly isSinkEndless?: boolean;
  /** What its own HTTP server has to bear. */
  readonly siege?: Siege;
};

export type OverloadResult = {
  /** That it was watched for. */
  readonly seconds: number;
  /** Polls that were due in it, rooms that are gone left out where they rest. */
  readonly due: number;
  readonly polls: number;
  /** Polls that have begun since the start: ended, skipped, waiting for the rate limit or under way. A round comes bit by bit. */
  readonly begun: number;
  readonly answered: number;
  /** Writes that came to the sink. */
  readonly writes: number;
  /** Of rooms that are not on air. */
  readonly gone: number;
  /** Requests of the besiegers. */
  readonly besieged: number;
  /** After the start, and the most that was seen behind it. */
  readonly startBytes: number;
  readonly mostBytes: number;
  readonly longestLagSeconds: number;
  /** From asking for `/metrics` to having them. */
  readonly slowestScrapeSeconds: number;
  readonly logLines: number;
  readonly exitCode: number | null;
};

const secretKey = 'a-key-nobody-may-see';
/** Metrics are made once a second at the most, and each says the longest delay since the last: none is missed. */
const lookEveryMs = 500;
/** The metric is the longest distance between two looks at the event loop, which are so far apart when nothing is late. */
const lagPrecisionSeconds = 0.5;

/** The real program at its default time-outs. Service and program are processes of their own. */
export async function overload(options: Overload): Promise<OverloadResult> {
  const { rooms, receivers, everySeconds, seconds, fault, isSinkEndless = false, siege } = options;
  await using folder = await createWorkspace();
  await using service = await spawnServer(simulatorOf(options));
  const faults = JSON.stringify(fault === undefined ? [] : [fault]);
  const set = await fetch(`${service.url}/simulator/faults`, { method: 'POST', body: faults });
  if (!set.ok) throw new Error(`the simulator refused the fault: ${await set.text()}`);
  let writes = 0;
  await using influxdb = await startHttpServer((response) => {
    writes++;
    void answerEndlessly(response, { status: 502 });
  });
  await folder.write('rooms.json', await (await fetch(`${service.url}/simulator/watchlist`)).text());
  const limit = Math.ceil((1.1 * Math.max(rooms, receivers)) / everySeconds);
  const config = await folder.write(
    'livetally.yaml',
    JSON.stringify({
      apps: {
        main: {
          ...{ sdk_app_id: 1_400_000_000, identifier: 'administrator', secret_key: secretKey, base_url: service.url },
          limits: { rooms: limit, gifts: limit },
        },
      },
      schedule: everySeconds < 60 ? `*/${everySeconds} * * * * *` : `0 */${everySeconds / 60} * * * *`,
      watchlist: [{ file: 'rooms.json' }],
      store: { path: folder.path('store.db') },
      ...(isSinkEndless && { influxdb: { url: influxdb.baseUrl, org: 'o', bucket: 'live', token: 't' } }),
      server: { listen: '127.0.0.1:0' },
    }),
  );
  await using livetally = startLivetally(['run', '--config', config]);
  const [, metricsUrl = ''] = await livetally.says(/"metrics":"([^"]+)"/);
  const scrape = async () => readMetrics(await (await fetch(metricsUrl)).text());
  await delay(2_000);
  const startBytes = residentBytes(livetally.pid);
  const before = await scrape();
  await using besiegers = siege && besiege(new URL(metricsUrl).origin, siege);
  let mostBytes = startBytes;
  let longestLagSeconds = 0;
  let slowestScrapeSeconds = 0;
  const beganMs = performance.now();
  while (performance.now() - beganMs < seconds * 1_000) {
    await delay(lookEveryMs);
    mostBytes = Math.max(mostBytes, residentBytes(livetally.pid));
    const askedMs = performance.now();
    const found = await scrape();
    slowestScrapeSeconds = Math.max(slowestScrapeSeconds, (performance.now() - askedMs) / 1_000);
    const beatSeconds = sumOf(found, 'nodejs_eventloop_lag_max_seconds');
    longestLagSeconds = Math.max(longestLagSeconds, beatSeconds - lagPrecisionSeconds);
  }
  const took = (performance.now() - beganMs) / 1_000;
  const metrics = await scrape();
  const grownBy = (name: string) => sumOf(metrics, name) - sumOf(before, name);
  const begun = ['polls_total', 'polls_skipped_total', 'queue_length', 'requests_in_flight']
    .map((name) => sumOf(metrics, `livetally_${name}`))
    .reduce((sum, count) => sum + count);
  const besieged = besiegers?.requests() ?? 0;
  await besiegers?.[Symbol.asyncDispose]();
  livetally.kill('SIGTERM');
  const { code, stdout } = await livetally.ended;
  return {
    seconds: took,
    due: grownBy('livetally_polls_due_total'),
    polls: grownBy('livetally_polls_total'),
    begun,
    answered: sumOf(metrics, 'livetally_polls_total', { outcome: 'answered' }),
    gone: sumOf(metrics, 'livetally_polls_total', { outcome: 'gone' }),
    ...{ writes, besieged, startBytes, mostBytes, longestLagSeconds, slowestScrapeSeconds, exitCode: code },
    logLines: stdout.trimEnd().split('\n').length,
  };
}

function simulatorOf({ rooms, receivers }: Overload) {
  const main = new URL('../../../src/main.ts', import.meta.url).pathname;
  const size = ['--rooms', String(rooms), '--receivers', String(receivers), '--no-limits', '--secret-key', secretKey];
  return {
    name: 'simulator',
    binary: process.execPath,
    argumentsAt: ({ port }: { readonly port: number }) => [
      ...[main, 'simulate', '--listen', `127.0.0.1:${port}`],
      // Most rooms are on air most of the time.
      ...[...size, '--shows-per-day', '6'],
    ],
    healthPath: '/simulator/report',
  };
}
