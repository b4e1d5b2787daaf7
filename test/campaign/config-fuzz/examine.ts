import { validateHeaderValue } from 'node:http';
import { alerting } from '../../../grafana/code/alerting.ts';
import { dashboards } from '../../../grafana/code/dashboards.ts';
import { formatPlan, planOf } from '../../../src/commands/check-plan.ts';
import { grafanaSettings } from '../../../src/commands/setup-grafana.ts';
import type { Config, InfluxdbConfig } from '../../../src/config/config.ts';
import { type LoadedConfig, type LoadOptions, loadConfig } from '../../../src/config/load.ts';
import { formatProblem, type Problem } from '../../../src/config/problem.ts';
import { Health } from '../../../src/health.ts';
import type { Schedule } from '../../../src/model/round.ts';
import { connectApps, planRounds } from '../../../src/plans.ts';
import { type Cron, readCron } from '../../../src/poll/cron.ts';
import { createInfluxdbSink } from '../../../src/sink/influxdb.ts';
import { toApi } from '../../../src/storage.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { createVirtualClock } from '../../virtual-clock.ts';
import type { ConfigFolder } from './config-folder.ts';
import { type ConfigFiles, environment, mainFile, secrets } from './corpus.ts';

export type Examined =
  | { readonly status: 'accepted' }
  | { readonly status: 'refused' }
  /** Neither accepted and runnable, nor refused with words for a person. */
  | { readonly status: 'failed'; readonly reason: string };

type Load = (options: LoadOptions) => Promise<LoadedConfig>;

/** Loads the configuration as `livetally run` does, and does with what is accepted what the start does, up to the first request. */
export async function examine(files: ConfigFiles, folder: ConfigFolder, load: Load = loadConfig): Promise<Examined> {
  folder.hold(files);
  try {
    const loaded = await load({ file: folder.path(mainFile), environment, readCron: readInterval });
    if (loaded.status === 'refused') {
      checkProblems(loaded.problems);
      return { status: 'refused' };
    }
    // Many mistakes, as in a comment, come to the configuration that was looked at before.
    await unlessKnown(knownConfigs, loaded.config, () => checkRunnable(loaded.config));
    return { status: 'accepted' };
  } catch (error) {
    return { status: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Reading an expression takes milliseconds where its days are rare, and most configurations hold the same few. */
const known = new Map<string, ReturnType<LoadOptions['readCron']>>();
const mostKnown = 10_000;

const readInterval: LoadOptions['readCron'] = (expression, timezone) => {
  const key = `${expression}\n${timezone}`;
  const found = known.get(key) ?? readIntervalAnew(expression, timezone);
  if (known.size > mostKnown) known.clear();
  known.set(key, found);
  return found;
};

const readIntervalAnew: LoadOptions['readCron'] = (expression, timezone) => {
  const reading = readCron(expression, timezone);
  return reading.status === 'read' ? { status: 'read', intervalMs: reading.cron.intervalMs } : reading;
};

function expectThat(isTrue: boolean, words: string): void {
  if (!isTrue) throw new Error(words);
}

function checkProblems(problems: readonly Problem[]): void {
  expectThat(problems.length > 0, 'refused without a problem');
  for (const problem of structuredClone(problems)) {
    const text = formatProblem(problem);
    expectThat(problem.file !== '' && problem.message.trim() !== '', `a problem without words: ${text}`);
    expectThat(!/\p{Cc}/u.test(text), `a problem breaks its line: ${JSON.stringify(text)}`);
    expectThat(
      !/\bat .+:\d+:\d+\)|TypeError|RangeError|\[object /.test(text),
      `a problem in a program's words: ${text}`,
    );
    expectThat((problem.line ?? 1) >= 1 && (problem.column ?? 1) >= 1, `a place that is none: ${text}`);
    for (const secret of secrets) expectThat(!text.includes(secret), `a problem tells a secret: ${text}`);
  }
}

/** Shared by all configurations: prom-client watches the process for each. */
const health = new Health({
  metrics: createMetrics(),
  log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  clock: createVirtualClock(),
});

async function checkRunnable(config: Config): Promise<void> {
  // It comes from a thread.
  const cloned = structuredClone(config);
  const plan = planOf(cloned);
  const { path, ...sizes } = plan.store;
  expectThat(!/null|Infinity|NaN/.test(JSON.stringify(sizes)), `no plan: ${JSON.stringify(sizes)}`);
  expectThat(path === cloned.store.path, `a plan for another store: ${path}`);
  expectThat(formatPlan(plan).length > 0, 'no plan to print');
  expectThat(!cloned.store.path.includes('\0'), 'a path that no system takes');
  if (cloned.influxdb !== undefined) checkSink(cloned.influxdb);
  if (cloned.heartbeat !== undefined) new Request(cloned.heartbeat.url);
  await checkGrafana(cloned);
  const apps = connectApps(cloned.apps, { health, clock: createVirtualClock(), random: () => 1 });
  try {
    const plans = planRounds(cloned, apps);
    expectThat(plans.length > 0, 'accepted with nothing to poll');
    for (const { schedule, cron, targets } of plans) {
      expectThat(cron.intervalMs >= 1000 && targets.length > 0, `no rounds: ${JSON.stringify(schedule)}`);
      expectThat(hasRounds(schedule, cron), `never a round: ${JSON.stringify(schedule)}`);
      const app = cloned.apps.find(({ name }) => name === schedule.app);
      const [target] = targets;
      const request = target && apps.get(schedule.app)?.client.describeRequest(target);
      const url = new URL(request?.split(' ')[1] ?? '');
      const command = app?.commands[schedule.endpoint];
      expectThat(url.pathname.endsWith(`/v4/live_engine_http_srv/${command}`), `requests would go to ${url}`);
      expectThat(url.searchParams.get('identifier') === app?.identifier, `another identifier: ${url}`);
    }
  } finally {
    for (const { client } of apps.values()) await client.close();
  }
}

const seenRounds = new Map<string, boolean>();

function hasRounds({ cron: expression, timezone }: Schedule, cron: Cron): boolean {
  const key = `${expression}\n${timezone}`;
  const found = seenRounds.get(key) ?? cron.nextAfter(Date.UTC(2026, 10, 22)) !== undefined;
  if (seenRounds.size > mostKnown) seenRounds.clear();
  seenRounds.set(key, found);
  return found;
}

const knownConfigs = new Set<string>();
const knownDashboards = new Set<string>();
const knownAlerts = new Set<string>();

/** What `setup --grafana` makes of it takes tens of milliseconds. */
async function checkGrafana(config: Config): Promise<void> {
  const settings = grafanaSettings(config);
  const { alerts, timezone, labels, intervalMs } = settings;
  await unlessKnown(knownDashboards, [timezone, labels, intervalMs], async () => {
    for (const { file, json } of dashboards(settings)) expectThat(!json.includes('[object '), `no text: ${file}`);
  });
  await unlessKnown(knownAlerts, [alerts, intervalMs], async () => {
    for (const { file, text } of alerting(settings)) expectThat(!text.includes('[object '), `no text: ${file}`);
  });
}

/** Checks what has not passed before. */
async function unlessKnown(passed: Set<string>, value: unknown, check: () => Promise<void>): Promise<void> {
  const key = JSON.stringify(value);
  if (passed.has(key)) return;
  await check();
  if (passed.size > mostKnown) passed.clear();
  passed.add(key);
}

function checkSink(influxdb: InfluxdbConfig): void {
  const api = toApi(influxdb);
  const clock = createVirtualClock();
  createInfluxdbSink({ name: 'influxdb', url: influxdb.url, api, gzip: influxdb.gzip, clock }).close();
  const place = api.version === 2 ? `${api.org} ${api.bucket}` : api.database;
  expectThat(place.isWellFormed(), 'a place that no URL can name');
  const credentials = api.version === 2 ? api.token : undefined;
  if (credentials !== undefined) validateHeaderValue('authorization', `Token ${credentials}`);
}
