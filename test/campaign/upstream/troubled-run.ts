// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how the configuration names a variable.
import { setTimeout as delay } from 'node:timers/promises';
import { startSimulator } from '../../../src/simulator/server.ts';
import type { SimulatorReport } from '../../../src/simulator/service.ts';
import { systemClock, systemRandom } from '../../../src/system-clock.ts';
import { createAlwaysOnWorld } from '../../bench/always-on-world.ts';
import { createWorkspace, type Ended, startLivetally } from '../../e2e/livetally-process.ts';
import { readStore, type StoredRound, type StoredSample } from '../../e2e/stored.ts';
import { type MetricSample, readMetrics } from './metrics-text.ts';
import { silentNames, startMixingServer, startOddServers } from './odd-servers.ts';
import { spots, spottedApp, spottedRooms } from './spots.ts';
import { type Trouble, troubles } from './troubles.ts';

export const requestTimeoutMs = 3_500;
/** The app that nothing is wrong with. */
export const calmApp = 'calm';
export const calmRooms = 20;
/** The app whose server mixes answers up. */
export const mixedApp = 'mixed';

export type TroubledRun = {
  readonly troubles: readonly Trouble[];
  /** At the end of the troubles, and after a time without any. */
  readonly troubled: readonly MetricSample[];
  readonly healed: readonly MetricSample[];
  /** By the clock of this machine, and how long. */
  readonly troubledFromMs: number;
  readonly troubledForMs: number;
  readonly report: SimulatorReport;
  readonly sdkAppIdOf: (app: string) => number;
  readonly samples: readonly StoredSample[];
  readonly rounds: readonly StoredRound[];
  readonly ended: Ended;
};

/**
 * One livetally with one app for each thing that can go wrong upstream, all at once, one with good and bad rooms, and one with
 * nothing wrong.
 */
export async function runTroubled(troubledMs: number, healedMs: number): Promise<TroubledRun> {
  await using folder = await createWorkspace();
  await using odd = await startOddServers();
  await using mixing = await startMixingServer(requestTimeoutMs);
  const all = [...troubles, ...odd.troubles];
  const names = [calmApp, mixedApp, spottedApp, ...all.map(({ app }) => app)];
  const sdkAppIdOf = (app: string) => 1_400_000_000 + names.indexOf(app);
  await using simulator = await startSimulator({
    world: createAlwaysOnWorld({ rooms: worldRooms, receivers: worldRooms }),
    clock: systemClock,
    random: systemRandom,
    apps: names.map((app) => ({ sdkAppId: sdkAppIdOf(app), identifiers: ['administrator'], secretKey })),
  });
  const baseUrlOf = (app: string) => {
    if (app === mixedApp) return mixing.baseUrl;
    return all.find((trouble) => trouble.app === app)?.baseUrl ?? simulator.url;
  };
  const store = folder.path('store.db');
  const config = await folder.write('livetally.yaml', configText({ names, sdkAppIdOf, baseUrlOf, store }));
  await using livetally = startLivetally(['run', '--config', config], { SECRET_KEY: secretKey, ...silentNames });
  const [, metricsUrl = ''] = await livetally.says(/"metrics":"([^"]+)"/);
  const scrape = async () => readMetrics(await (await fetch(metricsUrl)).text());

  // Some last for a time, which begins now.
  simulator.setFaults([
    ...troubles.flatMap(({ app, fault }) => (fault === undefined ? [] : [{ ...fault, sdkAppId: sdkAppIdOf(app) }])),
    ...spots.map(({ room, fault }) => ({ ...fault, room, sdkAppId: sdkAppIdOf(spottedApp) })),
  ]);
  const beganMs = performance.now();
  const troubledFromMs = systemClock.wallMs();
  await delay(troubledMs);
  const troubled = await scrape();
  const troubledForMs = performance.now() - beganMs;
  const report = simulator.report();
  simulator.setFaults([]);
  await delay(healedMs);
  const healed = await scrape();
  livetally.kill('SIGTERM');
  const ended = await livetally.ended;
  return {
    ...{ troubles: all, troubled, healed, troubledFromMs, troubledForMs, report, sdkAppIdOf, ended },
    ...readStore(store),
  };
}

const worldRooms = calmRooms + spottedRooms.length;

const secretKey = 'a-key-nobody-may-see';

function configText({
  names,
  sdkAppIdOf,
  baseUrlOf,
  store,
}: {
  readonly names: readonly string[];
  readonly sdkAppIdOf: (app: string) => number;
  readonly baseUrlOf: (app: string) => string;
  readonly store: string;
}): string {
  const apps = names.map((app) => [
    app,
    {
      ...{ sdk_app_id: sdkAppIdOf(app), identifier: 'administrator', secret_key: '${SECRET_KEY}' },
      ...{ base_url: baseUrlOf(app), request_timeout: `${requestTimeoutMs}ms` },
    },
  ]);
  const roomsOf = (app: string) => {
    if (app === spottedApp) return spottedRooms;
    return Array.from(
      { length: app === calmApp || app === mixedApp ? calmRooms : 1 },
      (_, index) => `room-${String(index + 1).padStart(4, '0')}`,
    );
  };
  const watchlist = names.flatMap((app) =>
    roomsOf(app).map((room) => ({ app, room, receivers: app === spottedApp ? [room.replace('room', 'user')] : [] })),
  );
  // JSON is YAML.
  return JSON.stringify({
    apps: Object.fromEntries(apps),
    watchlist,
    schedule: { rooms: '* * * * * *', gifts: '* * * * * *' },
    store: { path: store },
    server: { listen: '127.0.0.1:0' },
  });
}
