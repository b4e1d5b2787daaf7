import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createWorkspace, runLivetally } from './livetally-process.ts';

const root = join(import.meta.dirname, '../..');
const example = join(root, 'config/livetally.example.yaml');
const environment = { LIVETALLY_SECRET_KEY: 'key-of-the-app', INFLUX_URL: 'http://influxdb:8086' };

describe('setup --only-grafana', () => {
  test('writes for the example what is committed under grafana/, needs no InfluxDB, and holds no token', async () => {
    await using folder = await createWorkspace();
    const options = ['--grafana', folder.path('grafana'), '--grafana-sees', '/etc/grafana'];
    const urls = ['--grafana-prometheus', 'http://prometheus:9090'];
    const command = ['setup', '--only-grafana', '--config', example, ...options, ...urls];
    const { code, stdout, stderr } = await runLivetally([...command, '--json'], environment);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { items }: { items: readonly { status: string; subject: string }[] } = JSON.parse(stdout);
    const paths = items.map(({ subject }) => subject.replace(`file ${folder.path('grafana')}/`, ''));
    expect(paths).toContain('provisioning/datasources/livetally.yaml');
    for (const path of paths) {
      const [written, committed] = await Promise.all(
        [folder.path('grafana'), join(root, 'grafana')].map((place) => readFile(join(place, path), 'utf8')),
      );
      expect(written, path).toBe(committed);
    }
    expect((await runLivetally(command, environment)).stdout).toContain('Everything is as the configuration asks.');
  });

  test('tells Grafana where its token and the servers are', async () => {
    await using folder = await createWorkspace();
    const options = ['--grafana', folder.path('grafana'), '--grafana-token-file', '/tokens/grafana'];
    const urls = ['--grafana-influxdb', 'http://10.0.0.7:8086', '--grafana-prometheus', 'http://10.0.0.7:9090'];
    await runLivetally(['setup', '--only-grafana', '--config', example, ...options, ...urls], environment);
    const file = join(folder.path('grafana'), 'provisioning/datasources/livetally.yaml');
    const text = await readFile(file, 'utf8');
    expect(text).toContain('httpHeaderValue1: "Token $__file{/tokens/grafana}"');
    expect(text).toContain('url: "http://10.0.0.7:8086"');
    expect(text).toContain('url: "http://10.0.0.7:9090"');
  });
});

test.each([
  [['--only-grafana', '--config', example], '--only-grafana has no meaning without --grafana'],
  [['--admin-token-file', '/nowhere/token', '--config', example], 'there is no token in it'],
])('setup %j is wrong usage: exit code 2, and words about it', async (options, words) => {
  const { code, stderr } = await runLivetally(['setup', ...options], environment);
  expect(code).toBe(2);
  expect(stderr).toContain(words);
});

test('setup takes no token from a device without end, and puts none in its place', async () => {
  const { code, stderr } = await runLivetally(['setup', '--config', example], {
    ...environment,
    INFLUX_TOKEN_FILE: '/dev/zero',
    INFLUX_ADMIN_TOKEN: 'token-of-the-administrator',
  });
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('it is not an ordinary file') });
});

test('setup of a configuration without InfluxDB has nothing to do, and says so', async () => {
  await using folder = await createWorkspace();
  const config = await folder.write(
    'livetally.yaml',
    'apps: { main: { sdk_app_id: 1400000000, identifier: administrator, secret_key: a-key, region: china } }\nwatchlist: [{ room: r }]\n',
  );
  const { code, stderr } = await runLivetally(['setup', '--config', config]);
  expect(code).toBe(2);
  expect(stderr).toContain('has no section influxdb');
});
