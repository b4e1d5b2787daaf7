// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to variables are what is mutated
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files by their names; the configuration is `livetally.yaml`, the others are what it may name. */
export type ConfigFiles = Readonly<Record<string, string | Uint8Array>>;

export const mainFile = 'livetally.yaml';

/** What `${NAME}` stands for. The secrets may appear in no problem. */
export const environment = {
  LIVETALLY_SECRET_KEY: 'key-of-the-environment-0f3e',
  INFLUX_TOKEN: 'q1w2e3r4t5/z6u7i8o9p0+a1s2d3f4g5==',
  INFLUX_TOKEN_FILE: 'key.txt',
  WATCH_TOKEN: '7c9e6679-7425-40de-944b',
  EMPTY: '',
  NUMBER: '20',
  ODD: 'x${EMPTY}$$: [',
} as const;

export const secrets = [
  ...[environment.LIVETALLY_SECRET_KEY, environment.INFLUX_TOKEN, environment.WATCH_TOKEN],
  'secret-of-a-file',
] as const;

const root = join(import.meta.dirname, '../../..');
const example = readFileSync(join(root, 'config/livetally.example.yaml'), 'utf8');

const besides = {
  'key.txt': `${secrets.at(-1)}\n`,
  'rooms/a.yaml': Array.from(
    { length: 14 },
    (_, index) => `- room: room-${index}\n  receivers: [anchor-${index}, 'guest']\n  labels: { team: music }\n`,
  ).join(''),
  'rooms/b.json': JSON.stringify(
    [{ room: 'json-1', receivers: ['x', 'y'], labels: { team: 'sport' }, schedule: '0 * * * * *' }, { room: '房间' }],
    null,
    1,
  ),
  'rooms/c.csv':
    '\uFEFFroom,receivers,app,schedule,label.team\ne,x; y,main,,music\n"f ""q""",,second,*/30 * * * * *,\ng,z,,,\n',
} as const;

/** Every key that there is, but for those that exclude others. */
const everything = `
apps:
  main: &main
    sdk_app_id: 1400000000
    identifier: administrator
    secret_key: \${LIVETALLY_SECRET_KEY}
    region: singapore
    limits: { rooms: 100, gifts: "\${NUMBER}" }
    commands: { rooms: get_room_statistic, gifts: get_gift_count }
    request_timeout: 5s
    signature_life: 24h
  second:
    sdk_app_id: 1400000001
    identifier: "админ"
    secret_key_file: key.txt
    base_url: https://proxy.example.com/tencent/
schedule: { rooms: "*/15 * * * * *", gifts: "0 */5 18-23 * * 5,6", timezone: Asia/Kolkata }
watchlist:
  - { room: a, app: main, receivers: [x, "\${ODD}"], labels: { team: music, "shift name": night } }
  - file: rooms/*.yaml
    app: second
    labels: { team: "\${NUMBER:-none}" }
  - { file: "rooms/b.json", app: main }
  - { file: "rooms/*.csv", app: second, schedule: "*/20 * * * * *" }
  - room: "20261122"
    app: main
    schedule: { rooms: "0 0 4 * * *", gifts: "0 30 4 * * *", timezone: Pacific/Chatham }
store: { path: "data/livetally.db", keep: 14d, max_size: 10GiB }
influxdb: { url: "http://localhost:8086/", org: shows, bucket: live, token: "\${INFLUX_TOKEN}", batch_size: 500, gzip: true, timeout: 10s, keep: 14d, tiers: true }
sessions: { close_after: 30m }
reporting: { timezone: Asia/Kathmandu, keep: { 5m: 90d, 1h: 400d, 1d: forever, 1mo: forever } }
alerts:
  spikes: { gifts: { floor: 30, factor: 3 }, coins: { floor: 5000, factor: 2.5 }, viewers: { floor: 60, factor: "3" } }
  silence: { share: 50, rooms: 5 }
  nothing_arrives: 5m
  late: 5m
  store_share: 80
  overrides:
    - { where: { team: music }, spikes: { coins: { floor: 20000, factor: 4 } }, show_end: true }
    - where: { team: sport }
      spikes: { gifts: { floor: 1, factor: 1.5 }, viewers: { floor: 600, factor: 100 } }
  webhook: "https://ops.example.com/alarm?key=\${WATCH_TOKEN}"
  email: [ops@example.com, night@example.com]
heartbeat: { url: "https://watch.example.com/ping/\${WATCH_TOKEN}", every: 1m }
server: { listen: "[::1]:9477" }
log: { level: debug, format: pretty }
`;

const version1 = `
apps: { main: { sdk_app_id: 1, identifier: a, secret_key: abcdefgh, region: china } }
watchlist:
${Array.from({ length: 20 }, (_, index) => `  - room: r${index}\n    # note ${index}\n    receivers: [ u${index} ]`).join('\n')}
influxdb: { url: "http://127.0.0.1:8086", database: live, username: u, password_file: key.txt }
`;

const openServer = `
apps: { main: { sdk_app_id: 1, identifier: a, secret_key: abcdefgh, region: mumbai } }
watchlist: [{ room: r, receivers: [u] }]
influxdb: { url: "https://influx.example.com/proxy", database: live, username: u, password: "\${INFLUX_TOKEN}" }
heartbeat: { url: "https://watch.example.com/ping/\${WATCH_TOKEN}" }
`;

const invalidFolder = join(root, 'test/fixtures/config/invalid');

const fromText = (text: string | Uint8Array): ConfigFiles => ({ ...besides, [mainFile]: text });

export const valid: readonly ConfigFiles[] = [example, everything, version1, openServer].map(fromText);

/** One for every mistake that has words of its own. */
export const invalid: readonly ConfigFiles[] = globSync('*.yaml', { cwd: invalidFolder })
  .sort()
  .map((name) => fromText(readFileSync(join(invalidFolder, name))));
