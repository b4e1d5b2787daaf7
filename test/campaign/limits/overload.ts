import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../../../src/simulator/fault.ts';
import { createWorkspace, startLivetally } from '../../e2e/livetally-process.ts';
import { spawnServer } from '../../real/servers/spawn-server.ts';
import { readMetrics, sumOf } from '../upstream/metrics-text.ts';
import { residentBytes } from './usage-watch.ts';

export type Overload = {
  readonly rooms: number;
  readonly receivers: number;
  /** Seconds between two rounds. */
  readonly everySeconds: number;
  readonly fault: Fault;
  readonly seconds: number;
};

export type OverloadResult = {
  readonly polls: number;
  readonly answered: number;
  /** After the start, and the most that was seen behind it. */
  readonly startBytes: number;
  readonly mostBytes: number;
  readonly longestLagSeconds: number;
  readonly logLines: number;
  readonly exitCode: number | null;
};

const secretKey = 'a-key-nobody-may-see';

/** The real program with every request struck by the fault. Service and program are processes of their own. */
export async function overload({ rooms, receivers, everySeconds, fault, seconds }: Overload): Promise<OverloadResult> {
  await using folder = await createWorkspace();
  const main = new URL('../../../src/main.ts', import.meta.url).pathname;
  const size = ['--rooms', String(rooms), '--receivers', String(receivers), '--no-limits', '--secret-key', secretKey];
  await using service = await spawnServer({
    name: 'simulator',
    binary: process.execPath,
    argumentsAt: ({ port }) => [main, 'simulate', '--listen', `127.0.0.1:${port}`, ...size],
    healthPath: '/simulator/report',
  });
  const set = await fetch(`${service.url}/simulator/faults`, { method: 'POST', body: JSON.stringify([fault]) });
  if (!set.ok) throw new Error(`the simulator refused the fault: ${await set.text()}`);
  await folder.write('rooms.json', await (await fetch(`${service.url}/simulator/watchlist`)).text());
  const limit = Math.ceil((1.1 * Math.max(rooms, receivers)) / everySeconds);
  const config = await folder.write(
    'livetally.yaml',
    JSON.stringify({
      apps: {
        main: {
          ...{ sdk_app_id: 1_400_000_000, identifier: 'administrator', secret_key: secretKey, base_url: service.url },
          ...{ limits: { rooms: limit, gifts: limit }, request_timeout: '3500ms' },
        },
      },
      schedule: everySeconds < 60 ? `*/${everySeconds} * * * * *` : `0 */${everySeconds / 60} * * * *`,
      watchlist: [{ file: 'rooms.json' }],
      store: { path: folder.path('store.db') },
      server: { listen: '127.0.0.1:0' },
    }),
  );
  await using livetally = startLivetally(['run', '--config', config]);
  const [, metricsUrl = ''] = await livetally.says(/"metrics":"([^"]+)"/);
  const scrape = async () => readMetrics(await (await fetch(metricsUrl)).text());
  await delay(2_000);
  const startBytes = residentBytes(livetally.pid);
  let mostBytes = startBytes;
  let longestLagSeconds = 0;
  for (let second = 0; second < seconds; second++) {
    await delay(1_000);
    mostBytes = Math.max(mostBytes, residentBytes(livetally.pid));
    longestLagSeconds = Math.max(longestLagSeconds, sumOf(await scrape(), 'nodejs_eventloop_lag_max_seconds'));
  }
  const metrics = await scrape();
  livetally.kill('SIGTERM');
  const { code, stdout } = await livetally.ended;
  return {
    polls: sumOf(metrics, 'livetally_polls_total'),
    answered: sumOf(metrics, 'livetally_polls_total', { outcome: 'answered' }),
    ...{ startBytes, mostBytes, longestLagSeconds, exitCode: code },
    logLines: stdout.trimEnd().split('\n').length,
  };
}
