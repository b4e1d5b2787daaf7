import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openForReading, readInteger } from '../../../src/store/database.ts';
import type { Journal } from '../../../src/store/journal.ts';
import { salvage } from '../../../src/store/salvage.ts';
import { examineLog, type TornCommit } from '../../../src/store/write-ahead-log.ts';
import { commitRows, roomSeries, startMs, TemporaryStore } from './temporary-store.ts';

const frameBytes = 24 + 4_096;

/** A store as `kill -9` leaves it: ten commits are in its log, and what is done at last. */
function killedStore(atLast: (journal: Journal) => void = () => {}): TemporaryStore {
  const store = new TemporaryStore();
  using journal = new TemporaryStore();
  const open = journal.open();
  for (let commit = 0; commit < 10; commit++) {
    commitRows(open, roomSeries('room-1'), { count: 100, fromMs: startMs + commit * 1_000_000 });
  }
  atLast(open);
  for (const end of ['', '-wal']) copyFileSync(`${journal.path}${end}`, `${store.path}${end}`);
  open[Symbol.dispose]();
  return store;
}

function flip(path: string, at: number): void {
  const content = readFileSync(path);
  content[at] = (content[at] ?? 0) ^ 0x01;
  writeFileSync(path, content);
}

/** Where the log has a page for the last time. */
function lastFrameOf(path: string, page: number): number {
  const log = readFileSync(`${path}-wal`);
  const frames = Array.from({ length: (log.length - 32) / frameBytes }, (_, index) => 32 + index * frameBytes);
  return frames.findLast((at) => log.readUInt32BE(at) === page) ?? 0;
}

describe('a damaged log', () => {
  test.each([
    ['its head', 17],
    ['the salt of a page', 32 + 30 * frameBytes + 9],
    ['a page', 32 + 30 * frameBytes + 2_000],
  ])('in %s stops the start with what would be lost, and stays as it is.', (_, at) => {
    using store = killedStore();
    flip(`${store.path}-wal`, at);
    const before = readFileSync(`${store.path}-wal`);

    expect(() => store.open()).toThrow(
      /is damaged; .*livetally salvage.*-wal from byte \d+ on, with \d+ commits that would be lost/,
    );

    expect(readFileSync(`${store.path}-wal`)).toEqual(before);
  });

  test.each([
    ['its head', 17],
    ['a page', 32 + 30 * frameBytes + 2_000],
  ])('in %s is salvaged with all commits behind the damage.', (_, at) => {
    using store = killedStore();
    flip(`${store.path}-wal`, at);

    const tables = salvage(store.path, `${store.path}.new`, startMs);

    const rows = tables.find(({ table }) => table === 'room_stats')?.rows ?? 0;
    expect(rows).toBeGreaterThan(900);
    using journal = store.open({ path: `${store.path}.new` });
    expect(journal.status().committed.room_stats).toBe(1_000);
  });

  test('that the disk does not give stops the start with what failed.', () => {
    using store = new TemporaryStore();
    store.open()[Symbol.dispose]();
    mkdirSync(`${store.path}-wal`);

    expect(() => store.open()).toThrow(
      /^the store \S+ could not be read: its log \S+-wal: EISDIR.*; check the disk and/,
    );
  });

  test.each([
    ['the head of the database', '1'],
    ['the ids that were given', "rootpage FROM sqlite_schema WHERE name = 'sqlite_sequence'"],
  ])('in the newest page of %s is salvaged with all rows, though older pages tell of fewer.', (_, page) => {
    using store = killedStore((journal) => journal.settle('influxdb', 'room_stats', { fromId: 0, toId: 10 }, []));
    using reader = openForReading(store.path);
    const number = readInteger(reader.prepare(`SELECT ${page}`)) ?? 0;
    reader.close();
    flip(`${store.path}-wal`, lastFrameOf(store.path, number) + 1_000);

    const tables = salvage(store.path, `${store.path}.new`, startMs);

    expect(tables.find(({ table }) => table === 'room_stats')).toEqual({ table: 'room_stats', rows: 1_000, lost: 0 });
  });

  test('that a crash has torn in its last commit opens without that, as SQLite means it.', () => {
    using store = killedStore();
    const { length } = readFileSync(`${store.path}-wal`);
    truncateSync(`${store.path}-wal`, length - 100);
    using journal = store.open();
    expect(journal.status().committed.room_stats).toBe(900);
  });

  test.each([
    ['its salts', 9],
    ['its count of pages', 5],
    ['its content', 2_000],
  ])('whose last page is damaged in %s opens with a word about the commit that is left out.', (_, at) => {
    using store = killedStore();
    const { length } = readFileSync(`${store.path}-wal`);
    flip(`${store.path}-wal`, length - frameBytes + at);
    const told: TornCommit[] = [];

    using journal = store.open({ onTornCommit: (torn) => told.push(torn) });

    expect(journal.status().committed.room_stats).toBe(900);
    expect(told).toEqual([{ pages: expect.any(Number), bytes: expect.any(Number) }]);
    expect(told[0]?.bytes).toBe((told[0]?.pages ?? 0) * frameBytes);
  });

  test.each([
    ['within a page', 100, frameBytes - 100],
    ['within the head of a page', frameBytes - 10, 10],
    ['within its own head', undefined, 20],
  ])('that is cut %s opens with a word about what is left out.', (_, fewer, left) => {
    using store = killedStore();
    const { length } = readFileSync(`${store.path}-wal`);
    truncateSync(`${store.path}-wal`, fewer === undefined ? left : length - fewer);
    const told: TornCommit[] = [];

    using _journal = store.open({ onTornCommit: (torn) => told.push(torn) });

    expect(told).toHaveLength(1);
    expect((told[0]?.bytes ?? 0) % frameBytes).toBe(left);
  });

  test('is told of once, and what is left of the torn commit does not look torn again.', () => {
    using store = killedStore();
    using copy = new TemporaryStore();
    const { length } = readFileSync(`${store.path}-wal`);
    truncateSync(`${store.path}-wal`, length - 100);
    using journal = store.open();
    journal.register([roomSeries('room-1')]);
    for (const end of ['', '-wal']) copyFileSync(`${store.path}${end}`, `${copy.path}${end}`);

    expect(examineLog(copy.path)).toEqual({ damage: undefined, torn: undefined });
  });

  test.each([0, 1, 2, 3])('that was begun anew %i times, over what it had, has nothing torn in it.', (times) => {
    using store = new TemporaryStore();
    const told: TornCommit[] = [];
    using journal = store.open();
    commitRows(journal, roomSeries('room-1'), { count: 20_000 });
    for (let time = 0; time < times; time++) {
      // What everything was read from, and put into the database, is written over by the next commit.
      store.query('PRAGMA wal_checkpoint(PASSIVE)');
      commitRows(journal, roomSeries('room-1'), { count: 10, fromMs: startMs + (time + 1) * 100_000_000 });
    }
    using copy = new TemporaryStore();
    for (const end of ['', '-wal']) copyFileSync(`${store.path}${end}`, `${copy.path}${end}`);

    using _ = copy.open({ onTornCommit: (torn) => told.push(torn) });

    expect(told).toEqual([]);
  });

  test('is gone after a clean stop, and with it every word about it.', () => {
    using store = killedStore();
    const told: TornCommit[] = [];
    for (let life = 0; life < 3; life++) {
      using journal = store.open({ onTornCommit: (torn) => told.push(torn) });
      commitRows(journal, roomSeries('room-1'), { count: 100, fromMs: startMs + (20 + life) * 1_000_000 });
    }
    expect(told).toEqual([]);
  });

  test('stays as it is where damage of the store beside it is found only while that is opened.', () => {
    using lived = new TemporaryStore();
    lived.open()[Symbol.dispose]();
    using journal = lived.open();
    commitRows(journal, roomSeries('room-1'), { count: 100 });
    const [table] = lived.query("SELECT rootpage FROM sqlite_schema WHERE name = 'sink_count'");
    using store = new TemporaryStore();
    for (const end of ['', '-wal']) copyFileSync(`${lived.path}${end}`, `${store.path}${end}`);
    const bytes = readFileSync(store.path);
    bytes.fill(0xff, (Number(table?.['rootpage']) - 1) * 4_096, Number(table?.['rootpage']) * 4_096);
    writeFileSync(store.path, bytes);
    const before = readFileSync(`${store.path}-wal`);

    expect(() => store.open()).toThrow(/is damaged; put a backup in its place/);

    expect(readFileSync(store.path).equals(bytes)).toBe(true);
    expect(readFileSync(`${store.path}-wal`).equals(before)).toBe(true);
  });
});
