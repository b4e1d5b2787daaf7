import type { AppConfig, InfluxdbConfig } from '../../../src/config/config.ts';
import type { Schedule } from '../../../src/model/round.ts';
import type { Endpoint, Target } from '../../../src/model/target.ts';
import type { Scenario } from './scenario.ts';
import type { Upstream } from './upstream.ts';

export const bucketName = 'live';

/** What the operator of this seed has configured. */
export type Setup = {
  readonly apps: readonly AppConfig[];
  readonly limits: Readonly<Record<Endpoint, number>>;
  readonly targets: readonly { readonly target: Target; readonly schedule: Schedule }[];
};

export function createSetup(scenario: Scenario, upstream: Upstream): Setup {
  const names = scenario.apps === 'one' ? ['main'] : ['main', 'second'];
  const schedules = names.map((app) => ({
    room_stats: { app, endpoint: 'room_stats', cron: scenario.cron.rooms, timezone: scenario.timezone } as const,
    gift_count: { app, endpoint: 'gift_count', cron: scenario.cron.gifts, timezone: scenario.timezone } as const,
  }));
  // One room that never exists is on every watchlist.
  const targets = [...upstream.roomIds, 'room-of-nobody'].flatMap((roomId, index) => {
    const own = schedules[index % schedules.length];
    if (own === undefined) return [];
    const { app } = own.room_stats;
    const receivers = upstream.receiversOf(roomId).map((userId) => ({
      target: { endpoint: 'gift_count', app, roomId, userId } as const,
      schedule: own.gift_count,
    }));
    return [{ target: { endpoint: 'room_stats', app, roomId } as const, schedule: own.room_stats }, ...receivers];
  });
  const limits = { room_stats: limitFor('room_stats'), gift_count: limitFor('gift_count') };
  return { apps: names.map((name, index) => appConfig(name, index, limits, scenario)), limits, targets };

  /** The lowest of which the watchlist takes no more than the load drawn. */
  function limitFor(endpoint: Endpoint): number {
    const count = targets.filter(({ target }) => target.endpoint === endpoint).length;
    return Math.max(1, Math.ceil((count * 1000) / scenario.intervalMs / scenario.load));
  }
}

function appConfig(name: string, index: number, limits: AppConfig['limits'], scenario: Scenario): AppConfig {
  return {
    name,
    sdkAppId: scenario.apps === 'two' ? 1_400_000_000 + index : 1_400_000_000,
    identifier: 'administrator',
    secretKey: 'not used',
    baseUrl: 'http://upstream.invalid',
    limits,
    commands: { room_stats: 'get_room_stats', gift_count: 'get_gift_count' },
    requestTimeoutMs: scenario.requestTimeoutMs,
    signatureLifeMs: 86_400_000,
  };
}

export function influxdbConfig({ batchSize }: Scenario): InfluxdbConfig {
  return {
    ...{ kind: 'v2', url: 'http://sink.invalid', org: 'shows', bucket: bucketName, token: 'not used' },
    ...{ keepMs: Number.POSITIVE_INFINITY, tiers: true, batchSize, gzip: false, timeoutMs: 10_000 },
  };
}
