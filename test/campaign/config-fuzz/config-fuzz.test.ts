import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeOptions } from '../../../src/config/describe-options.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { createDice } from '../dice.ts';
import { ConfigFolder } from './config-folder.ts';
import { type ConfigFiles, mainFile, secrets, valid } from './corpus.ts';
import { examine } from './examine.ts';
import { runFuzzPool } from './fuzz-pool.ts';
import type { FuzzFailure } from './fuzz-worker.ts';
import { minimise } from './minimise.ts';
import { mutateConfig } from './mutate.ts';
import { keys } from './tokens.ts';

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

describe('the corpus', () => {
  const options = [...describeOptions().matchAll(/^\| `([^`]+)`/gm)].map(([, key = '']) => key);

  test('holds every key of the schema in a configuration that is valid', () => {
    const written = new Set(valid.flatMap((files) => keysOf(parse(String(files[mainFile])))));
    expect(options.filter((key) => !written.has(key))).toEqual([]);
  });

  test('can put every key of the schema into every place', () => {
    const names = new Set(options.flatMap((key) => key.split('.')).map((name) => name.replace('[]', '')));
    names.delete('<name>');
    expect([...names].filter((name) => keys.every((known) => known !== name))).toEqual([]);
  });
});

describe('the pool of workers', () => {
  const pool = { first: 7, count: 5, workers: 2, hangMs: 300, folder: 'nowhere' };
  const entryOf = (body: string) => {
    const board = new URL('./fuzz-board.ts', import.meta.url);
    const program = `import { workerData, parentPort } from 'node:worker_threads'; import { openBoard } from '${board}';
      const board = openBoard(workerData.memory);
      for (let at = board.take(workerData.worker); at < workerData.count; at = board.take(workerData.worker)) {
        if (at === 2) { ${body} }
        board.count('refused');
      }`;
    return new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  };
  const run = async (body: string) => {
    const failures: FuzzFailure[] = [];
    const failed = (failure: FuzzFailure) => void failures.push(failure);
    const board = await runFuzzPool({ ...pool, entry: entryOf(body), failed }, () => {});
    return { refused: board.counted('refused'), failures };
  };

  test('looks at each seed once', async () => {
    expect(await run('')).toEqual({ refused: 5, failures: [] });
  });

  test.each([
    ['hangs', 'for (;;);', /^not read within 0\.3 s/],
    ['dies', "throw new Error('no more')", /^ends its thread: Error: no more/],
  ])('says which seed it was when one %s, and goes on behind it', async (_, body, reason) => {
    expect(await run(body)).toEqual({
      refused: 4,
      failures: [{ seed: 9, reason: expect.stringMatching(reason) }],
    });
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

/** As the table of options writes them. */
function keysOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return [`${path}[]`, ...value.flatMap((item) => keysOf(item, `${path}[]`))];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const key = path === 'apps' ? 'apps.<name>' : path === '' ? name : `${path}.${name}`;
    return [key, ...keysOf(child, key)];
  });
}

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
