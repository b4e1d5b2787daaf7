import { describe, expect, test } from 'vitest';
import { formatPlan, planOf } from '../../../src/commands/check-plan.ts';
import { defaultAlerts } from '../../../src/config/alerts-schema.ts';
import type { AppConfig, Config, PlannedSchedule } from '../../../src/config/config.ts';
import type { Endpoint } from '../../../src/model/target.ts';

const dayMs = 86_400_000;

function createApp(name: string, sdkAppId: number): AppConfig {
  return {
    name,
    sdkAppId,
    identifier: 'administrator',
    secretKey: 'the-key-that-is-nowhere-in-the-plan',
    baseUrl: 'https://adminapisgp.im.qcloud.com',
    limits: { room_stats: 100, gift_count: 200 },
    commands: { room_stats: 'get_room_stats', gift_count: 'get_gift_count' },
    requestTimeoutMs: 5000,
    signatureLifeMs: dayMs,
  };
}

function createSchedule(app: string, endpoint: Endpoint, intervalMs: number, targets: number): PlannedSchedule {
  const cron = `*/${intervalMs / 1000} * * * * *`;
  return { schedule: { app, endpoint, cron, timezone: 'Etc/UTC' }, intervalMs, targets };
}

function createConfig(changes: Partial<Config> = {}): Config {
  const schedules = changes.schedules ?? [
    createSchedule('main', 'room_stats', 15_000, 1200),
    createSchedule('main', 'gift_count', 15_000, 600),
  ];
  return {
    file: 'config/livetally.yaml',
    apps: [createApp('main', 1)],
    schedules,
    watchlist: schedules.flatMap(({ schedule, targets }) =>
      Array.from({ length: targets }, (_, index) => ({
        series: { target: { endpoint: 'room_stats' as const, app: schedule.app, roomId: `room-${index}` }, labels: {} },
        schedule,
      })),
    ),
    store: { path: 'data/livetally.db', keepMs: 14 * dayMs, maxSizeBytes: 100 * 1024 ** 3 },
    sessions: { closeAfterMs: 1_800_000 },
    reporting: { timezone: 'Etc/UTC', keepMs: { '5m': dayMs, '1h': dayMs, '1d': dayMs, '1mo': dayMs } },
    alerts: defaultAlerts,
    server: { host: '127.0.0.1', port: 9477 },
    log: { level: 'info', format: 'json' },
    ...changes,
  };
}

describe('the plan', () => {
  test('counts requests against the limit, rows and bytes a day, series and points a month', () => {
    const plan = planOf(
      createConfig({
        influxdb: {
          kind: 'v2',
          url: 'http://localhost:8086',
          org: 'livetally',
          bucket: 'live',
          token: 'the-token-that-is-nowhere-in-the-plan',
          keepMs: 14 * dayMs,
          tiers: true,
          batchSize: 5000,
          gzip: false,
          timeoutMs: 10_000,
        },
      }),
    );
    expect(plan.load).toMatchObject([
      { apps: ['main'], endpoint: 'room_stats', targets: 1200, requestsPerSecond: 80, limit: 100, shareOfLimit: 0.8 },
      { apps: ['main'], endpoint: 'gift_count', targets: 600, requestsPerSecond: 40, limit: 200, shareOfLimit: 0.2 },
    ]);
    expect(plan.store.rowsPerDay).toBe(120 * 86_400);
    expect(plan.influxdb).toEqual({
      url: 'http://localhost:8086',
      destination: 'bucket live',
      series: 1800,
      pointsPerMonth: 120 * 86_400 * 30,
    });
    expect(JSON.stringify(plan)).not.toContain('nowhere-in-the-plan');
  });

  test('adds up the apps of one SDKAppID, which share its limits, and the schedules of each', () => {
    const plan = planOf(
      createConfig({
        apps: [createApp('one', 1), createApp('two', 1), createApp('other', 2)],
        schedules: [
          createSchedule('one', 'room_stats', 10_000, 100),
          createSchedule('one', 'room_stats', 20_000, 100),
          createSchedule('two', 'room_stats', 10_000, 50),
          createSchedule('other', 'room_stats', 10_000, 10),
        ],
      }),
    );
    expect(plan.load.map(({ apps, targets, requestsPerSecond }) => ({ apps, targets, requestsPerSecond }))).toEqual([
      { apps: ['one', 'two'], targets: 250, requestsPerSecond: 20 },
      { apps: ['other'], targets: 10, requestsPerSecond: 1 },
    ]);
  });

  test('says how long max_size really lasts, and which of the two settings deletes', () => {
    const ample = planOf(createConfig()).store;
    expect(ample).toMatchObject({ keepDays: 14, deletedBy: 'keep' });
    expect(ample.maxSizeLastsDays).toBeCloseTo((100 * 1024 ** 3) / ample.bytesPerDay, 6);
    const tight = planOf(
      createConfig({ store: { path: 'a.db', keepMs: 14 * dayMs, maxSizeBytes: ample.bytesPerDay * 3 } }),
    );
    expect(tight.store.deletedBy).toBe('max_size');
    expect(tight.store.maxSizeLastsDays).toBeCloseTo(3, 6);
    expect(formatPlan(tight)).toContain('max_size is reached before keep: samples are deleted after 3 days');
  });

  test('reads as a page', () => {
    const { bytesPerDay } = planOf(createConfig()).store;
    const maxSizeBytes = bytesPerDay * 20;
    const text = formatPlan(
      planOf(createConfig({ store: { path: 'data/livetally.db', keepMs: 14 * dayMs, maxSizeBytes } })),
    );
    expect(text.replaceAll(/[\d.]+ [MG]iB/g, 'SIZE')).toBe(`config/livetally.yaml is valid: 1,800 targets.

Requests
  main  1,200 rooms    80 requests/s  80 % of the limit of 100 (95 % may be used)
  main  600 receivers  40 requests/s  20 % of the limit of 200 (95 % may be used)

Schedules
  main  1,200 rooms    every 15 s  */15 * * * * * (Etc/UTC)
  main  600 receivers  every 15 s  */15 * * * * * (Etc/UTC)

Store data/livetally.db
  a day, at most  10,368,000 rows  SIZE
  keep            14 days          needs SIZE
  max_size        SIZE         lasts 20 days
  samples are deleted by age, as keep says

InfluxDB: none, samples stay in the store
`);
  });

  test('counts one thing as one', () => {
    const text = formatPlan(
      planOf(
        createConfig({
          schedules: [createSchedule('main', 'room_stats', 15_000, 1), createSchedule('main', 'gift_count', 60_000, 1)],
          store: { path: 'a.db', keepMs: dayMs, maxSizeBytes: 2 ** 30 },
        }),
      ),
    );
    expect(text).toContain('valid: 2 targets.');
    expect(text).toMatch(/main {2}1 room +0\.1 requests/);
    expect(text).toMatch(/main {2}1 receiver +every 60 s/);
    expect(text).toMatch(/keep +1 day /);
  });
});
