import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { backUp } from '../../../src/store/backup.ts';
import { findDamage } from '../../../src/store/damage.ts';
import type { Journal } from '../../../src/store/journal.ts';
import { salvage } from '../../../src/store/salvage.ts';
import { StoreReader } from '../../../src/store/store-reader.ts';
import { commitRows, roomSeries, startMs, TemporaryStore } from './temporary-store.ts';

/** A store as `kill -9` leaves it, with a log. */
function killedStore(live: (journal: Journal) => void): TemporaryStore {
  const store = new TemporaryStore();
  using elsewhere = new TemporaryStore();
  using journal = elsewhere.open();
  live(journal);
  for (const end of ['', '-wal']) copyFileSync(`${elsewhere.path}${end}`, `${store.path}${end}`);
  return store;
}

const liveOn = (journal: Journal, roomId: string, count = 300, fromMs = startMs) =>
  commitRows(journal, roomSeries(roomId), { count, fromMs });

function countRows(store: TemporaryStore, path: string): unknown {
  return store.query('SELECT count(*) AS rows FROM room_stats', path)[0]?.['rows'];
}

/** Refused with these words by all that open it, which leaves both files as they are. */
async function expectRefused(store: TemporaryStore, words: string | RegExp): Promise<void> {
  const files = () =>
    ['', '-wal'].map((end) => (existsSync(store.path + end) ? readFileSync(store.path + end) : undefined));
  const before = files();
  expect(() => store.open()).toThrow(words);
  expect(() => new StoreReader(store.path)).toThrow();
  expect(() => findDamage(store.path)).not.toThrow();
  await expect(backUp(store.path, `${store.path}.copy`, () => {})).rejects.toThrow();
  expect(files()).toEqual(before);
}

describe('a log whose store is gone', () => {
  test.each(['missing', 'empty'])('is kept where that is %s, and all that it holds can be salvaged.', async (how) => {
    using store = killedStore((journal) => liveOn(journal, 'room-1'));
    if (how === 'missing') rmSync(store.path);
    else writeFileSync(store.path, '');

    await expectRefused(store, /store\.db is missing or empty, and its log \S+-wal is there: put the file back/);

    salvage(store.path, `${store.path}.saved`, startMs);
    expect(countRows(store, `${store.path}.saved`)).toBe(300);
    renameSync(`${store.path}-wal`, `${store.path}.log`);
    using journal = store.open();
    expect(journal.status().committed.room_stats).toBe(0);
  });

  test('and that holds only a part of it says so to salvage.', () => {
    using store = killedStore((journal) => liveOn(journal, 'room-1'));
    rmSync(store.path);
    const log = readFileSync(`${store.path}-wal`);
    // Nothing but the last page that was written.
    writeFileSync(`${store.path}-wal`, Buffer.concat([log.subarray(0, 32), log.subarray(-(24 + 4_096))]));

    expect(() => salvage(store.path, `${store.path}.saved`, startMs)).toThrow(/nothing of \S+ can be read/);
    expect(existsSync(`${store.path}.saved`)).toBe(false);
  });
});

describe('a log that is of another store', () => {
  const strange = /store\.db-wal is not the log of the store \S+store\.db, but of another one/;

  test('than the backup that took its place is refused, and without it the backup goes on.', async () => {
    using store = killedStore((journal) => liveOn(journal, 'room-1', 3_000));
    const copyPath = `${store.path}.backup`;
    await backUp(store.path, copyPath, () => {});
    const now = store.open();
    liveOn(now, 'room-1', 3_000, startMs + 10_000_000);
    const log = readFileSync(`${store.path}-wal`);
    now[Symbol.dispose]();
    writeFileSync(`${store.path}-wal`, log);
    copyFileSync(copyPath, store.path);

    await expectRefused(store, strange);

    salvage(store.path, `${store.path}.saved`, startMs);
    expect(countRows(store, `${store.path}.saved`)).toBe(3_000);
    rmSync(`${store.path}-wal`);
    using journal = store.open();
    expect(journal.status().committed.room_stats).toBe(3_000);
  });

  test('than the salvaged one that took its place is refused.', async () => {
    using store = killedStore((journal) => liveOn(journal, 'room-1'));
    salvage(store.path, `${store.path}.saved`, startMs);
    renameSync(`${store.path}.saved`, store.path);

    await expectRefused(store, strange);
  });

  test('with other runs is refused.', () => {
    using store = new TemporaryStore();
    using journal = store.open();
    liveOn(journal, 'room-1', 3_000);
    journal[Symbol.dispose]();
    const before = readFileSync(store.path);
    using other = new TemporaryStore();
    other.clock.setWall(startMs + 1);
    using open = other.open();
    liveOn(open, 'room-2');
    copyFileSync(`${other.path}-wal`, `${store.path}-wal`);

    expect(() => store.open()).toThrow(strange);
    expect(readFileSync(store.path)).toEqual(before);
  });

  test('than an older copy of the file is refused, where it goes on behind what that has.', () => {
    using store = new TemporaryStore();
    const first = store.open();
    liveOn(first, 'room-1', 3_000);
    first[Symbol.dispose]();
    const older = readFileSync(store.path);
    const second = store.open();
    liveOn(second, 'room-1', 3_000, startMs + 10_000_000);
    second[Symbol.dispose]();
    const third = store.open();
    liveOn(third, 'room-1', 300, startMs + 20_000_000);
    const log = readFileSync(`${store.path}-wal`);
    third[Symbol.dispose]();
    writeFileSync(store.path, older);
    writeFileSync(`${store.path}-wal`, log);

    expect(() => store.open()).toThrow(
      /page \d+ is neither in it nor in its log \S+-wal: one of them was cut, or they do not belong together/,
    );
    expect(readFileSync(store.path)).toEqual(older);
  });
});

test('A log in which the runs of its file were deleted is its log.', () => {
  using store = new TemporaryStore();
  const first = store.open();
  liveOn(first, 'room-1');
  first[Symbol.dispose]();
  const second = store.open();
  store.query('DELETE FROM run WHERE id = 1');
  const [file, log] = [readFileSync(store.path), readFileSync(`${store.path}-wal`)];
  second[Symbol.dispose]();
  writeFileSync(store.path, file);
  writeFileSync(`${store.path}-wal`, log);

  using journal = store.open();
  expect(journal.status().committed.room_stats).toBe(300);
  expect(store.query('SELECT id FROM run')).toEqual([{ id: 2 }, { id: 3 }]);
});
