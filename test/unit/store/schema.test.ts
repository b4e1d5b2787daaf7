import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { counters } from '../../../src/model/measurement.ts';
import { endpoints } from '../../../src/model/target.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { migrations, sampleColumns } from '../../../src/store/schema.ts';

test('The tables of each version are those that stores out there have.', () => {
  // A difference here means a new entry in `migrations` and a new golden file, not a new text of the old ones.
  expect(migrations.map((sql, index) => [index + 1, sql])).toEqual([[1, readGolden('schema-1.sql')]]);
});

test('SQLite takes the schema as it is.', () => {
  using database = openDatabase(':memory:', 0);
  for (const sql of migrations) database.exec(sql);

  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");

  const names = tables.all().map((row) => row['name']);
  expect(names).toEqual([
    'run',
    'target',
    'series',
    'tally',
    ...endpoints,
    'schedule',
    'round',
    'settled',
    'sink_count',
    'dropped',
    'rejected',
  ]);
});

test('Each counter of an endpoint has a column for its total and one for its growth.', () => {
  for (const endpoint of endpoints) {
    const names = counters[endpoint].flatMap(({ total, delta }) => [total, delta]);
    expect(sampleColumns(endpoint)).toEqual(expect.arrayContaining(names));
    expect(sampleColumns(endpoint)).toHaveLength(names.length + 5);
  }
});

function readGolden(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}
