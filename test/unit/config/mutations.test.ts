import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problem.ts';
import { readFakeCron } from './fake-cron.ts';
import { createFolder } from './temporary-folder.ts';

/** With its token in it, so that no other file is needed. */
const example = readFileSync(join(import.meta.dirname, '../../../config/livetally.example.yaml'), 'utf8').replace(
  /token_file: \S+/,
  `token: \${INFLUX_TOKEN}`,
);
const secrets = { LIVETALLY_SECRET_KEY: '5bd2850fff3ecb11d7c805251c51ee46', INFLUX_TOKEN: 'token-f3ecb11d7c805251c51' };
const inlined = Object.entries(secrets).reduce((text, [name, secret]) => text.replace(`\${${name}}`, secret), example);

/** Whatever is in the file, the answer is a configuration or a list of problems, and no secret is in it. */
async function expectAnAnswer(content: string | Uint8Array): Promise<void> {
  await using folder = await createFolder({ 'livetally.yaml': content });
  const loaded = await loadConfig({
    file: folder.path('livetally.yaml'),
    environment: secrets,
    readCron: readFakeCron,
  });
  if (loaded.status === 'loaded') return;
  expect(loaded.problems.length).toBeGreaterThan(0);
  const text = loaded.problems.map(formatProblem).join('\n');
  for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
}

type Step = string | number;

/** The paths of all values in a tree. */
function pathsOf(value: unknown, path: readonly Step[] = []): (readonly Step[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const children = Array.isArray(value) ? value.entries() : Object.entries(value);
  return [path, ...[...children].flatMap(([key, child]) => pathsOf(child, [...path, key]))];
}

/** The tree with another value, or none, at the path. */
function change(value: unknown, [step, ...rest]: readonly Step[], replacement: unknown): unknown {
  if (step === undefined) return replacement;
  if (typeof value !== 'object' || value === null) return value;
  const entries: [Step, unknown][] = [...(Array.isArray(value) ? value.entries() : Object.entries(value))];
  const changed = entries
    .map(([key, child]): [Step, unknown] => [key, key === step ? change(child, rest, replacement) : child])
    .filter(([, child]) => child !== undefined);
  return Array.isArray(value) ? changed.map(([, child]) => child) : Object.fromEntries(changed);
}

test.each([
  ['the example', example],
  ['the example with its secrets in it', inlined],
])('%s with values taken out or replaced by others gets an answer', async (_, text) => {
  const tree: unknown = parse(text);
  const paths = pathsOf(tree);
  const mutation = fc.tuple(
    fc.constantFrom(...paths),
    fc.oneof(
      fc.constant(undefined),
      fc.constantFrom(null, true, -1, 1e300, 0.5, '', ' ', '${', '$', '\u0000', '__proto__', [], {}, [[]]),
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom(...Object.keys(secrets).map((name) => `\${${name}}`)),
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
      const mutated = mutations.reduce<unknown>((value, [path, by]) => change(value, path, by), tree);
      await expectAnAnswer(stringify(mutated ?? null));
    }),
    { numRuns: 80 },
  );
});

test('the example with characters or lines taken out, doubled or replaced gets an answer', async () => {
  const edit = fc.record({
    at: fc.nat(example.length),
    length: fc.nat(40),
    by: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom('\n', '\t', ': ', '- ', '{', '[', '"', '&a ', '*a', '---\n'),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 5 }), async (edits) => {
      const text = edits.reduce(
        (before, { at, length, by }) => before.slice(0, at) + by + before.slice(at + length),
        example,
      );
      await expectAnAnswer(text);
    }),
    { numRuns: 120 },
  );
});

test('bytes without any meaning get an answer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => await expectAnAnswer(bytes)),
    { numRuns: 50 },
  );
});
