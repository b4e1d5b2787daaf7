import { defaultAlerts } from '../config/alerts-schema.ts';
import type { Config, WatchedTarget } from '../config/config.ts';
import type { Schedule } from '../model/round.ts';
import type { Endpoint } from '../model/target.ts';
import type { World } from '../simulator/world.ts';

export const demoAccount = {
  sdkAppId: 1_400_000_000,
  identifier: 'administrator',
  secretKey: 'demo-secret-key',
} as const;

export const demoCron = '*/5 * * * * *';
const intervalMs = 5_000;
const keepMs = 24 * 3_600_000;
const app = 'demo';

/** All rooms and receivers of a simulated world, every five seconds, into the embedded store. */
export function demoConfig({
  world,
  baseUrl,
  storePath,
}: {
  world: World;
  baseUrl: string;
  storePath: string;
}): Config {
  const schedules = { room_stats: scheduleOf('room_stats'), gift_count: scheduleOf('gift_count') };
  const watchlist = world.roomIds.flatMap((roomId): readonly WatchedTarget[] => [
    { series: { target: { endpoint: 'room_stats', app, roomId }, labels: {} }, schedule: schedules.room_stats },
    ...world.receiversOf(roomId).map((userId) => ({
      series: { target: { endpoint: 'gift_count', app, roomId, userId }, labels: {} } as const,
      schedule: schedules.gift_count,
    })),
  ]);
  return {
    file: 'demo',
    apps: [
      {
        ...demoAccount,
        name: app,
        baseUrl,
        limits: { room_stats: 100, gift_count: 200 },
        commands: { room_stats: 'get_room_stats', gift_count: 'get_gift_count' },
        requestTimeoutMs: 5_000,
        signatureLifeMs: 24 * 3_600_000,
      },
    ],
    watchlist,
    schedules: Object.values(schedules).map((schedule) => ({
      schedule,
      intervalMs,
      targets: watchlist.filter((entry) => entry.schedule === schedule).length,
    })),
    store: { path: storePath, keepMs, maxSizeBytes: 2 ** 30 },
    sessions: { closeAfterMs: 30 * 60_000 },
    reporting: { timezone: 'Etc/UTC', keepMs: { '5m': keepMs, '1h': keepMs, '1d': keepMs, '1mo': keepMs } },
    alerts: defaultAlerts,
    server: { host: '127.0.0.1', port: 0 },
    log: { level: 'warn', format: 'pretty' },
  };
}

function scheduleOf(endpoint: Endpoint): Schedule {
  return { app, endpoint, cron: demoCron, timezone: 'Etc/UTC' };
}
