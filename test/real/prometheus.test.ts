import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { busyWorld, configText, environment, startTencent } from '../e2e/account.ts';
import { createWorkspace, startLivetally } from '../e2e/livetally-process.ts';
import { missingServers } from './servers/locate.ts';
import { promtool, startPrometheus } from './servers/prometheus.ts';

const missing = missingServers(['prometheus', 'promtool']);
const folderOfRules = join(import.meta.dirname, '../../config/prometheus');

describe.skipIf(missing.length > 0)('Prometheus', () => {
  test('has nothing to say against the metrics of a running livetally', async () => {
    const world = busyWorld(5, 5);
    await using folder = await createWorkspace();
    await using tencent = await startTencent(world);
    const text = configText({ baseUrl: tencent.url, store: folder.path('store.db'), world });
    const config = await folder.write('livetally.yaml', text);
    await using livetally = startLivetally(['run', '--config', config], environment);
    const [, url = ''] = await livetally.says(/"metrics":"([^"]+)"/);
    await expect
      .poll(async () => await (await fetch(url)).text(), { timeout: 15_000, interval: 250 })
      .toMatch(/livetally_samples_committed_total\{endpoint="room_stats"\} [1-9]/);
    const metrics = await (await fetch(url)).text();
    expect(await promtool(['check', 'metrics'], { stdin: metrics })).toEqual({ exitCode: 0, stdout: '', stderr: '' });

    const address = new URL(url).host;
    await using prometheus = await startPrometheus({
      configText: `
global: { scrape_interval: 1s }
rule_files: ["${join(folderOfRules, 'livetally.rules.yml')}"]
scrape_configs:
  - job_name: livetally
    static_configs: [{ targets: ["${address}"] }]
`,
    });
    await expect
      .poll(async () => JSON.stringify(await prometheus.query('livetally_targets')), { timeout: 30_000, interval: 500 })
      .toContain('"room_stats"');
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
