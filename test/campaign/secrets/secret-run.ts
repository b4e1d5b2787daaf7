// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how the configuration names a variable
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { startSimulator } from '../../../src/simulator/server.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { systemClock, systemRandom } from '../../../src/system-clock.ts';
import { createAlwaysOnWorld } from '../../bench/always-on-world.ts';
import { createWorkspace, runLivetally, startLivetally } from '../../e2e/livetally-process.ts';
import { listen } from '../../integration/tencent/servers.ts';
import { troubles } from '../upstream/troubles.ts';
import { type EchoAnswer, startEchoingInfluxdb } from './echoing-influxdb.ts';
import type { Planted, Scanned } from './find-secrets.ts';

/** Each with the characters that some encoding or other changes. */
export const planted = [
  { name: 'secret key', value: '5bd2850fff3ecb11/d7c805+251c51ee="46&3a"' },
  { name: 'token', value: 'q1w2e3r4t5/z6u7i8o9p0+a1s2d3\\f4g5<h6>&j7==' },
  { name: 'password', value: 'P4ssw0rt/mit"Ümläuten & \\ <Leerzeichen>+=' },
] as const satisfies readonly Planted[];

const [key, token, password] = planted;
const environment = { APP_KEY: key.value, INFLUX_TOKEN: token.value, INFLUX_PASSWORD: password.value };

const inWords = (quoted: string) => JSON.stringify({ message: quoted });
/** Refusals of points go into the store, so they come first and often; then every other kind that livetally tells about. */
const sinkAnswers: readonly EchoAnswer[] = [
  ...Array.from({ length: 8 }, (_, index) => ({
    status: 400,
    body: (quoted: string) => inWords(`unable to parse '${quoted}'`).replaceAll('/', index % 2 === 0 ? '/' : '\\/'),
  })),
  { status: 422, body: (quoted) => inWords(`partial write: ${quoted} dropped=1`).replaceAll('/', '\\/') },
  { status: 401, body: inWords },
  { status: 404, body: (quoted) => inWords(quoted).replaceAll('/', '\\/') },
  { status: 503, body: (quoted) => `<html>${quoted}</html>` },
];

/** A run of the real program and of its other commands, with all that can be had of what they wrote and answered. */
export async function runWithSecrets(): Promise<{
  readonly scanned: Scanned;
  readonly signatures: readonly Planted[];
  /** Rows set aside with the server's words, in the store of each run. */
  readonly rejected: readonly number[];
}> {
  await using folder = await createWorkspace();
  const faults = troubles
    .flatMap(({ fault }) => (fault === undefined ? [] : [{ ...fault, share: 0.03 }]))
    .filter(({ kind }) => kind !== 'throttle');
  await using simulator = await startSimulator({
    world: createAlwaysOnWorld({ rooms: 10, receivers: 10 }),
    clock: systemClock,
    random: systemRandom,
    apps: [{ sdkAppId: 1_400_000_000, identifiers: ['administrator'], secretKey: key.value }],
  });
  await using tencent = await startRecorder(simulator.url);
  await using sinks = new AsyncDisposableStack();
  const runs = [
    { store: 'v2.db', sink: 'org: o, bucket: b, token: "${INFLUX_TOKEN}", batch_size: 2', format: 'json' },
    {
      store: 'v1.db',
      sink: 'database: d, username: u, password: "${INFLUX_PASSWORD}", batch_size: 2',
      format: 'pretty',
    },
  ];
  const configs = await Promise.all(
    runs.map(async ({ store, ...run }) => {
      const influxdb = sinks.use(await startEchoingInfluxdb(sinkAnswers));
      const urls = { baseUrl: tencent.baseUrl, influxdb: influxdb.baseUrl };
      return await folder.write(`${store}.yaml`, configText({ ...urls, ...run, store: folder.path(store) }));
    }),
  );
  const misplaced = await folder.write('misplaced.yaml', misplacedText);

  const scanned = new Map<string, Buffer | string>();
  const scanFiles = (when: string) => {
    for (const name of storeFiles(folder.path('.'))) scanned.set(`${name} ${when}`, readFileSync(folder.path(name)));
  };
  const setAside = configs.map(() => Promise.withResolvers<void>());
  // Some of them stop all polling: nothing would be there to be set aside.
  const troubled = Promise.all(setAside.map(({ promise }) => promise)).then(() => simulator.setFaults(faults));
  await Promise.all(
    configs.map(async (config, index) => {
      await using livetally = startLivetally(['run', '--config', config], environment);
      const [, url = ''] = await livetally.says(/metrics"?: ?"([^"]+)\/metrics"/);
      await livetally.says(/set aside in the table/);
      setAside[index]?.resolve();
      await troubled;
      await delay(4_000);
      for (const path of ['/metrics', '/readyz', '/healthz', '/', '/nothing']) {
        scanned.set(`${path} of ${config}`, await (await fetch(url + path)).text());
      }
      // What is in the write-ahead log too.
      scanFiles('while it runs');
      livetally.kill('SIGTERM');
      const { stdout, stderr } = await livetally.ended;
      scanned.set(`run ${config}`, stdout + stderr);
    }),
  );
  scanFiles('afterwards');
  const commands = [...configs, misplaced].map((config) => ['check', '--json', '--online', '--config', config]);
  const invocations = [...commands, ['poll', '--room', 'room-0001', '--config', configs[0] ?? '']];
  await Promise.all(
    invocations.map(async (args) => {
      const { stdout, stderr } = await runLivetally(args, environment);
      scanned.set(args.join(' '), stdout + stderr);
    }),
  );
  const rejected = runs.map(({ store }) => {
    using database = openDatabase(folder.path(store), 1_000);
    return Number(database.prepare('SELECT count(*) AS count FROM rejected').get()?.['count']);
  });
  return { scanned, rejected, signatures: [...tencent.signatures].map((value) => ({ name: 'signature', value })) };
}

function storeFiles(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => !name.endsWith('.yaml') && statSync(`${folder}/${name}`).isFile());
}

/** Passes requests on to the simulator, and keeps the signatures that they carry. */
async function startRecorder(url: string) {
  const signatures = new Set<string>();
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const signature = new URLSearchParams(incoming.url?.split('?')[1]).get('usersig');
    if (signature !== null) signatures.add(signature);
    try {
      const answer = await fetch(url + incoming.url, {
        method: 'POST',
        body: Buffer.concat(chunks),
        redirect: 'manual',
      });
      outgoing.writeHead(answer.status, { 'content-type': 'application/json', 'x-echo': incoming.url ?? '' });
      outgoing.end(Buffer.from(await answer.arrayBuffer()));
    } catch {
      outgoing.destroy();
    }
  });
  const listening = await listen(server);
  return { ...listening, signatures };
}

function configText(parts: {
  readonly baseUrl: string;
  readonly influxdb: string;
  readonly store: string;
  readonly sink: string;
  readonly format: string;
}): string {
  const rooms = Array.from({ length: 10 }, (_, index) => String(index + 1).padStart(4, '0'));
  return `
apps:
  main: { sdk_app_id: 1400000000, identifier: administrator, secret_key: "\${APP_KEY}", base_url: "${parts.baseUrl}" }
schedule: "* * * * * *"
watchlist:
${rooms.map((number) => `  - { room: room-${number}, receivers: [user-${number}] }\n`).join('')}
store: { path: "${parts.store}" }
influxdb: { url: "${parts.influxdb}", ${parts.sink} }
server: { listen: 127.0.0.1:0 }
log: { level: debug, format: ${parts.format} }
`;
}

/** Secrets where they do not belong: each place is wrong, and told. */
const misplacedText = `
apps:
  "\${APP_KEY}": { sdk_app_id: "\${INFLUX_TOKEN}", identifier: "\${APP_KEY}\\n", secret_key: "\${APP_KEY}\\n", region: "\${INFLUX_PASSWORD}" }
  other: { sdk_app_id: 1, identifier: "x\\\\", secret_key:\${APP_KEY} }
schedule: { rooms: "\${INFLUX_TOKEN}", timezone: "\${APP_KEY}" }
watchlist:
  - { room: "\${APP_KEY}\\t\${APP_KEY}\${APP_KEY}", app: "\${INFLUX_TOKEN}", labels: { time: "\${INFLUX_TOKEN}\\n" } }
  - { file: "\${INFLUX_PASSWORD}/*.csv" }
store: { path: s.db, keep: "\${INFLUX_TOKEN}", max_size: "\${INFLUX_PASSWORD}" }
influxdb: { url: "http://u:\${INFLUX_PASSWORD}@h", org: o, bucket: b, token_file: "\${INFLUX_TOKEN}" }
server: { listen: "\${INFLUX_TOKEN}" }
log: { level: "\${APP_KEY}" }
`;
