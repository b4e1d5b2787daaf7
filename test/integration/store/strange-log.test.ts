import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { backUp } from '../../../src/store/backup.ts';
import { findDamage } from '../../../src/store/damage.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { markOf } from '../../../src/store/file-head.ts';
import type { Journal } from '../../../src/store/journal.ts';
import { reship } from '../../../src/store/reship.ts';
import { salvage } from '../../../src/store/salvage.ts';
import { applicationId } from '../../../src/store/schema.ts';
import { StoreReader } from '../../../src/store/store-reader.ts';
import { verifyStore } from '../verify/lived-store.ts';
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

const holder = { pid: 99, host: 'studio', command: 'livetally reship' };

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
  expect(() => new StoreReader(store.path)).toThrow(words);
  findDamage(store.path);
  await expect(backUp(store.path, `${store.path}.copy`, () => {})).rejects.toThrow(words);
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
  const strange =
    /store\.db is a copy that was not used yet, and the log \S+store\.db-wal is of the store that was there before/;

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

    expect(() => salvage(store.path, `${store.path}.saved`, startMs)).toThrow(strange);
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

  test('than the backup behind a symbolic link is refused by all who come by the link.', async () => {
    using store = killedStore((journal) => liveOn(journal, 'room-1'));
    const copyPath = `${store.path}.backup`;
    await backUp(store.path, copyPath, () => {});
    copyFileSync(copyPath, store.path);
    const link = `${store.folder}/link.db`;
    symlinkSync('store.db', link);
    const before = readFileSync(store.path);
    const reshipping = { holder, startedMs: startMs, sinks: [], time: { fromMs: 0, toMs: 1 }, onTornCommit: () => {} };

    expect(() => store.open({ path: link })).toThrow(strange);
    expect(() => new StoreReader(link)).toThrow(strange);
    expect(() => reship({ path: link, ...reshipping })).toThrow(strange);
    await expect(backUp(link, `${copyPath}-2`, () => {})).rejects.toThrow(strange);
    expect(readFileSync(store.path)).toEqual(before);

    rmSync(store.path);
    expect(() => store.open({ path: link })).toThrow(/is missing or empty/);
    expect(existsSync(`${store.path}-wal`)).toBe(true);
    rmSync(`${store.path}-wal`);
    using journal = store.open({ path: link });
    expect(() => reship({ path: link, ...reshipping })).toThrow('is in use by process 1234');
    expect(journal.status().committed.room_stats).toBe(0);
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

describe('a copy', () => {
  /** As a kill leaves it behind the first commit of its first use, with so many bytes of the log. */
  async function killedCopy(store: TemporaryStore, bytes: number): Promise<string> {
    using journal = store.open();
    liveOn(journal, 'room-1');
    const path = `${store.folder}/copy.db`;
    await backUp(store.path, path, () => {});
    const copy = readFileSync(path);
    const database = openDatabase(path, 0);
    database.exec(`PRAGMA application_id = ${applicationId}`);
    const log = readFileSync(`${path}-wal`);
    database.close();
    writeFileSync(path, copy);
    writeFileSync(`${path}-wal`, log.subarray(0, bytes));
    return path;
  }

  test.each([32, 1_000, 24 + 32 + 4_096])(
    'that was killed at byte %i of its first commit is read, and opened.',
    async (bytes) => {
      using store = new TemporaryStore();
      const path = await killedCopy(store, bytes);
      expect((await verifyStore(path, undefined)).samples).toBe(300);

      using journal = store.open({ path });

      expect(journal.status().committed.room_stats).toBe(300);
      expect(markOf(path)).toBe('store');
    },
  );

  test('is no copy any more as soon as it is in use, and its log is its own.', async () => {
    using store = new TemporaryStore();
    const path = await killedCopy(store, 0);
    expect(markOf(path)).toBe('copy');
    const journal = store.open({ path });
    liveOn(journal, 'room-1', 5, startMs + 10_000_000);
    const [file, log] = [readFileSync(path), readFileSync(`${path}-wal`)];
    journal[Symbol.dispose]();
    writeFileSync(path, file);
    writeFileSync(`${path}-wal`, log);

    using again = store.open({ path });

    expect(again.status().committed.room_stats).toBe(305);
  });

  test('is not begun to be used while somebody holds it as it is.', async () => {
    using store = new TemporaryStore();
    const path = await killedCopy(store, 24 + 32 + 4_096);
    using reader = openDatabase(path, 0);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM run').get();

    expect(() => store.open({ path })).toThrow(
      'is locked by another program; close what has it open, then start again',
    );

    reader.exec('COMMIT');
    using journal = store.open({ path });
    expect(journal.status().committed.room_stats).toBe(300);
  });
});
