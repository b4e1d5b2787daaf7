import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { openDatabase } from '../../../src/store/database.ts';
import { createWorkspace, runLivetally, startLivetally, type Workspace } from '../../e2e/livetally-process.ts';
import { listen } from '../../integration/tencent/servers.ts';
import { troublesWithoutOutcome } from '../upstream/judge-run.ts';
import { readMetrics } from '../upstream/metrics-text.ts';
import { silentNames } from '../upstream/odd-servers.ts';
import { denials, refusals, startEchoingInfluxdb } from './echoing-influxdb.ts';
import { type Finding, findSecrets } from './find-secrets.ts';
import { environment, isMeantToHold, planted } from './planted.ts';
import { configText, influxdbLogins, misplacedText } from './secret-configs.ts';
import { calmApp, startTroubledTencent, type TroubledTencent } from './troubled-tencent.ts';

export type SecretRun = {
  readonly findings: readonly Finding[];
  /** Files, answers and outputs that were looked at. */
  readonly places: readonly string[];
  readonly troubles: number;
  readonly signatures: number;
  /** Troubles that met no request of a run, or left no outcome in its metrics: of them nothing is shown. */
  readonly missed: readonly string[];
  /** Rows set aside with the server's words, in the store of each run. */
  readonly rejected: readonly number[];
  /** Calls of the heartbeat that were answered with its own address. */
  readonly heartbeats: number;
};

const runs = [
  { name: 'v2', version: '2.9.1', format: 'json', troubles: 'all' },
  { name: 'v1', version: '1.8.10', format: 'pretty', troubles: 'few' },
] as const;

/** Until each trouble has come to its outcome, at the very most. */
const longestTroubleMs = 60_000;
const lookEveryMs = 300;

type Scan = Map<string, Buffer | string>;

/** Runs of the real program with every trouble, and of all its other commands, and what was found in all that they wrote and answered. */
export async function runWithSecrets(): Promise<SecretRun> {
  await using folder = await createWorkspace();
  const scanned: Scan = new Map();
  const misplaced = await folder.write('misplaced.yaml', misplacedText);
  const [heartbeats, , ...troubled] = await Promise.all([
    runWithHeartbeat(folder, scanned),
    runCommands([['check', '--json', '--config', misplaced]], scanned),
    ...runs.map((run) => runInTrouble(run, folder, scanned)),
  ]);
  scanFiles(folder, scanned, 'at the end');
  const signatures = troubled.flatMap((run) => run.signatures);
  return {
    findings: findSecrets(scanned, [...planted, ...signatures]).filter(
      ({ secret, place }) => !isMeantToHold(secret, place),
    ),
    places: [...scanned.keys()],
    troubles: troubled.reduce((sum, run) => sum + run.troubles, 0),
    signatures: signatures.length,
    missed: troubled.flatMap(({ missed }) => missed),
    rejected: troubled.map(({ rejected }) => rejected),
    heartbeats,
  };
}

async function runInTrouble(run: (typeof runs)[number], folder: Workspace, scanned: Scan) {
  const { name, version, format } = run;
  await using tencent = await startTroubledTencent(environment.APP_KEY, run.troubles);
  await using influxdb = await startEchoingInfluxdb(refusals, { version, questions: denials });
  const store = folder.path(`${name}.db`);
  const config = await folder.write(
    `${name}.yaml`,
    configText({
      ...{ apps: tencent.apps, busyApp: calmApp, store, format },
      influxdb: { url: influxdb.baseUrl, ...influxdbLogins[name] },
    }),
  );
  const grafana = folder.path(`${name}-grafana`);
  const backup = folder.path(`${name}-backup.db`);
  const otherCommands = [
    ['check', '--config', config],
    ['setup', '--only-grafana', '--grafana', grafana, '--json', '--config', config],
    ['backup', backup, '--config', config],
    ['poll', '--app', calmApp, '--room', 'room-0001', '--config', config],
  ];
  let missed: readonly string[];
  {
    await using livetally = startLivetally(['run', '--config', config], { ...environment, ...silentNames });
    const [, url = ''] = await livetally.says(/metrics"?: ?"([^"]+)\/metrics"/);
    tencent.begin();
    await livetally.says(/set aside in the table/);
    const beside = [
      ['verify', '--json', '--config', config],
      ['setup', '--grafana', grafana, '--config', config],
      ['check', '--json', '--online', '--config', config],
      // With every trouble it has enough to do.
      ...(run.troubles === 'all' ? [] : otherCommands),
    ];
    const commands = runCommands(beside, scanned);
    missed = await waitForTroubles(`${url}/metrics`, tencent);
    await commands;
    for (const path of ['/metrics', '/readyz', '/healthz', '/', '/nothing']) {
      scanned.set(`${path} of ${name}`, await (await fetch(url + path)).text());
    }
    // What is in the write-ahead log too.
    scanFiles(folder, scanned, `while ${name} runs`, `${name}.db`);
    livetally.kill('SIGTERM');
    const { stdout, stderr } = await livetally.ended;
    scanned.set(`run ${name}`, stdout + stderr);
  }
  const rejected = countRejected(store);
  // The first lets what was set aside wait again.
  const behind = [
    ['reship', '--config', config],
    ['salvage', backup, folder.path(`${name}-salvaged.db`)],
  ];
  await runCommands([['recall', '--config', config], ...(run.troubles === 'all' ? [] : behind)], scanned);
  return { troubles: tencent.troubles.length, signatures: tencent.signatures(), missed, rejected };
}

function countRejected(store: string): number {
  using database = openDatabase(store, 1_000);
  return Number(database.prepare('SELECT count(*) AS count FROM rejected').get()?.['count']);
}

/** Until every trouble has struck and is counted as what it is; those that have not in time. */
async function waitForTroubles(metricsUrl: string, tencent: TroubledTencent): Promise<readonly string[]> {
  const { troubles } = tencent;
  for (const beganMs = performance.now(); ; await delay(lookEveryMs)) {
    const troubled = readMetrics(await (await fetch(metricsUrl)).text());
    const missed = [...(await tencent.unmet()), ...troublesWithoutOutcome({ troubles, troubled })];
    if (missed.length === 0 || performance.now() - beganMs > longestTroubleMs) return missed;
  }
}

/** Nothing is wrong but with the heartbeat, which is refused with its own address. */
async function runWithHeartbeat(folder: Workspace, scanned: Scan): Promise<number> {
  let beats = 0;
  const refusing = createServer((request, response) => {
    beats++;
    response.writeHead(500, { 'x-echo': request.url }).end(`no such address: ${request.url}`);
  });
  await using watcher = await listen(refusing);
  await using tencent = await startTroubledTencent(environment.APP_KEY, 'none');
  const apps = tencent.apps.filter(({ name }) => name === calmApp);
  const settings = { apps, busyApp: calmApp, store: folder.path('calm.db'), heartbeatUrl: watcher.baseUrl };
  const config = await folder.write('calm.yaml', configText({ ...settings, format: 'json' }));
  await using livetally = startLivetally(['run', '--config', config], environment);
  await Promise.race([livetally.says(/the heartbeat does not get through/), delay(longestTroubleMs)]);
  livetally.kill('SIGTERM');
  const { stdout, stderr } = await livetally.ended;
  scanned.set('run calm', stdout + stderr);
  return beats;
}

/** One after the other: the machine has enough to do with those that run. */
async function runCommands(commands: readonly (readonly string[])[], scanned: Scan): Promise<void> {
  for (const args of commands) {
    const { stdout, stderr } = await runLivetally(args, environment);
    scanned.set(args.join(' '), stdout + stderr);
  }
}

/** In the folder and below it, those whose names begin so. */
function scanFiles(folder: Workspace, scanned: Scan, when: string, beginning = ''): void {
  const top = folder.path('.');
  for (const name of readdirSync(top, { recursive: true, encoding: 'utf8' })) {
    if (!name.startsWith(beginning)) continue;
    const path = folder.path(name);
    // One that has just gone is scanned at the end under another name.
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) scanned.set(`${name} ${when}`, readFileSync(path));
  }
}
