import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/server.ts';
import { createWorld, type World } from '../../src/simulator/world.ts';
import { systemClock, systemRandom } from '../../src/system-clock.ts';

export const account = {
  sdkAppId: 1_400_000_000,
  identifier: 'administrator',
  secretKey: 'a-key-nobody-may-see',
} as const;

export const environment = { LIVETALLY_SECRET_KEY: account.secretKey };

// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the configuration names a variable.
const secretFromEnvironment = '${LIVETALLY_SECRET_KEY}';

/** Rooms that exist most of the time, whose hours are minutes. Of fewer than ten none may exist for half a minute; of twenty one always does. */
export function busyWorld(rooms: number, receivers: number): World {
  return createWorld({ seed: 7, rooms, receivers, pace: 60, showsPerDay: 12, showHours: { min: 1.1, max: 1.2 } });
}

/** A Tencent of this process for one account. */
export function startTencent(world: World, options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  return startSimulator({
    world,
    clock: systemClock,
    random: systemRandom,
    apps: [{ ...account, identifiers: [account.identifier] }],
    ...options,
  });
}

export type ConfigParts = {
  readonly baseUrl: string;
  readonly store: string;
  readonly world: World;
  readonly cron?: string;
  readonly limits?: string;
  readonly influxdb?: string;
  readonly secretKey?: string;
};

/** A configuration as a person writes it. */
export function configText({
  baseUrl,
  store,
  world,
  cron = '* * * * * *',
  limits,
  influxdb,
  secretKey,
}: ConfigParts): string {
  const entries = world.roomIds.map(
    (room) => `  - { room: ${room}, receivers: [${world.receiversOf(room).join(', ')}], labels: { team: music } }`,
  );
  return `
apps:
  main:
    sdk_app_id: ${account.sdkAppId}
    identifier: ${account.identifier}
    secret_key: ${secretKey ?? secretFromEnvironment}
    base_url: ${baseUrl}
${limits === undefined ? '' : `    limits: ${limits}`}
schedule: { rooms: "${cron}", gifts: "${cron}" }
watchlist:
${entries.join('\n')}
store: { path: ${store} }
server: { listen: 127.0.0.1:0 }
${influxdb === undefined ? '' : `influxdb: ${influxdb}`}
`;
}
