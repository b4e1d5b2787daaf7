import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../../src/store/database.ts';
import { salvage } from '../../../src/store/salvage.ts';
import { inShort } from '../verify/in-short.ts';
import { Copy, hourMs, LivedStore, verifyStore } from '../verify/lived-store.ts';
import { startMs, TemporaryStore } from './temporary-store.ts';

const pageBytes = 4_096;

/** A closed store of some hours; nothing of it is in the log. */
function livedHours(): LivedStore {
  const lived = new LivedStore();
  lived.live(6 * hourMs);
  lived.ship();
  lived.reopen();
  return lived;
}

function spoil(path: string, at: number, bytes: number): void {
  const content = readFileSync(path);
  content.fill(0xa5, at, at + bytes);
  writeFileSync(path, content);
}

/** The pages of a table that hold rows, from the first to the last, and how many each has. */
function leavesOf(path: string, table: string): readonly { readonly page: number; readonly rows: number }[] {
  using database = openDatabase(path, 1_000);
  const pages = database
    .prepare("SELECT pageno, ncell FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path")
    .all(table);
  return pages.map(({ pageno, ncell }) => ({ page: Number(pageno), rows: Number(ncell) }));
}

describe('salvage', () => {
  test('copies a sound store as it is, and says so.', async () => {
    using lived = livedHours();
    using copy = new Copy(lived);
    const tables = salvage(copy.path, `${copy.path}.new`, startMs);
    expect(tables.find(({ table }) => table === 'room_stats')).toEqual({ table: 'room_stats', rows: 6 * 720, lost: 0 });
    expect(tables.every(({ lost = 0 }) => lost === 0)).toBe(true);
    expect(inShort(await verifyStore(`${copy.path}.new`, copy.database, { nowMs: lived.nowMs }))).toEqual([]);
  });

  test('loses the rows of a damaged page and no others, keeps the books right, and goes on.', async () => {
    using lived = livedHours();
    using copy = new Copy(lived);
    copy.change('PRAGMA wal_checkpoint(TRUNCATE)');
    const leaves = leavesOf(copy.path, 'room_stats');
    const [victim] = leaves.slice(20);
    if (victim === undefined) throw new Error('the table is too small');
    spoil(copy.path, (victim.page - 1) * pageBytes, pageBytes);
    const before = readFileSync(copy.path);

    const tables = salvage(copy.path, `${copy.path}.new`, startMs);

    expect(readFileSync(copy.path)).toEqual(before);
    const { rows = 0, lost = 0 } = tables.find(({ table }) => table === 'room_stats') ?? {};
    expect(rows + lost).toBe(6 * 720);
    expect(lost).toBe(victim.rows);
    expect(tables.filter((one) => one.table !== 'room_stats' && (one.lost ?? 0) > 0)).toEqual([]);
    expect(inShort(await verifyStore(`${copy.path}.new`, copy.database, { nowMs: lived.nowMs }))).toEqual([]);
  });

  test('keeps which rows were refused, of those that are left.', async () => {
    using lived = new LivedStore();
    lived.live(6 * hourMs);
    lived.ship(undefined, (table, id) => table === 'room_stats' && id > 100);
    lived.reopen();
    using copy = new Copy(lived);
    copy.change('DELETE FROM room_stats WHERE id > 1000 AND id <= 1010; PRAGMA wal_checkpoint(TRUNCATE)');

    salvage(copy.path, `${copy.path}.new`, startMs);

    using salvaged = openDatabase(`${copy.path}.new`, 1_000);
    const ranges = salvaged.prepare('SELECT from_id, to_id FROM rejected_range ORDER BY from_id').all();
    expect(ranges.map((range) => ({ ...range }))).toEqual([
      { from_id: 100, to_id: 1_000 },
      { from_id: 1_010, to_id: 6 * 720 },
    ]);
    expect(inShort(await verifyStore(`${copy.path}.new`, copy.database, { nowMs: lived.nowMs }))).toEqual([]);
  });

  test.each([0, 0.5])(
    'loses few rows to a key that seems to lie far behind its neighbours, %d into a page.',
    (part) => {
      using lived = livedHours();
      lived.store.query('PRAGMA wal_checkpoint(TRUNCATE)');
      using copy = new Copy(lived);
      const [victim] = leavesOf(copy.path, 'room_stats').slice(20);
      if (victim === undefined) throw new Error('the table is too small');
      const content = readFileSync(copy.path);
      const pageAt = (victim.page - 1) * pageBytes;
      const rowAt = pageAt + content.readUInt16BE(pageAt + 8 + 2 * Math.floor(part * victim.rows));
      // Behind the length of the row: the high bits of its id.
      content[rowAt + 1] = 0xa1;
      writeFileSync(copy.path, content);

      const tables = salvage(copy.path, `${copy.path}.new`, startMs);

      const { rows = 0, lost } = tables.find(({ table }) => table === 'room_stats') ?? {};
      expect(6 * 720 - rows).toBeLessThanOrEqual(victim.rows);
      expect(lost).toBe(6 * 720 - rows);
    },
  );

  test('reads a store whose head is gone.', async () => {
    using lived = livedHours();
    using copy = new Copy(lived);
    copy.change('PRAGMA wal_checkpoint(TRUNCATE)');
    spoil(copy.path, 0, pageBytes);
    salvage(copy.path, `${copy.path}.new`, startMs);
    expect(inShort(await verifyStore(`${copy.path}.new`, copy.database, { nowMs: lived.nowMs }))).toEqual([]);
  });

  test('never writes where something is, and makes nothing of what is no store.', () => {
    using store = new TemporaryStore();
    writeFileSync(store.path, 'a shopping list '.repeat(30_000));
    expect(() => salvage(store.path, store.path, startMs)).toThrow('is there already');
    expect(() => salvage(store.path, `${store.path}.new`, startMs)).toThrow(/nothing of .* can be read/);
    expect(() => salvage(`${store.path}.nowhere`, `${store.path}.new`, startMs)).toThrow('there is no file');
    expect(() => readFileSync(`${store.path}.new`)).toThrow('ENOENT');
    rmSync(store.path);
  });
});
