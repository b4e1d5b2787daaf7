import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { composeConfig } from './compose.ts';
import { startInfluxdb1 } from './influxdb-1.ts';
import { startInfluxdb2 } from './influxdb-2.ts';
import { missingServers, requireServer } from './locate.ts';
import { promtool, startPrometheus } from './prometheus.ts';
import { runProgram } from './run-program.ts';
import { spawnServer } from './spawn-server.ts';
import { startVictoriaMetrics } from './victoria-metrics.ts';

const minute = 60_000;
const now = Math.floor(Date.now() / minute) * minute;
const line = `room_stats,room_id=r1 total_viewers=7i,session=12i ${now}`;

describe('starting a server', () => {
  test('a server that ends at its start fails with the end of its output', async () => {
    const start = spawnServer({
      name: 'sulking',
      binary: '/bin/sh',
      argumentsAt: () => ['-c', 'echo no such option; exit 3'],
      healthPath: '/',
    });
    await expect(start).rejects.toThrow(
      /^sulking did not start: it ended with exit code 3\. The end of its output:\nno such option/,
    );
  });

  test('a server that never becomes healthy fails at the deadline and is not left running', async () => {
    let directory = '';
    const start = spawnServer({
      name: 'silent',
      binary: '/bin/sleep',
      argumentsAt: (place) => {
        directory = place.directory;
        return ['60'];
      },
      healthPath: '/',
      startTimeoutMs: 200,
    });
    await expect(start).rejects.toThrow('silent did not start: it was not healthy after 200 ms');
    expect(existsSync(directory)).toBe(false);
  });

  test.skipIf(missingServers(['victoria-metrics']).length > 0)(
    'a server dies with the process that started it, even by SIGKILL',
    async () => {
      await using scratch = await scratchDirectory();
      const script = join(scratch.path, 'parent.ts');
      const launcher = join(import.meta.dirname, 'victoria-metrics.ts');
      const source = `import { startVictoriaMetrics } from ${JSON.stringify(launcher)};
        const { server } = await startVictoriaMetrics();
        console.log(server.pid);
        setInterval(() => undefined, 1000);`;
      await writeFile(script, source);
      const parent = spawn(process.execPath, [script], {
        env: { ...process.env, TMPDIR: scratch.path },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [output] = await once(parent.stdout, 'data');
      const pid = Number(String(output));
      expect(isAlive(pid)).toBe(true);
      parent.kill('SIGKILL');
      await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 5_000);
    },
  );
});

describe.skipIf(missingServers(['influxdb-2.9.1']).length > 0)('InfluxDB 2.9.1', () => {
  test('it keeps what was written over a restart, on the same port', async () => {
    await using influxdb = await startInfluxdb2();
    const query = 'SELECT total_viewers FROM room_stats GROUP BY room_id';
    const rows = [{ room_id: 'r1', time: now, total_viewers: 7 }];
    await influxdb.write(line);
    expect(await influxdb.influxql(query)).toEqual(rows);

    const { pid, url } = influxdb.server;
    await influxdb.server.restart();
    expect(await influxdb.influxql(query)).toEqual(rows);
    expect(influxdb.server.url).toBe(url);
    expect(influxdb.server.pid).not.toBe(pid);

    await influxdb.server.stop('SIGKILL');
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    await influxdb.server.restart();
    expect(await influxdb.influxql(query)).toEqual(rows);
  });

  test('it has a second bucket once that is created, and refuses what is older than the retention', async () => {
    await using influxdb = await startInfluxdb2({ retentionSeconds: 3600 });
    const old = `room_stats,room_id=r1 total_viewers=7i ${now - 120 * minute}`;
    await expect(influxdb.write(old)).rejects.toThrow(/422.*outside retention policy/s);
    await expect(influxdb.write(old, { bucket: 'live_1h' })).rejects.toThrow('404');
    await influxdb.createBucket('live_1h');
    await influxdb.write(old, { bucket: 'live_1h' });
    const rows = await influxdb.influxql('SELECT count(*) FROM room_stats', { bucket: 'live_1h' });
    expect(rows).toEqual([{ time: 0, count_total_viewers: 1 }]);
  });

  test('a query that it cannot read throws what the server says', async () => {
    await using influxdb = await startInfluxdb2();
    await expect(influxdb.influxql('SELECT FROM')).rejects.toThrow('failed to parse query: found FROM');
  });
});

describe.each(['1.8.10', '1.6.7'] as const)('InfluxDB %s', (version) => {
  const isMissing = missingServers([`influxdb-${version}`]).length > 0;

  test.skipIf(isMissing)('it keeps what was written over a restart and a kill', async () => {
    await using influxdb = await startInfluxdb1({ version });
    const rows = [{ room_id: 'r1', time: now, total_viewers: 7 }];
    await influxdb.write(line);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await influxdb.server.stop(signal);
      await influxdb.server.restart();
      expect(await influxdb.influxql('SELECT total_viewers FROM room_stats GROUP BY room_id')).toEqual(rows);
    }
  });

  test.skipIf(isMissing)('it has a second database once that is created', async () => {
    await using influxdb = await startInfluxdb1({ version });
    await influxdb.influxql('CREATE DATABASE other');
    await influxdb.write(line, { database: 'other' });
    expect(await influxdb.influxql('SELECT * FROM room_stats')).toEqual([]);
    await expect(influxdb.influxql('SELECT * FROM room_stats', { database: 'absent' })).rejects.toThrow(
      'SELECT * FROM room_stats: database not found: absent',
    );
    expect(await influxdb.influxql('SELECT session FROM room_stats', { database: 'other' })).toHaveLength(1);
  });
});

describe.skipIf(missingServers(['victoria-metrics']).length > 0)('VictoriaMetrics', () => {
  test('it keeps what was written over a restart', async () => {
    await using victoriaMetrics = await startVictoriaMetrics();
    await victoriaMetrics.write(line);
    const selector = '{__name__="room_stats_total_viewers",room_id="r1"}';
    const before = await victoriaMetrics.exportSeries(selector);
    expect(before).toMatchObject([{ metric: { room_id: 'r1' }, values: [7], timestamps: [now] }]);
    await victoriaMetrics.server.restart();
    expect(await victoriaMetrics.exportSeries(selector)).toEqual(before);
  });
});

describe.skipIf(missingServers(['prometheus', 'promtool']).length > 0)('Prometheus', () => {
  test('it keeps what it scraped over a restart', async () => {
    await using victoriaMetrics = await startVictoriaMetrics();
    const target = `127.0.0.1:${victoriaMetrics.server.port}`;
    await using prometheus = await startPrometheus({
      configText: `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: tests
    static_configs: [{ targets: ['${target}'] }]
`,
    });
    await vi.waitFor(
      async () => {
        const labels = { __name__: 'up', instance: target, job: 'tests' };
        expect(await prometheus.query('up')).toEqual([{ labels, value: 1 }]);
      },
      { timeout: 10_000, interval: 100 },
    );
    await victoriaMetrics.server.stop();
    await prometheus.server.restart();
    expect(await prometheus.query('max_over_time(up[10m])')).toMatchObject([{ value: 1 }]);
  });

  test('promtool reads metrics from its input and says what is wrong with them', async () => {
    const good = '# HELP polls_total Polls.\n# TYPE polls_total counter\npolls_total 1\n';
    expect(await promtool(['check', 'metrics'], { stdin: good })).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    const bad = await promtool(['check', 'metrics'], { stdin: good.replaceAll('polls_total', 'polls') });
    expect(bad).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('"_total"') });
  });
});

describe.skipIf(missingServers(['docker-compose']).length > 0)('docker compose config', () => {
  test('it fills in the given variables, warns of the others, and refuses what is no compose file', async () => {
    await using scratch = await scratchDirectory();
    const file = join(scratch.path, 'docker-compose.yml');
    await writeFile(file, "services: { web: { image: 'nginx:$TAG', command: '$UNSET' } }\n");
    expect(await composeConfig({ file, env: { TAG: '1.2' } })).toMatchObject({
      status: 'valid',
      config: { services: { web: { image: 'nginx:1.2' } } },
      warnings: expect.stringContaining('UNSET'),
    });
    await writeFile(file, 'services: { web: { imago: nginx } }\n');
    expect(await composeConfig({ file, env: {} })).toMatchObject({
      status: 'invalid',
      message: expect.stringContaining('imago'),
    });
  });
});

describe.skipIf(missingServers(['telegraf']).length > 0)('Telegraf', () => {
  test('it has the plug-ins that the bench needs', async () => {
    const config = `[[outputs.influxdb_v2]]
urls = ["http://127.0.0.1:1"]
[[inputs.http]]
urls = ["http://127.0.0.1:1"]
data_format = "json_v2"
[[inputs.http.json_v2]]
`;
    await using scratch = await scratchDirectory();
    const file = join(scratch.path, 'telegraf.conf');
    await writeFile(file, config);
    const { exitCode, stderr } = await runProgram(requireServer('telegraf'), ['config', 'check', '--config', file]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  });
});

async function scratchDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'livetally-servers-'));
  return { path, [Symbol.asyncDispose]: async () => await rm(path, { recursive: true, force: true }) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
