import { expect, test } from 'vitest';
import { formatTable, isClean, runPart } from './campaign-part.ts';

const options = { seed: 1, count: undefined, log: () => {} };

test('a part that throws has a row that says so, and the campaign is not clean', async () => {
  const part = { name: 'sink', summary: '', run: () => Promise.reject(new Error('no server is installed')) };
  const rows = await runPart(part, options);
  expect(formatTable(rows)).toContain('| sink, all of it | not run to its end | 0 | 0 | 1 |');
  expect(rows.every(isClean)).toBe(false);
  expect(rows[0]?.findings).toEqual([expect.stringContaining('no server is installed')]);
});

test('a part that comes to its end has its own rows', async () => {
  const row = { test: 'kills', howMany: '3 kills', lost: 0, doubled: 0, wrong: 0, findings: [] };
  expect(await runPart({ name: 'kill', summary: '', run: async () => [row] }, options)).toEqual([row]);
});
