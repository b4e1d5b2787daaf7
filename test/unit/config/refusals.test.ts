import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problem.ts';
import { readFakeCron } from './fake-cron.ts';
import { createFolder } from './temporary-folder.ts';

const folder = join(import.meta.dirname, '../../fixtures/config/invalid');
const environment = { LIVETALLY_SECRET_KEY: 'the-secret-of-the-fixtures', EMPTY: '' };

/** What `livetally check` would print, without the folder. */
async function problemsOf(file: string): Promise<string> {
  const loaded = await loadConfig({ file, environment, readCron: readFakeCron });
  if (loaded.status === 'loaded') return 'nothing is wrong';
  return loaded.problems.map((problem) => `${formatProblem(problem).replaceAll(`${folder}/`, '')}\n`).join('');
}

// Each file holds the mistake that it is named after; the text beside it is what the operator reads.
test.each(globSync('*.yaml', { cwd: folder }).sort())('%s is refused in words that say what to mend', async (name) => {
  const file = join(folder, name);
  expect(await problemsOf(file)).toBe(readFileSync(file.replace(/yaml$/, 'txt'), 'utf8'));
});

test('a file that does not exist is a problem, not an exception', async () => {
  expect(await problemsOf(join(folder, 'no-such-file.yaml'))).toBe(
    'no-such-file.yaml: does not exist (copy config/livetally.example.yaml, or name yours with --config)\n',
  );
});

test('a directory is a problem, not an exception', async () => {
  expect(await problemsOf(folder)).toBe(`${folder}: is a directory, not a file\n`);
});

test('a value that holds itself through aliases ends in problems', async () => {
  await using files = await createFolder({
    'config.yaml': 'apps: &apps { main: *apps, other: *apps, note: "$$" }\nwatchlist: &list [*list, *list, *list]\n',
  });
  const loaded = await loadConfig({ file: files.path('config.yaml'), environment, readCron: readFakeCron });
  expect(loaded.status).toBe('refused');
});

test('nesting without end and aliases of aliases end in problems', async () => {
  const letters = [...'abcdefgh'];
  const bomb = letters.map((name, index) => {
    const inside = index === 0 ? '1' : Array.from({ length: 10 }, () => `*${letters[index - 1]}`).join(', ');
    return `${name}: &${name} [${inside}]`;
  });
  await using files = await createFolder({ 'deep.yaml': '['.repeat(20_000), 'bomb.yaml': bomb.join('\n') });
  expect(await problemsOf(files.path('deep.yaml'))).toContain('is nested too deeply');
  expect(await problemsOf(files.path('bomb.yaml'))).toContain('too many aliases');
});

test('tens of thousands of keys where a list belongs end in problems, as soon as those of a list do', async () => {
  const keys = Array.from({ length: 40_000 }, (_, index) => `room-${index}: x\n`);
  await using files = await createFolder({
    'rooms.yaml': keys.join(''),
    'config.yaml': 'apps: {}\nwatchlist: [{ file: rooms.yaml }]\n',
    'keys.yaml': keys.slice(0, 5_000).join(''),
  });
  expect(await problemsOf(files.path('config.yaml'))).toContain('must hold a list of entries');
  expect((await problemsOf(files.path('keys.yaml'))).match(/unknown key/g)?.length).toBe(5_000);
}, 20_000);
