// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to variables are what is tested
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultAlerts } from '../../../src/config/alerts-schema.ts';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problem.ts';
import type { Environment } from '../../../src/config/substitute.ts';
import { describeTarget } from '../../../src/model/target.ts';
import { readFakeCron } from './fake-cron.ts';
import { createFolder } from './temporary-folder.ts';

const app =
  'apps: { main: { sdk_app_id: 1400000000, identifier: administrator, secret_key: a-secret, region: china } }';

async function load(file: string, environment: Environment = {}): Promise<Config> {
  const loaded = await loadConfig({ file, environment, readCron: readFakeCron });
  if (loaded.status === 'refused') throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.config;
}

async function loadText(text: string, environment?: Environment, files: Readonly<Record<string, string>> = {}) {
  await using folder = await createFolder({ ...files, 'livetally.yaml': text });
  return await load(folder.path('livetally.yaml'), environment);
}

const targetsOf = ({ watchlist }: Config) => watchlist.map(({ series }) => describeTarget(series.target));

describe('the example', () => {
  const file = join(import.meta.dirname, '../../../config/livetally.example.yaml');

  test('is valid with its two secrets, and says what a laptop needs', async () => {
    await using folder = await createFolder({ token: 'token-of-the-bucket\n' });
    const secretFile = folder.path('token');
    const config = await load(file, { LIVETALLY_SECRET_KEY: 'key-of-the-app', INFLUX_TOKEN_FILE: secretFile });
    const { watchlist, schedules, alerts: _, ...rest } = config;
    expect(rest).toEqual({
      file,
      apps: [
        {
          name: 'main',
          sdkAppId: 1_400_000_000,
          identifier: 'administrator',
          secretKey: 'key-of-the-app',
          baseUrl: 'https://adminapisgp.im.qcloud.com',
          limits: { room_stats: 100, gift_count: 200 },
          commands: { room_stats: 'get_room_stats', gift_count: 'get_gift_count' },
          requestTimeoutMs: 5000,
          signatureLifeMs: 86_400_000,
        },
      ],
      store: { path: 'data/livetally.db', keepMs: 14 * 86_400_000, maxSizeBytes: 10 * 1024 ** 3 },
      influxdb: {
        kind: 'v2',
        url: 'http://localhost:8086',
        org: 'livetally',
        bucket: 'live',
        token: 'token-of-the-bucket',
        secretFile,
        keepMs: 14 * 86_400_000,
        tiers: true,
        batchSize: 1000,
        gzip: false,
        timeoutMs: 10_000,
      },
      sessions: { closeAfterMs: 1_800_000 },
      reporting: {
        timezone: 'Etc/UTC',
        keepMs: {
          '5m': 90 * 86_400_000,
          '1h': 400 * 86_400_000,
          '1d': Number.POSITIVE_INFINITY,
          '1mo': Number.POSITIVE_INFINITY,
        },
      },
      server: { host: '127.0.0.1', port: 9477 },
      log: { level: 'info', format: 'json' },
    });
    expect(targetsOf(config)).toEqual([
      'room live-room-1 of app main',
      'receiver anchor-1 in room live-room-1 of app main',
      'receiver guest-1 in room live-room-1 of app main',
      'room 20261122 of app main',
    ]);
    expect(schedules.map(({ intervalMs, targets }) => ({ intervalMs, targets }))).toEqual([
      { intervalMs: 15_000, targets: 2 },
      { intervalMs: 15_000, targets: 2 },
    ]);
    expect(watchlist[0]?.series.labels).toEqual({ team: 'music' });
  });

  test('is what Compose runs: four variables move it into the containers', async () => {
    await using folder = await createFolder({ token: 'token-of-the-bucket\n' });
    const config = await load(file, {
      LIVETALLY_SECRET_KEY: 'key-of-the-app',
      INFLUX_TOKEN_FILE: folder.path('token'),
      INFLUX_URL: 'http://influxdb:8086',
      LIVETALLY_STORE: '/data/livetally.db',
      LIVETALLY_LISTEN: '0.0.0.0:9477',
    });
    expect([config.influxdb?.url, config.store.path, config.server.host]).toEqual([
      'http://influxdb:8086',
      '/data/livetally.db',
      '0.0.0.0',
    ]);
  });

  test('is refused as long as the secret of .env.example is not replaced, and there is no token', async () => {
    const environment = { LIVETALLY_SECRET_KEY: 'replace-me', INFLUX_TOKEN_FILE: '/nowhere/token' };
    await expect(load(file, environment)).rejects.toThrow(
      /secret_key: is still "replace-me"[\s\S]*token_file: the file \/nowhere\/token does not exist \(livetally setup writes it\)/,
    );
  });

  test('shows the alerts and the heartbeat with their defaults, as they would be written', async () => {
    const written = readFileSync(file, 'utf8').replaceAll(/^# (alerts:|heartbeat:| {2}.*)$/gm, '$1');
    const { alerts, heartbeat } = await loadText(written.replace(/token_file: \S+/, 'token: token-of-the-bucket'), {
      LIVETALLY_SECRET_KEY: 'key-of-the-app',
    });
    const contact = { webhook: 'https://ops.example.com/alarm', email: ['ops@example.com'] };
    expect({ ...alerts, overrides: [] }).toEqual({ ...defaultAlerts, contact });
    expect(alerts.overrides).toEqual([
      {
        where: { team: 'music' },
        spikes: { ...defaultAlerts.spikes, coins: { floor: 20_000, factor: defaultAlerts.spikes.coins.factor } },
        showEnd: true,
      },
    ]);
    expect(heartbeat).toEqual({ url: 'https://watch.example.com/livetally', everyMs: 60_000 });
  });

  test('is complete for setup without the token, which setup makes', async () => {
    const environment = { LIVETALLY_SECRET_KEY: 'key-of-the-app', INFLUX_TOKEN_FILE: '/nowhere/token' };
    const loaded = await loadConfig({ file, environment, readCron: readFakeCron, mayLackInfluxdbSecret: true });
    expect(loaded).toMatchObject({
      status: 'loaded',
      config: { influxdb: { token: '', secretFile: '/nowhere/token' } },
    });
  });
});

describe('values', () => {
  test('a short configuration is complete: everything else has a default', async () => {
    const config = await loadText(`${app}\nwatchlist: [{ room: live-room-1 }]\n`);
    expect(config.influxdb).toBeUndefined();
    expect(config.schedules.map(({ schedule }) => schedule)).toEqual([
      { app: 'main', endpoint: 'room_stats', cron: '*/15 * * * * *', timezone: 'Etc/UTC' },
    ]);
  });

  test('variables stand inside text, have defaults, make numbers, and $$ is a plain $', async () => {
    const config = await loadText(
      [
        'apps:',
        '  main:',
        '    { sdk_app_id: "${ID}", identifier: "admin-${NAME}", secret_key: "${KEY}", region: china, limits: { rooms: "${NONE:-7}" } }',
        'watchlist: [{ room: "a$$b$c${EMPTY:-}" }]',
        'influxdb: { url: http://localhost:8086/, database: live, gzip: "true" }',
      ].join('\n'),
      { ID: '1400000001', NAME: 'x', KEY: '12345678', EMPTY: '' },
    );
    expect(config.apps[0]).toMatchObject({
      sdkAppId: 1_400_000_001,
      identifier: 'admin-x',
      secretKey: '12345678',
      limits: { room_stats: 7, gift_count: 200 },
    });
    expect(targetsOf(config)).toEqual(['room a$b$c of app main']);
    expect(config.influxdb).toMatchObject({ kind: 'v1', url: 'http://localhost:8086', gzip: true });
  });

  test('what a variable holds is not looked through for references again', async () => {
    const config = await loadText(`${app.replace('a-secret', '"${KEY}"')}\nwatchlist: [{ room: a }]`, {
      KEY: 'x${KEY}$$',
    });
    expect(config.apps[0]?.secretKey).toBe('x${KEY}$$');
  });

  test('secrets come from files beside the configuration, without the line end', async () => {
    const config = await loadText(
      `${app.replace('secret_key: a-secret', 'secret_key_file: secrets/key')}
watchlist: [{ room: a }]
influxdb: { url: "http://localhost:8086", database: live, username: u, password_file: secrets/password }`,
      {},
      { 'secrets/key': 'key-in-a-file\n', 'secrets/password': 'password-in-a-file\r\n' },
    );
    expect(config.apps[0]?.secretKey).toBe('key-in-a-file');
    expect(config.influxdb).toMatchObject({ username: 'u', password: 'password-in-a-file' });
  });

  test.each(['http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080', 'https://proxy.example.com'])(
    'requests may go to %s',
    async (url) => {
      const config = await loadText(`${app.replace('region: china', `base_url: "${url}/"`)}\nwatchlist: [{ room: a }]`);
      expect(config.apps[0]?.baseUrl).toBe(url);
    },
  );

  test('a RoomId may be 48 bytes long, and hold any character that line protocol can carry', async () => {
    const room = `${'房'.repeat(14)} ,="\\x`;
    expect(Buffer.byteLength(room)).toBe(48);
    const config = await loadText(`${app}\nwatchlist: [{ room: ${JSON.stringify(room)} }]`);
    expect(config.watchlist[0]?.series.target.roomId).toBe(room);
  });

  test('an IPv6 address to listen at stands in brackets', async () => {
    const config = await loadText(`${app}\nwatchlist: [{ room: a }]\nserver: { listen: "[::1]:0" }`);
    expect(config.server).toEqual({ host: '::1', port: 0 });
  });
});

describe('the watchlist', () => {
  test('comes from YAML, JSON and CSV files, and they mean the same', async () => {
    const files = {
      'rooms/a.yaml': '- { room: a, receivers: [x, y], labels: { team: music } }\n- room: b\n',
      'rooms/b.json': '[{ "room": "c", "receivers": ["x", "y"], "labels": { "team": "music" } }, { "room": "d" }]',
      'rooms/c.csv': '\uFEFFroom,receivers,label.team\r\ne,x; y,music\r\n"f",,\r\n',
    };
    const config = await loadText(`${app}\nwatchlist: [{ file: "rooms/*" }]`, {}, files);
    const shape = config.watchlist.map(({ series: { target, labels } }) => [
      target.endpoint === 'gift_count' ? target.userId : target.roomId,
      labels,
    ]);
    const music = { team: 'music' };
    expect(shape).toEqual(
      [
        ['a', 'b'],
        ['c', 'd'],
        ['e', 'f'],
      ].flatMap(([first, second]) => [
        [first, music],
        ['x', music],
        ['y', music],
        [second, {}],
      ]),
    );
  });

  test('what stands beside `file` holds for its entries, unless they say otherwise', async () => {
    const config = await loadText(
      `${app.replace(' } }', ' }, other: { sdk_app_id: 2, identifier: a, secret_key: b, region: china } }')}
watchlist:
  - file: rooms.csv
    app: other
    labels: { team: music, shift: night }
    schedule: { rooms: "*/30 * * * * *", timezone: Asia/Kolkata }
`,
      {},
      { 'rooms.csv': 'room,receivers,app,schedule,label.team\na,x,,,\nb,,main,*/20 * * * * *,sport\n' },
    );
    expect(
      config.watchlist.map(({ series: { target, labels }, schedule: { cron, timezone } }) => [
        describeTarget(target),
        labels,
        cron,
        timezone,
      ]),
    ).toEqual([
      ['room a of app other', { team: 'music', shift: 'night' }, '*/30 * * * * *', 'Asia/Kolkata'],
      ['receiver x in room a of app other', { team: 'music', shift: 'night' }, '*/15 * * * * *', 'Asia/Kolkata'],
      ['room b of app main', { team: 'sport', shift: 'night' }, '*/20 * * * * *', 'Asia/Kolkata'],
    ]);
  });

  test('files are found beside the configuration, whatever its folder is called', async () => {
    await using folder = await createFolder({
      'live [1]/livetally.yaml': `${app}\nwatchlist: [{ file: "rooms/*.csv" }]`,
      'live [1]/rooms/a.csv': 'room\na\n',
    });
    expect(targetsOf(await load(folder.path('live [1]/livetally.yaml')))).toEqual(['room a of app main']);
  });

  test('the same room may be watched for two apps', async () => {
    const config = await loadText(`
apps:
  one: { sdk_app_id: 1, identifier: a, secret_key: b, region: china }
  two: { sdk_app_id: 2, identifier: a, secret_key: b, region: seoul }
watchlist: [{ app: one, room: a }, { app: two, room: a }]
`);
    expect(targetsOf(config)).toEqual(['room a of app one', 'room a of app two']);
  });

  test('a $ in CSV and JSON is just a character: programs write those', async () => {
    const files = { 'a.csv': 'room\n${ROOM}\n', 'b.json': '[{ "room": "b$$" }]' };
    const config = await loadText(`${app}\nwatchlist: [{ file: a.csv }, { file: b.json }]`, { ROOM: 'x' }, files);
    expect(targetsOf(config)).toEqual(['room ${ROOM} of app main', 'room b$$ of app main']);
  });

  test('targets share their schedule and their labels, so that many of them cost little', async () => {
    const config = await loadText(
      `${app}\nwatchlist:\n  - { room: a, labels: { x: "1", y: "2" } }\n  - { room: b, labels: { y: "2", x: "1" } }\n  - { room: c }\n  - { room: d }\n`,
    );
    const [a, b, c, d] = config.watchlist;
    expect(a?.series.labels).toBe(b?.series.labels);
    expect(c?.series.labels).toBe(d?.series.labels);
    expect(new Set(config.watchlist.map(({ schedule }) => schedule)).size).toBe(1);
  });

  test('exactly 95 % of a limit may be used', async () => {
    const rooms = (count: number) => `room\n${Array.from({ length: count }, (_, index) => `room-${index}`).join('\n')}`;
    const text = `${app}\nschedule: "*/10 * * * * *"\nwatchlist: [{ file: rooms.csv }]`;
    await expect(loadText(text, {}, { 'rooms.csv': rooms(950) })).resolves.toMatchObject({ file: expect.any(String) });
    await expect(loadText(text, {}, { 'rooms.csv': rooms(951) })).rejects.toThrow(
      '951 rooms of app main every 10 s need 95.1 requests/s; the limit gives 100 x 0.95 = 95 (every 12 s would fit: "*/12 * * * * *")',
    );
  });
});
