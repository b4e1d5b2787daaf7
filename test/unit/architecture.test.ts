import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** Which other folders of `src/` (or files at its top) each may import. What is not listed may import nothing but itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['commands', 'system-clock.ts'],
  'collector.ts': [
    'config',
    'health.ts',
    'model',
    'plans.ts',
    'sign-of-life.ts',
    'stages.ts',
    'storage-connection.ts',
    'storage.ts',
    'store-gauges.ts',
    'telemetry',
  ],
  'stages.ts': ['bookkeeping.ts', 'config', 'health.ts', 'model', 'plans.ts', 'poll', 'store'],
  'sign-of-life.ts': ['config', 'model', 'storage.ts', 'telemetry'],
  'config-thread.ts': ['config', 'poll'],
  'store-gauges.ts': ['model', 'telemetry'],
  'bookkeeping.ts': ['model', 'poll', 'store', 'tally'],
  'health.ts': ['model', 'poll', 'storage-health.ts', 'tally', 'telemetry'],
  'storage-health.ts': ['model', 'storage.ts', 'telemetry'],
  'plans.ts': ['config', 'health.ts', 'model', 'poll', 'tencent'],
  'storage-connection.ts': ['model', 'storage.ts', 'store'],
  'storage-thread.ts': ['storage.ts', 'system-clock.ts'],
  'storage.ts': ['config', 'model', 'roll-up', 'shipping.ts', 'sink', 'store'],
  'shipping.ts': ['config', 'model', 'sink'],
  'system-clock.ts': ['model'],
  commands: [
    'collector.ts',
    'config',
    'grafana',
    'model',
    'poll',
    'recall',
    'roll-up',
    'setup',
    'shipping.ts',
    'simulator',
    'sink',
    'storage.ts',
    'store',
    'telemetry',
    'tencent',
    'verify',
  ],
  config: ['model'],
  tencent: ['model'],
  poll: ['model'],
  tally: ['model'],
  'roll-up': ['model'],
  recall: ['model', 'store', 'tally'],
  store: ['model'],
  setup: ['model', 'sink'],
  sink: ['model'],
  telemetry: ['model'],
  simulator: ['model'],
  verify: ['model'],
  model: [],
};

/** The one place that knows each library. */
const libraryOwners: Readonly<Record<string, string | readonly string[]>> = {
  // The second needs the first's transport.
  '@influxdata/influxdb-client': ['sink/influxdb.ts', 'sink/influxdb-lines.ts', 'setup/influxdb-api.ts'],
  '@influxdata/influxdb-client-apis': 'setup/influxdb-api.ts',
  'csv-parse': 'config/csv-reader.ts',
  ky: 'tencent/http.ts',
  'node-cron': 'poll/cron.ts',
  'node:sqlite': 'store/database.ts',
  'p-queue': 'poll/rate-limiter.ts',
  pino: 'telemetry/log.ts',
  'pino-pretty': 'telemetry/log.ts',
  'prom-client': 'telemetry/metrics.ts',
  'temporal-polyfill': 'roll-up/calendar.ts',
  'tls-sig-api-v2': 'tencent/user-sig.ts',
  undici: 'tencent/connection-pool.ts',
  yaml: 'config/yaml-reader.ts',
  zod: '',
};

/** What only the named file may read: the process, time and chance. */
const globalOwners: readonly { readonly pattern: RegExp; readonly owners: readonly string[] }[] = [
  { pattern: /\bprocess\.|node:process/, owners: ['main.ts', 'storage-thread.ts'] },
  {
    pattern: /\bDate\.now\(|new Date\(\)|\bperformance\.now\(|\bMath\.random\(|\brandomInt\(/,
    owners: ['system-clock.ts'],
  },
  {
    pattern: /(?<!\.)\bset(Timeout|Interval|Immediate)\(|AbortSignal\.timeout/,
    owners: ['system-clock.ts', 'main.ts'],
  },
];

type Source = { readonly path: string; readonly text: string; readonly imports: readonly string[] };

async function readSources(): Promise<readonly Source[]> {
  const sources: Source[] = [];
  for await (const path of glob('**/*.ts', { cwd: join(root, 'src') })) {
    const text = readFileSync(join(root, 'src', path), 'utf8');
    const imports = [...text.matchAll(/(?:^(?:import|export)\b[^';]*?\bfrom |^import |\bimport\()'([^']+)'/gm)].map(
      (match) => match[1] ?? '',
    );
    sources.push({ path, text, imports });
  }
  return sources.sort((a, b) => a.path.localeCompare(b.path));
}

const sources = await readSources();
/** The first folder; `grafana` for what lies beside `src/`. */
const roomOf = (path: string) => path.split('/').find((part) => part !== '..') ?? path;

/** Code without comments and string contents, good enough to look for words in it. */
function codeOf(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replaceAll(/`(?:[^`\\]|\\.)*`/g, '``');
}

describe('the architecture', () => {
  test('there are sources to look at', () => {
    expect(sources.length).toBeGreaterThan(30);
  });

  test.each(sources.map((source) => [source.path, source] as const))(
    '%s imports only what its folder may',
    (_, source) => {
      const room = roomOf(source.path);
      for (const specifier of source.imports.filter((name) => name.startsWith('.') && name.endsWith('.ts'))) {
        const target = roomOf(normalize(join(dirname(source.path), specifier)));
        if (target !== room) expect(mayImport[room] ?? [], `${source.path} imports ${specifier}`).toContain(target);
      }
    },
  );

  test('each library is known to its owner alone', () => {
    for (const { path, imports } of sources) {
      for (const specifier of imports) {
        const library = Object.keys(libraryOwners).find(
          (name) => specifier === name || specifier.startsWith(`${name}/`),
        );
        if (library !== undefined)
          expect(
            [libraryOwners[library] ?? ''].flat().some((owner) => path.startsWith(owner)),
            `${path} imports ${specifier}`,
          ).toBe(true);
        else expect(specifier, `${path}: give the library an owner in the table`).toMatch(/^\.|^node:/);
      }
    }
  });

  test.each(globalOwners)('only $owners use $pattern', ({ pattern, owners }) => {
    for (const { path, text } of sources) {
      if (!owners.includes(path)) expect(codeOf(text), path).not.toMatch(pattern);
    }
  });

  test('no type is asserted, only checked', () => {
    for (const { path, text } of sources) {
      const assertions = codeOf(text)
        .split('\n')
        .filter(
          (line) => /\sas\s(?!const\b)/.test(line) && !/^\s*(import|export)\b|^\s*(type )?[\w]+ as [\w]+,?$/.test(line),
        );
      expect(assertions, path).toEqual([]);
    }
  });

  test('files stay small: none above 250 lines, the median below 100', () => {
    const lengths = sources.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
    expect(lengths.filter(({ lines }) => lines > 250)).toEqual([]);
    const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)] ?? 0).toBeLessThan(100);
  });

  test('file names are not drawers for anything', () => {
    for (const { path } of sources)
      expect(path).not.toMatch(/(^|\/)(utils?|helpers?|common|misc|types|index|manager|handler)\.ts$/);
  });
});
