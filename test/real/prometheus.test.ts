import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { alerting } from '../../grafana/code/alerting.ts';
import { defaultAlerts } from '../../src/config/alerts-schema.ts';
import { busyWorld, configText, environment, startTencent } from '../e2e/account.ts';
import { createWorkspace, startLivetally } from '../e2e/livetally-process.ts';
import { readRules } from '../grafana/alert-rules.ts';
import { startHttpServer } from '../integration/tencent/servers.ts';
import { missingServers } from './servers/locate.ts';
import { promtool, startPrometheus } from './servers/prometheus.ts';

const missing = missingServers(['prometheus', 'promtool']);
/** What the rules of Grafana ask Prometheus, by uid. */
const expressions = new Map(
  alerting({ timezone: 'Etc/UTC', labels: [], intervalMs: 15_000, alerts: defaultAlerts })
    .flatMap(({ text }) => readRules(text).groups.flatMap(({ rules }) => rules))
    .flatMap(({ uid, data }) => data.flatMap(({ model }) => ('expr' in model ? [[uid, model.expr] as const] : []))),
);
const folderOfRules = join(import.meta.dirname, '../../config/prometheus');

/** A livetally that ships what it polls, and a Prometheus that scrapes it and knows the shipped rules. */
async function startScraped() {
  await using resources = new AsyncDisposableStack();
  const world = busyWorld(20, 20);
  const folder = resources.use(await createWorkspace());
  const tencent = resources.use(await startTencent(world));
  const influxdb = resources.use(await startHttpServer((response) => response.writeHead(204).end()));
  const text = configText({
    ...{ baseUrl: tencent.url, store: folder.path('store.db'), world },
    influxdb: `{ url: "${influxdb.baseUrl}", org: livetally, bucket: live, token: token }`,
  });
  const config = await folder.write('livetally.yaml', text);
  const livetally = resources.use(startLivetally(['run', '--config', config], environment));
  const [, url = ''] = await livetally.says(/"metrics":"([^"]+)"/);
  const prometheus = resources.use(
    await startPrometheus({
      configText: `
global: { scrape_interval: 1s }
rule_files: ["${join(folderOfRules, 'livetally.rules.yml')}"]
scrape_configs:
  - job_name: whatever
    static_configs: [{ targets: ["${new URL(url).host}"] }]
`,
    }),
  );
  const held = resources.move();
  return { url, prometheus, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

describe.skipIf(missing.length > 0)('Prometheus', () => {
  test('has nothing to say against the metrics of a running livetally, and answers what the rules of Grafana ask', async () => {
    await using scraped = await startScraped();
    const { url, prometheus } = scraped;
    const delivered = async () =>
      (await prometheus.query('sum(increase(livetally_samples_delivered_total[10s]))'))[0]?.value;
    await expect.poll(delivered, { timeout: 30_000, interval: 500 }).toBeGreaterThan(0);
    const metrics = await (await fetch(url)).text();
    expect(await promtool(['check', 'metrics'], { stdin: metrics })).toEqual({ exitCode: 0, stdout: '', stderr: '' });

    const valuesOf = async (uid: string) =>
      (await prometheus.query(expressions.get(uid) ?? '')).map((one) => one.value);
    expect(await valuesOf('livetally-data-late')).toHaveLength(2 * 5);
    expect(Math.max(...(await valuesOf('livetally-data-late')))).toBeLessThan(300);
    expect(await valuesOf('livetally-rejected')).toEqual(Array(2 * 5).fill(0));
    expect(await valuesOf('livetally-refused')).toEqual([0, 0]);
    expect(await valuesOf('livetally-limit-exceeded')).toEqual([0, 0]);
    expect((await valuesOf('livetally-nothing-arrives'))[0]).toBeGreaterThan(0);
    // The store is not behind, and livetally has only just begun.
    expect(await valuesOf('livetally-store-filling')).toEqual([]);
    expect(await valuesOf('livetally-rooms-gone')).toEqual([]);
    const share = expressions.get('livetally-store-filling')?.replace(/ and on .*/, '') ?? '';
    expect((await prometheus.query(share))[0]?.value).toBeGreaterThan(0);
    const age = /\((time\(\) - max\(.*\)) > \d+\)/.exec(expressions.get('livetally-rooms-gone') ?? '')?.[1] ?? '';
    expect((await prometheus.query(age))[0]?.value).toBeGreaterThan(0);
  });

  test('finds the shipped alert rules sound, and they fire when they must and only then', async () => {
    const rules = await promtool(['check', 'rules', 'livetally.rules.yml'], { directory: folderOfRules });
    expect(rules).toMatchObject({ exitCode: 0 });
    const tests = await promtool(['test', 'rules', 'livetally.rules.test.yml'], { directory: folderOfRules });
    expect(tests, tests.stdout + tests.stderr).toMatchObject({ exitCode: 0 });
  });

  test('accepts the scrape configuration', async () => {
    expect(await promtool(['check', 'config', 'prometheus.yml'], { directory: folderOfRules })).toMatchObject({
      exitCode: 0,
    });
  });
});
