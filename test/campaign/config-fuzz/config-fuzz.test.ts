import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { createDice } from '../dice.ts';
import { ConfigFolder } from './config-folder.ts';
import { type ConfigFiles, mainFile, secrets, valid } from './corpus.ts';
import { examine } from './examine.ts';
import { minimise } from './minimise.ts';
import { mutateConfig } from './mutate.ts';

const found = join(import.meta.dirname, '../../fixtures/config/fuzz');

function readFixture(name: string): ConfigFiles {
  const folder = join(found, name);
  const files = globSync('**/*', { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name: file }) => {
      const path = join(parentPath, file);
      return [path.slice(folder.length + 1), readFileSync(path)];
    }),
  );
}

describe('a configuration with mistakes that nobody thought of', () => {
  test('is refused with words, or accepted and can run', { timeout: 60_000 }, async () => {
    using folder = new ConfigFolder();
    const counts = { accepted: 0, refused: 0 };
    for (let seed = 1; seed <= 300; seed++) {
      const examined = await examine(mutateConfig(createDice(seed)), folder);
      if (examined.status === 'failed') throw new Error(`seed ${seed}: ${examined.reason}`);
      counts[examined.status]++;
    }
    expect(counts.accepted).toBeGreaterThan(20);
    expect(counts.refused).toBeGreaterThan(100);
  });

  test.each(existsSync(found) ? readdirSync(found) : [])('%s, found once, stays mended', async (name) => {
    using folder = new ConfigFolder();
    expect(await examine(readFixture(name), folder)).toMatchObject({
      status: expect.stringMatching(/accepted|refused/),
    });
  });

  test('is only what is not valid to begin with', async () => {
    using folder = new ConfigFolder();
    for (const files of valid) expect(await examine(files, folder)).toEqual({ status: 'accepted' });
  });
});

describe('the examination', () => {
  const [example = {}] = valid;
  const problem = { file: 'a.yaml', key: 'apps', message: 'is wrong' };

  test.each<[string, Parameters<typeof examine>[2]]>([
    ['an exception', () => Promise.reject(new TypeError('x is not a function'))],
    ['a refusal without a problem', async () => ({ status: 'refused', problems: [] })],
    ['a problem without words', async () => ({ status: 'refused', problems: [{ ...problem, message: ' ' }] })],
    ['a secret in a problem', async () => ({ status: 'refused', problems: [{ ...problem, remedy: secrets[1] }] })],
    ['an exception in words', async () => ({ status: 'refused', problems: [{ ...problem, message: 'TypeError: x' }] })],
    ['a configuration without a target', (options) => withConfig(options, { watchlist: [] })],
    ['an address that the command does not fit behind', (options) => withApp(options, { baseUrl: 'https://host/?' })],
    ['a token that no header can carry', (options) => withToken(options, 'token\u2028')],
    [
      'a path that no system takes',
      (options) => withConfig(options, { store: { path: 'a\0', keepMs: 1, maxSizeBytes: 1 } }),
    ],
  ])('finds %s', async (_, load) => {
    using folder = new ConfigFolder();
    expect(await examine(example, folder, load)).toMatchObject({ status: 'failed' });
  });

  test('keeps the smallest files that fail alike', async () => {
    const files = { [mainFile]: 'a: 1\nb: [x, crash, y]\nc: 3\n', 'rooms.csv': 'room\n' };
    const smallest = await minimise(files, async (candidate) => String(candidate[mainFile]).includes('crash'));
    expect(smallest).toEqual({ [mainFile]: 'crash' });
  });
});

type Options = Parameters<typeof loadConfig>[0];
type Loaded = Awaited<ReturnType<typeof loadConfig>>;
type Config = Extract<Loaded, { status: 'loaded' }>['config'];

async function withConfig(options: Options, change: Partial<Config>): Promise<Loaded> {
  const loaded = await loadConfig(options);
  return loaded.status === 'loaded' ? { ...loaded, config: { ...loaded.config, ...change } } : loaded;
}

async function withApp(options: Options, change: Partial<Config['apps'][number]>): Promise<Loaded> {
  const loaded = await loadConfig(options);
  if (loaded.status === 'refused') return loaded;
  return await withConfig(options, { apps: loaded.config.apps.map((app) => ({ ...app, ...change })) });
}

async function withToken(options: Options, token: string): Promise<Loaded> {
  const loaded = await loadConfig(options);
  if (loaded.status === 'refused' || loaded.config.influxdb?.kind !== 'v2') return loaded;
  return await withConfig(options, { influxdb: { ...loaded.config.influxdb, token } });
}
