import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeOptions } from '../../../src/config/describe-options.ts';
import { placeholder } from '../../../src/config/values.ts';

const root = join(import.meta.dirname, '../../..');

test('the example tells editors where the schema is', () => {
  const [first] = readFileSync(join(root, 'config/livetally.example.yaml'), 'utf8').split('\n');
  expect(first).toBe('# yaml-language-server: $schema=./livetally.schema.json');
});

test('the placeholder that the check refuses is the one of .env.example', () => {
  const secrets = readFileSync(join(root, '.env.example'), 'utf8').match(/^LIVETALLY_SECRET_KEY=.*/gm);
  expect(secrets).toEqual([`LIVETALLY_SECRET_KEY=${placeholder}`]);
});

test('the table of options has every key once, with its limits and its default', () => {
  const rows = describeOptions().trimEnd().split('\n').slice(2);
  const keys = rows.map((row) => row.split('`')[1]);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toEqual(
    expect.arrayContaining(['apps.<name>.limits.rooms', 'watchlist[].room', 'watchlist[].file', 'store.keep']),
  );
  expect(rows).toContain(
    '| `store.keep` | duration from 1h to 3650d | `14d` | Age at which raw samples are deleted. |',
  );
  for (const row of rows) expect(row, row).toMatch(/^\| `[^`]+` \| [^|]+ \| [^|]* \| [A-Z`h].* \|$/);
});
