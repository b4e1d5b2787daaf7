import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { counters } from '../../../src/model/measurement.ts';
import { endpoints } from '../../../src/model/target.ts';
import { tiers } from '../../../src/model/window.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { migrations } from '../../../src/store/schema.ts';

test('The tables of each version are those that stores out there have.', () => {
  // A difference here means a new entry in `migrations` and a new golden file, not a new text of the old ones.
  expect(migrations).toEqual([readGolden('schema-1.sql'), readGolden('schema-2.sql'), readGolden('schema-3.sql')]);
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
    ...endpoints.flatMap((endpoint) => [...tiers, 'session'].map((kind) => `${endpoint}_${kind}`)),
    'open_windows',
    'open_session',
    'rejected_range',
  ]);
});

test('Each counter of an endpoint has a column for each of its figures: in samples, windows and sessions.', () => {
  using database = openDatabase(':memory:', 0);
  for (const sql of migrations) database.exec(sql);
  const columnsOf = (table: string) =>
    database
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map((row) => row['name']);

  for (const endpoint of endpoints) {
    for (const { total, delta, gapDelta, peak, opening } of counters[endpoint]) {
      expect(columnsOf(endpoint)).toEqual(expect.arrayContaining([total, delta]));
      expect(columnsOf(`${endpoint}_1mo`)).toEqual(expect.arrayContaining([total, delta, gapDelta, peak]));
      expect(columnsOf(`${endpoint}_session`)).toEqual(expect.arrayContaining([total, opening, peak]));
    }
  }
});

function readGolden(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}
