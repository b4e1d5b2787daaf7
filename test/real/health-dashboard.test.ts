import { describe, expect, test } from 'vitest';
import { dashboards } from '../../grafana/code/dashboards.ts';
import { dashboardUids } from '../../grafana/code/panel-ids.ts';
import { busyWorld, configText, environment, startTencent } from '../e2e/account.ts';
import { createWorkspace, startLivetally } from '../e2e/livetally-process.ts';
import { type Dashboard, isInfluxql, panelsOf, readDashboard } from '../grafana/dashboard-file.ts';
import { weekSettings } from '../grafana/test-settings.ts';
import { startInfluxdb2 } from './servers/influxdb-2.ts';
import { missingServers } from './servers/locate.ts';
import { type Prometheus, startPrometheus } from './servers/prometheus.ts';

const missing = missingServers(['prometheus', 'influxdb-2.9.1']);
const health = healthDashboard();

function healthDashboard(): Dashboard {
  const file = dashboards(weekSettings).find((one) => one.file === `${dashboardUids.health}.json`);
  if (file === undefined) throw new Error('no dashboard for health');
  return readDashboard(file.json);
}

/** As Grafana's Prometheus data source does it, with a scrape every second. */
function expand(expr: string, app: string): string {
  return expr.replaceAll('$__rate_interval', '4s').replaceAll('$app', app);
}

describe.skipIf(missing.length > 0)('the dashboard of health', () => {
  test('every query answers from a Prometheus that scraped a running livetally, with the labels that its legend names', async () => {
    const world = busyWorld(20, 20);
    await using folder = await createWorkspace();
    await using influxdb = await startInfluxdb2();
    await using tencent = await startTencent(world);
    const text = configText({
      baseUrl: tencent.url,
      store: folder.path('store.db'),
      world,
      influxdb: `{ url: "${influxdb.url}", org: ${influxdb.org}, bucket: ${influxdb.bucket}, token: "${influxdb.token}" }`,
    });
    const config = await folder.write('livetally.yaml', text);
    await using livetally = startLivetally(['run', '--config', config], environment);
    const [, url = ''] = await livetally.says(/"metrics":"([^"]+)"/);
    await using prometheus = await startPrometheus({
      configText: `
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: livetally
    static_configs: [{ targets: ["${new URL(url).host}"] }]
`,
    });
    await expect
      .poll(() => numberOf(prometheus, 'sum(rate(livetally_samples_delivered_total[4s]))'), {
        timeout: 60_000,
        interval: 500,
      })
      .toBeGreaterThan(0);

    for (const panel of panelsOf(health)) {
      for (const target of panel.targets) {
        if (isInfluxql(target)) throw new Error(`${panel.title} does not ask Prometheus`);
        for (const app of ['.*', 'main', '(main|other)']) {
          const answer = await prometheus.query(expand(target.expr, app));
          expect(answer.length, `${panel.title}: ${target.expr}`).toBeGreaterThan(0);
          for (const { labels } of answer) {
            expect(Object.keys(labels), target.expr).toEqual(expect.arrayContaining(legendLabels(target.legendFormat)));
          }
        }
        const ofAnother = await prometheus.query(expand(target.expr, 'another'));
        if (target.expr.includes('$app')) expect(ofAnother, target.expr).toEqual([]);
      }
    }
    const rate = await numberOf(prometheus, 'sum(rate(livetally_requests_total{endpoint="room_stats"}[4s]))');
    expect(rate).toBeLessThanOrEqual(await numberOf(prometheus, 'sum(livetally_rate_limit{endpoint="room_stats"})'));
    expect(await appsOffered(url)).toEqual(['main']);
  });
});

async function numberOf(prometheus: Prometheus, expression: string): Promise<number> {
  return (await prometheus.query(expression))[0]?.value ?? Number.NaN;
}

function legendLabels(legend = ''): string[] {
  return [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
}

/** What `label_values(livetally_targets, app)` finds in a scrape. */
async function appsOffered(url: string): Promise<readonly string[]> {
  const variable = health.templating.list.find(({ name }) => name === 'app');
  const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(variable?.query.query ?? '') ?? [];
  const lines = (await (await fetch(url)).text()).split('\n').filter((line) => line.startsWith(`${metric}{`));
  return [...new Set(lines.map((line) => new RegExp(`${label}="([^"]*)"`).exec(line)?.[1] ?? ''))];
}
