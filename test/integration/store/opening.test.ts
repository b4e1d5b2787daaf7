import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDatabase, readPragma } from '../../../src/store/database.ts';
import { openFile } from '../../../src/store/open-file.ts';
import { migrations } from '../../../src/store/schema.ts';
import { commitRows, rollUp, roomSeries, startMs, TemporaryStore } from './temporary-store.ts';

/** Beside a file that had so many pages before it was changed, none of which was changed so far. */
function journalOf(pages: number): Buffer {
  const journal = Buffer.alloc(512);
  Buffer.from('d9d505f920a163d7', 'hex').copy(journal);
  journal.writeUInt32BE(pages, 16);
  journal.writeUInt32BE(512, 20);
  journal.writeUInt32BE(4_096, 24);
  return journal;
}

describe('a file that is no store', () => {
  test('A text file is refused and stays as it is.', () => {
    using store = new TemporaryStore();
    const words = 'a shopping list, and certainly longer than the header of a database is: '.repeat(20);
    writeFileSync(store.path, words);

    expect(() => store.open()).toThrow(
      `${store.path} is no SQLite database; move it away, or set store.path to another`,
    );
    expect(readFileSync(store.path, 'utf8')).toBe(words);
  });

  test('The database of another program is refused and stays as it is.', () => {
    using store = new TemporaryStore();
    using other = openDatabase(store.path, 0);
    other.exec('CREATE TABLE dashboard (id INTEGER)');
    other.close();
    const before = readFileSync(store.path);

    expect(() => store.open()).toThrow('is the SQLite database of another program; set store.path to another file');
    expect(readFileSync(store.path)).toEqual(before);
  });

  test('A damaged store is refused with what can be done about it.', () => {
    using store = new TemporaryStore();
    using journal = store.open();
    commitRows(journal, roomSeries('room-1'), { count: 5_000 });
    journal[Symbol.dispose]();
    truncateSync(store.path, 8_192);

    expect(() => store.open()).toThrow(/is damaged; put a backup in its place/);
  });

  test('Damage that is found no sooner than when the run is noted is explained as well.', () => {
    using store = new TemporaryStore();
    store.open()[Symbol.dispose]();
    const [table] = store.query("SELECT rootpage FROM sqlite_schema WHERE name = 'run'");
    const bytes = readFileSync(store.path);
    const pageBytes = bytes.readUInt16BE(16);
    bytes.fill(0xff, (Number(table?.['rootpage']) - 1) * pageBytes, Number(table?.['rootpage']) * pageBytes);
    writeFileSync(store.path, bytes);

    expect(() => store.open()).toThrow(/is damaged; put a backup in its place/);
  });

  test('A folder is refused.', () => {
    using store = new TemporaryStore();
    mkdirSync(store.path);

    expect(() => store.open()).toThrow('cannot be used; check that it is a file, its rights and the free space');
  });

  test.each([0, 1])(
    'A store whose making was broken off, with %i pages of it to go back to, is made after all.',
    (pages) => {
      using store = new TemporaryStore();
      openFile(store.path, []).close();
      writeFileSync(`${store.path}-journal`, journalOf(pages));

      using made = store.open();

      expect(made.status().committed).toEqual({ room_stats: 0, gift_count: 0 });
    },
  );

  test('A journal that was left beside a store with rows, or with a log, is refused and changes nothing.', () => {
    using store = new TemporaryStore();
    using journal = store.open();
    commitRows(journal, roomSeries('room-1'), { count: 300 });
    for (const pages of [0, 1, statSync(store.path).size / 4_096]) {
      const path = join(store.folder, `copy-${pages}.db`);
      for (const end of ['', '-wal']) copyFileSync(`${store.path}${end}`, `${path}${end}`);
      writeFileSync(`${path}-journal`, journalOf(pages));
      const before = readFileSync(path);

      expect(() => store.open({ path })).toThrow(/the journal \S+-journal is not of the store \S+, but of a file/);

      expect(readFileSync(path)).toEqual(before);
      rmSync(`${path}-journal`);
      using opened = store.open({ path });
      expect(opened.status().committed.room_stats).toBe(300);
    }
  });

  test('The database of another program that a crash left in the middle of a change stays as it is.', () => {
    using store = new TemporaryStore();
    using other = openDatabase(store.path, 0);
    other.exec('CREATE TABLE dashboard (id INTEGER)');
    other.close();
    const journal = journalOf(2);
    writeFileSync(`${store.path}-journal`, journal);
    const before = readFileSync(store.path);

    expect(() => store.open()).toThrow();
    expect(readFileSync(store.path)).toEqual(before);
    expect(readFileSync(`${store.path}-journal`)).toEqual(journal);
  });

  test('An empty file becomes a store, and so does a path whose folder is missing.', () => {
    using store = new TemporaryStore();
    writeFileSync(store.path, '');
    using journal = store.open();
    using nested = store.open({ path: join(store.folder, 'data', 'live', 'store.db') });

    expect([journal.lastDueMs(), nested.lastDueMs()]).toEqual([undefined, undefined]);
  });
});

describe('versions', () => {
  const first = 'CREATE TABLE sample (id INTEGER PRIMARY KEY) STRICT; INSERT INTO sample VALUES (7);';
  const second = 'ALTER TABLE sample ADD COLUMN color TEXT;';
  const broken = 'CREATE TABLE extra (id INTEGER) STRICT; INSERT INTO missing VALUES (1);';

  test('An older store is brought up to date and keeps its rows.', () => {
    using store = new TemporaryStore();
    openFile(store.path, [first]).close();

    using database = openFile(store.path, [first, second]);

    expect(readPragma(database, 'user_version')).toBe(2);
    expect({ ...database.prepare('SELECT * FROM sample').get() }).toEqual({ id: 7, color: null });
  });

  test('A store of the first version keeps its samples and its accounts, and its samples are rolled up.', () => {
    using store = new TemporaryStore();
    using old = openFile(store.path, migrations.slice(0, 1));
    const point = {
      measurement: 'room_stats',
      tags: [['room_id', 'room-1']],
      fields: [['total_viewers', 1]],
      timeMs: 1,
    };
    old.exec(`
      INSERT INTO run (started_ms, last_due_ms) VALUES (${startMs}, ${startMs + 2_000});
      INSERT INTO target VALUES (1, 'room_stats', 'main', 'room-1', '');
      INSERT INTO series VALUES (1, 1, '{}', 1);
      INSERT INTO tally VALUES (1, 'known');
      INSERT INTO room_stats (series_id, due_ms, delay_ms, gap_ms, session_ms, total_viewers, viewers_delta)
        VALUES (1, ${startMs}, 120, NULL, ${startMs}, 5, NULL), (1, ${startMs + 1_000}, 130, 1000, ${startMs}, 7, 2),
          (1, ${startMs + 2_000}, 140, 1000, ${startMs}, 7, 0);
      INSERT INTO sink_count VALUES ('influxdb', 'room_stats', 1, 1), ('influxdb', 'gift_count', 0, 0);
      INSERT INTO settled VALUES ('influxdb', 'room_stats', 0, 2);
      INSERT INTO dropped VALUES ('influxdb', 'gift_count', '2025-12-31', 4);
      INSERT INTO rejected VALUES (1, 'influxdb', 'room_stats', 2, ${startMs}, 'conflict', '${JSON.stringify(point)}');
    `);
    old.close();

    using journal = store.open();

    const none = Array.from({ length: 5 }, () => undefined);
    const [, second] = journal.readRows('room_stats', { fromId: 0, toId: 3 }, 3);
    expect(second?.sample).toEqual({
      ...{ dueMs: startMs + 1_000, delayMs: 130, gapMs: 1_000, inGap: false, sessionMs: startMs },
      ...{ totals: [7, ...none], deltas: [2, ...none] },
    });
    expect(journal.waitingRanges('influxdb', 'room_stats')).toEqual([{ fromId: 2, toId: 3 }]);
    expect(journal.status().sinks).toMatchObject([
      { endpoint: 'room_stats', delivered: 1, rejected: 1, waiting: 1, dropped: 0 },
      { endpoint: 'gift_count', delivered: 0, rejected: 0, waiting: 0, dropped: 4 },
    ]);
    expect(journal.rejectedPoints(1)).toMatchObject([{ table: 'room_stats', rowId: 2, reason: 'conflict' }]);
    expect(journal.register([roomSeries('room-1')])).toMatchObject([{ seriesId: 1, state: 'known' }]);
    rollUp(journal, startMs + 5 * 60_000);
    const [window] = journal.readPoints('room_stats_5m', { fromId: 0, toId: 1 });
    expect(Object.fromEntries(window?.point.fields ?? [])).toMatchObject({
      samples: 3,
      viewers_delta: 2,
      covered_ms: 2_000,
    });
  });

  test('A store of the second version knows of the rows that were refused those that it lists.', () => {
    using store = new TemporaryStore();
    using old = openFile(store.path, migrations.slice(0, 2));
    const listed = (rowId: number) => `('influxdb', 'room_stats', ${rowId}, ${startMs}, 'conflict', '{}')`;
    old.exec(`
      INSERT INTO sqlite_sequence VALUES ('room_stats', 90);
      INSERT INTO sink_count VALUES ('influxdb', 'room_stats', 60, 30), ('influxdb', 'gift_count', 0, 0);
      INSERT INTO settled VALUES ('influxdb', 'room_stats', 0, 90);
      INSERT INTO rejected (sink, table_name, row_id, rejected_ms, reason, point)
        VALUES ${[20, 8, 7, 9, 88].map(listed).join(', ')};
    `);
    old.close();

    store.open()[Symbol.dispose]();

    expect(store.query('SELECT from_id, to_id FROM rejected_range ORDER BY from_id')).toEqual([
      { from_id: 6, to_id: 9 },
      { from_id: 19, to_id: 20 },
      { from_id: 87, to_id: 88 },
    ]);
    const count =
      'SELECT rejected, rejected_unlisted, rejected_deleted, unlisted_to_id FROM sink_count WHERE rejected > 0';
    expect(store.query(count)).toEqual([
      { rejected: 30, rejected_unlisted: 25, rejected_deleted: 0, unlisted_to_id: 90 },
    ]);
  });

  test('A step that fails leaves the version before it, and nothing of itself.', () => {
    using store = new TemporaryStore();
    openFile(store.path, [first]).close();

    expect(() => openFile(store.path, [first, second, broken])).toThrow('no such table: missing');

    using database = openFile(store.path, [first, second]);
    expect(readPragma(database, 'user_version')).toBe(2);
    expect(database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'extra'").get()).toBeUndefined();
  });

  test('A store of a newer livetally is refused and stays as it is.', () => {
    using store = new TemporaryStore();
    openFile(store.path, [first, second]).close();
    const before = readFileSync(store.path);

    expect(() => openFile(store.path, [first])).toThrow(
      'was written by a newer livetally: its version is 2, this program knows 1; run that livetally',
    );
    expect(readFileSync(store.path)).toEqual(before);
  });

  test('Pages that become free can be given back without copying the file.', () => {
    using store = new TemporaryStore();
    using database = openFile(store.path);
    const incremental = 2;
    const extra = 3;

    expect(readPragma(database, 'auto_vacuum')).toBe(incremental);
    expect(readPragma(database, 'synchronous')).toBe(extra);
  });
});

describe('one process at a time', () => {
  test('A second opener is told which process has the store, and can open it once that has closed it.', () => {
    using store = new TemporaryStore();
    using first = store.open();

    expect(() => store.open({ holder: { pid: 99, host: 'studio', command: 'livetally report' } })).toThrow(
      `the store ${store.path} is in use by process 1234 on studio (livetally run, since 2026-01-01T00:00:00.000Z); stop it first`,
    );

    first[Symbol.dispose]();
    using second = store.open();
    expect(second.lastDueMs()).toBeUndefined();
  });

  test('It is the same store under another name.', () => {
    using store = new TemporaryStore();
    using journal = store.open();
    const alias = join(store.folder, 'alias.db');
    symlinkSync(store.path, alias);

    expect(() => store.open({ path: alias })).toThrow('is in use by process 1234');
    expect(journal.lastDueMs()).toBeUndefined();
  });

  test('A store that cannot be opened is not locked afterwards.', () => {
    using store = new TemporaryStore();
    writeFileSync(store.path, 'no database'.repeat(100));
    expect(() => store.open()).toThrow('is no SQLite database');
    writeFileSync(store.path, '');

    using journal = store.open();

    expect(journal.lastDueMs()).toBeUndefined();
  });
});
