import { statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../../src/store/database.ts';
import type { Journal } from '../../../src/store/journal.ts';
import {
  commitRows,
  dayMs,
  emptyBatch,
  receiverSeries,
  roomSeries,
  roundAt,
  startMs,
  TemporaryStore,
  tidyUp,
} from './temporary-store.ts';

const hourMs = 60 * 60 * 1_000;
const nothingRejected = { rejected: [] };

describe('age', () => {
  test('Rows that are older than the newest by more than the age are deleted, to the row.', () => {
    using store = new TemporaryStore();
    using journal = store.open({ sinks: [], keepMs: dayMs });
    commitRows(journal, roomSeries('room-1'), { count: 48, stepMs: hourMs });

    tidyUp(journal);

    expect(dueHours(journal)).toEqual({ first: 23, last: 47 });
    expect(journal.status().committed.room_stats).toBe(48);
  });

  test('Rows that a sink waits for stay beyond their age until it has had them.', () => {
    using store = new TemporaryStore();
    using journal = store.open({ keepMs: dayMs });
    commitRows(journal, roomSeries('room-1'), { count: 72, stepMs: hourMs });
    journal.settle('influxdb', 'room_stats', { fromId: 10, toId: 20 }, nothingRejected);

    tidyUp(journal);
    expect(journal.waitingRanges('influxdb', 'room_stats')).toEqual([
      { fromId: 0, toId: 10 },
      { fromId: 20, toId: 72 },
    ]);
    expect(journal.readRows('room_stats', { fromId: 0, toId: 72 }, 100)).toHaveLength(62);

    journal.settle('influxdb', 'room_stats', { fromId: 0, toId: 72 }, nothingRejected);
    tidyUp(journal);
    expect(dueHours(journal)).toEqual({ first: 47, last: 71 });
    expect(rooms(journal)).toMatchObject({ delivered: 72, dropped: 0 });
  });

  test('A wall clock that jumps a year ahead deletes nothing.', () => {
    using store = new TemporaryStore();
    using journal = store.open({ sinks: [], keepMs: dayMs });
    commitRows(journal, roomSeries('room-1'), { count: 24, stepMs: hourMs });

    store.clock.setWall(startMs + 365 * dayMs);
    tidyUp(journal);

    expect(dueHours(journal)).toEqual({ first: 0, last: 23 });
  });

  test('A sink that is no longer configured holds nothing back, and finds the deleted rows dropped when it is back.', () => {
    using store = new TemporaryStore();
    using first = store.open({ keepMs: dayMs });
    commitRows(first, roomSeries('room-1'), { count: 72, stepMs: hourMs });
    first.settle('influxdb', 'room_stats', { fromId: 0, toId: 10 }, nothingRejected);
    first[Symbol.dispose]();
    using second = store.open({ keepMs: dayMs, sinks: [] });
    tidyUp(second);
    expect(dueHours(second).first).toBe(47);
    second[Symbol.dispose]();

    using third = store.open({ keepMs: dayMs });

    expect(rooms(third)).toMatchObject({ delivered: 10, dropped: 37, waiting: 25 });
    expect(store.query('SELECT day, row_count FROM dropped')).toEqual([
      { day: '2026-01-01', row_count: 14 },
      { day: '2026-01-02', row_count: 23 },
    ]);
  });

  test('To a sink that is added after rows were deleted, those are dropped and the others wait.', () => {
    using store = new TemporaryStore();
    using first = store.open({ keepMs: dayMs, sinks: [] });
    commitRows(first, roomSeries('room-1'), { count: 72, stepMs: hourMs });
    tidyUp(first);
    first[Symbol.dispose]();

    using second = store.open({ keepMs: dayMs });

    expect(rooms(second)).toMatchObject({ delivered: 0, dropped: 47, waiting: 25 });
  });
});

describe('size', () => {
  const budget = 8_000_000;

  test('While the size is exceeded, the oldest rows go, and the file does not grow for new ones.', () => {
    using store = new TemporaryStore();
    using journal = store.open({ sinks: [], maxSizeBytes: budget });
    fill(journal, 12);
    const { size } = statSync(store.path);
    fill(journal, 30);

    expect(journal.status().sizeBytes).toBeLessThanOrEqual(budget);
    expect(statSync(store.path).size).toBeLessThan(1.1 * size);
    const { first, last } = dueHours(journal);
    expect(last - first).toBeGreaterThan(0);
  });

  test('Delivered rows go before rows that a sink waits for, even when they are newer.', () => {
    using store = new TemporaryStore();
    using full = store.open();
    commitRows(full, roomSeries('room-1'), { count: 4_000 });
    full.settle('influxdb', 'room_stats', { fromId: 2_000, toId: 4_000 }, nothingRejected);
    full[Symbol.dispose]();

    using journal = store.open({ maxSizeBytes: 1 });
    journal.tidy();
    journal.tidy();

    expect(rooms(journal)).toMatchObject({ delivered: 2_000, waiting: 2_000, dropped: 0 });
    expect(journal.readRows('room_stats', { fromId: 0, toId: 4_000 }, 10_000)).toHaveLength(2_000);
  });

  test('When only waiting rows are left, the oldest of both tables are dropped and counted by their day.', () => {
    using store = new TemporaryStore();
    using full = store.open();
    commitRows(full, roomSeries('room-1'), { count: 1_500, fromMs: startMs + dayMs });
    commitRows(full, receiverSeries('room-1', 'anchor'), { count: 1_500, fromMs: startMs + dayMs - 1_000_000 });
    full[Symbol.dispose]();

    using journal = store.open({ maxSizeBytes: 1 });
    journal.tidy();
    expect(journal.status().sinks.map(({ dropped }) => dropped)).toEqual([0, 1_000]);
    tidyUp(journal);

    expect(journal.status().sinks.map(({ dropped, waiting }) => [dropped, waiting])).toEqual([
      [1_500, 0],
      [1_500, 0],
    ]);
    expect(store.query('SELECT endpoint, day, row_count FROM dropped')).toEqual([
      { endpoint: 'gift_count', day: '2026-01-01', row_count: 1_000 },
      { endpoint: 'gift_count', day: '2026-01-02', row_count: 500 },
      { endpoint: 'room_stats', day: '2026-01-02', row_count: 1_500 },
    ]);
  });

  test('A row that is dropped while it is on its way to the sink is counted as dropped, and only once.', () => {
    using store = new TemporaryStore();
    using full = store.open();
    commitRows(full, roomSeries('room-1'), { count: 1_500 });
    full[Symbol.dispose]();
    using journal = store.open({ maxSizeBytes: 1 });

    journal.tidy();
    journal.settle('influxdb', 'room_stats', { fromId: 0, toId: 1_500 }, { rejected: [{ id: 7, reason: 'too late' }] });

    expect(rooms(journal)).toMatchObject({ dropped: 1_000, delivered: 500, rejected: 0, waiting: 0 });
  });

  test('A file that is mostly free pages is given back to the file system.', () => {
    using store = new TemporaryStore();
    using full = store.open({ sinks: [] });
    fill(full, 20);
    full[Symbol.dispose]();
    const before = statSync(store.path).size;

    using journal = store.open({ sinks: [], keepMs: 1 });
    tidyUp(journal);
    journal[Symbol.dispose]();

    expect(before).toBeGreaterThan(8_000_000);
    expect(statSync(store.path).size).toBeLessThan(5_000_000);
  });

  /** About half a megabyte each time. */
  function fill(journal: Journal, times: number): void {
    for (let index = 0; index < times; index++) {
      const fromMs = startMs + index * hourMs;
      commitRows(journal, roomSeries('room-1'), { count: 5_000, fromMs, stepMs: 10 });
      commitRows(journal, receiverSeries('room-1', 'anchor'), { count: 5_000, fromMs, stepMs: 10 });
      tidyUp(journal);
    }
  }
});

describe('what belongs to no row any more', () => {
  test('Rooms of past shows are forgotten with their last row, those on the watchlist are kept however long they are gone.', () => {
    using store = new TemporaryStore();
    using first = store.open({ sinks: [], keepMs: 2 * dayMs });
    commitRows(first, roomSeries('show-1'), { count: 1 });
    commitRows(first, roomSeries('always-there'), { count: 1 });
    commitState(first, 'show-1');
    commitState(first, 'always-there');
    first[Symbol.dispose]();

    using second = store.open({ sinks: [], keepMs: 2 * dayMs });
    const [kept] = second.register([roomSeries('always-there')]);
    commitRows(second, roomSeries('show-2'), { count: 1, fromMs: startMs + 10 * dayMs });
    tidyUp(second);

    expect(store.query('SELECT room_id FROM target').map((row) => row['room_id'])).toEqual(['always-there', 'show-2']);
    expect(store.query('SELECT target_id, state FROM tally')).toEqual([{ target_id: kept?.targetId, state: 'known' }]);
    expect(store.query('SELECT count(*) AS runs FROM run')).toEqual([{ runs: 1 }]);
    expect(second.lastDueMs()).toBe(startMs + 10 * dayMs);
  });

  test('A series stays as long as one of its rows does.', () => {
    using store = new TemporaryStore();
    using first = store.open({ keepMs: dayMs });
    commitRows(first, roomSeries('show-1'), { count: 1 });
    first[Symbol.dispose]();

    using second = store.open({ keepMs: dayMs });
    commitRows(second, roomSeries('show-2'), { count: 1, fromMs: startMs + 10 * dayMs });
    tidyUp(second);

    const [row] = second.readRows('room_stats', { fromId: 0, toId: 2 }, 1);
    expect(second.seriesOf(row?.seriesId ?? 0)).toEqual(roomSeries('show-1'));
  });

  test('Rounds go with their rows; one that has not ended stays.', () => {
    using store = new TemporaryStore();
    using journal = store.open({ sinks: [], keepMs: dayMs });
    journal.commit({ ...emptyBatch, begun: [{ id: 1, round: roundAt('gift_count', startMs - 1), due: 1 }] });
    commitRows(journal, roomSeries('room-1'), { count: 1 });
    commitRows(journal, roomSeries('room-1'), { count: 1, fromMs: startMs + 10 * dayMs });

    tidyUp(journal);

    expect(store.query('SELECT start_ms FROM round ORDER BY start_ms').map((row) => row['start_ms'])).toEqual([
      startMs - 1,
      startMs + 10 * dayMs,
    ]);
  });

  test('Due instants are remembered when all rows are gone.', () => {
    using store = new TemporaryStore();
    using first = store.open({ sinks: [], maxSizeBytes: 1 });
    commitRows(first, roomSeries('room-1'), { count: 5 });
    tidyUp(first);
    expect(first.readRows('room_stats', { fromId: 0, toId: 5 }, 5)).toEqual([]);
    first[Symbol.dispose]();

    using second = store.open();

    expect(second.lastDueMs()).toBe(startMs + 4_000);
    commitRows(second, roomSeries('room-1'), { count: 1, fromMs: startMs + 5_000 });
    expect(second.readRows('room_stats', { fromId: 0, toId: 9 }, 5).map(({ id }) => id)).toEqual([6]);
  });

  function commitState(journal: Journal, roomId: string): void {
    const [registration] = journal.register([roomSeries(roomId)]);
    journal.commit({ ...emptyBatch, states: new Map([[registration?.targetId ?? 0, 'known']]) });
  }
});

describe('the WAL', () => {
  test('It stays short while it is written to, and is emptied once a reader that held it open for long has gone.', () => {
    using store = new TemporaryStore();
    using journal = store.open({ sinks: [], maxSizeBytes: 20_000_000 });
    const logBytes = () => statSync(`${store.path}-wal`).size;
    const targets = Array.from({ length: 20 }, (_, index) => roomSeries(`room-${index}`));
    const targetIds = journal.register(targets).map(({ targetId }) => targetId);
    const write = (megabytes: number) => {
      for (let index = 0; index < megabytes; index++) {
        const state = `${index}`.padEnd(50_000, `${index} `);
        journal.commit({ ...emptyBatch, states: new Map(targetIds.map((targetId) => [targetId, state])) });
      }
    };
    commitRows(journal, roomSeries('room-1'), { count: 1 });
    write(10);
    tidyUp(journal);
    expect(logBytes()).toBeLessThan(6_000_000);

    using reader = openDatabase(store.path, 0);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM run').get();
    write(25);
    expect(logBytes()).toBeGreaterThan(16 * 1024 * 1024);
    tidyUp(journal);
    expect(journal.readRows('room_stats', { fromId: 0, toId: 1 }, 1)).toHaveLength(1);

    reader.exec('COMMIT');
    tidyUp(journal);
    expect(logBytes()).toBeLessThan(6_000_000);
  });
});

function rooms(journal: Journal) {
  return journal.status().sinks.find(({ endpoint }) => endpoint === 'room_stats');
}

function dueHours(journal: Journal): { first: number; last: number } {
  const rows = journal.readRows('room_stats', { fromId: 0, toId: 1_000_000 }, 1_000_000);
  const hours = rows.map(({ sample }) => (sample.dueMs - startMs) / hourMs);
  return { first: hours[0] ?? Number.NaN, last: hours.at(-1) ?? Number.NaN };
}
