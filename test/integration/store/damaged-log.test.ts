import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { salvage } from '../../../src/store/salvage.ts';
import { commitRows, roomSeries, startMs, TemporaryStore } from './temporary-store.ts';

const frameBytes = 24 + 4_096;

/** A store as `kill -9` leaves it: ten commits are in its log. */
function killedStore(): TemporaryStore {
  const store = new TemporaryStore();
  using journal = new TemporaryStore();
  const open = journal.open();
  for (let commit = 0; commit < 10; commit++) {
    commitRows(open, roomSeries('room-1'), { count: 100, fromMs: startMs + commit * 1_000_000 });
  }
  for (const end of ['', '-wal']) copyFileSync(`${journal.path}${end}`, `${store.path}${end}`);
  open[Symbol.dispose]();
  return store;
}

function flip(path: string, at: number): void {
  const content = readFileSync(path);
  content[at] = (content[at] ?? 0) ^ 0x01;
  writeFileSync(path, content);
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

  test('that a crash has torn in its last commit opens without that, as SQLite means it.', () => {
    using store = killedStore();
    const { length } = readFileSync(`${store.path}-wal`);
    truncateSync(`${store.path}-wal`, length - 100);
    using journal = store.open();
    expect(journal.status().committed.room_stats).toBe(900);
  });
});
