import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { composeConfig } from './servers/compose.ts';
import { missingServers } from './servers/locate.ts';

const root = join(import.meta.dirname, '../..');
const missing = missingServers(['docker-compose']);
const file = join(root, 'docker-compose.yml');

/** As far as it is looked at. */
const composed = z.object({
  services: z.record(
    z.string(),
    z.object({
      command: z.array(z.string()).nullish(),
      environment: z.record(z.string(), z.string()).optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
      volumes: z.array(z.object({ source: z.string(), target: z.string() })).optional(),
    }),
  ),
});

/** The names that `.env.example` sets, each with a value. */
function exampleEnvironment(): Readonly<Record<string, string>> {
  const lines = readFileSync(join(root, '.env.example'), 'utf8').split('\n');
  const names = lines.map((line) => /^([A-Z_]+)=/.exec(line)?.[1]).filter((name) => name !== undefined);
  return Object.fromEntries(names.map((name) => [name, 'some-value']));
}

describe.skipIf(missing.length > 0)('docker compose', () => {
  test('finds the file valid with the variables of .env.example, and every port on loopback only', async () => {
    const result = await composeConfig({ file, env: exampleEnvironment() });
    expect(result).toMatchObject({ status: 'valid', warnings: '' });
    const config = JSON.stringify(result);
    expect(config).not.toMatch(/"host_ip":"(?!127\.0\.0\.1)/);
    expect(config).toContain('influxdb:2.9.1');
  });

  test('runs setup first, and gives the tokens that it makes to livetally and Grafana, and the others to neither', async () => {
    const result = await composeConfig({ file, env: exampleEnvironment() });
    const { services } = composed.parse(result.status === 'valid' ? result.config : undefined);
    const after = { condition: 'service_completed_successfully' };
    expect(services['livetally']?.depends_on?.['setup']).toMatchObject(after);
    expect(services['grafana']?.depends_on?.['setup']).toMatchObject(after);
    for (const name of ['livetally', 'grafana']) {
      expect(services[name]?.volumes).toContainEqual(expect.objectContaining({ source: 'tokens', target: '/tokens' }));
      expect(Object.keys(services[name]?.environment ?? {}).join()).not.toContain('ADMIN_TOKEN');
    }
    expect(services['setup']?.command).toContain('--config=/config/some-value');
  });

  test('needs nothing but the passwords, the token and the key of .env', async () => {
    const { LIVETALLY_CONFIG: _, ...secrets } = exampleEnvironment();
    expect(Object.keys(secrets)).toHaveLength(4);
    expect(await composeConfig({ file, env: secrets })).toMatchObject({ status: 'valid', warnings: '' });
  });

  test('names a secret that is missing', async () => {
    const { LIVETALLY_SECRET_KEY: _, ...others } = exampleEnvironment();
    expect(await composeConfig({ file, env: others })).toMatchObject({
      status: 'invalid',
      message: expect.stringContaining('LIVETALLY_SECRET_KEY'),
    });
  });
});
