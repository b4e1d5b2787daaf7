import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { composeConfig } from './servers/compose.ts';
import { missingServers } from './servers/locate.ts';

const root = join(import.meta.dirname, '../..');
const missing = missingServers(['docker-compose']);
const file = join(root, 'docker-compose.yml');

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

  test('names a secret that is missing', async () => {
    const { LIVETALLY_SECRET_KEY: _, ...others } = exampleEnvironment();
    expect(await composeConfig({ file, env: others })).toMatchObject({
      status: 'invalid',
      message: expect.stringContaining('LIVETALLY_SECRET_KEY'),
    });
  });
});
