import { statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Series } from '../../../src/model/target.ts';
import { emptyBatch } from '../../../src/store/batch.ts';
import { openDatabase } from '../../../src/store/database.ts';
import type { Journal } from '../../../src/store/journal.ts';
import {
  commitRows,
  commitSamples,
  dayMs,
  forever,
  hourMs,
  receiverSeries,
  rollUp,
  roomSeries,
  roundAt,
  sampleAt,
  startMs,
  TemporaryStore,
  tidyUp,
} from './temporary-store.ts';

const nothingRejected = [] as const;

describe('age', () => {
  test('Rows that are older than the newest by more than the age are deleted, to the row.', () => {
    using store = new TemporaryStore();
    using journal = store.open({ sinks: [], keepMs: dayMs });
    commitRolledUp(journal, roomSeries('room-1'), { count: 48, stepMs: hourMs });

    tidyUp(journal);

    expect(dueHours(journal)).toEqual({ first: 23, last: 47 });
    expect(journal.status().committed.room_stats).toBe(48);
  });

  test('Rows that a sink waits for stay beyond their age until it has had them.', () => {
    using store = new TemporaryStore();
    using journal = store.open({ keepMs: dayMs });
    commitRolledUp(journal, roomSeries('room-1'), { count: 72, stepMs: hourMs });
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

  test('Rows stay beyond their age until they are rolled up.', () => {
    using store = new TemporaryStore();
    using journal = store.open({ sinks: [], keepMs: dayMs });
    commitRows(journal, roomSeries('room-1'), { count: 48, stepMs: hourMs });

    tidyUp(journal);
    expect(dueHours(journal)).toEqual({ first: 0, last: 47 });

    rollUp(journal, startMs);
    tidyUp(journal);
    expect(dueHours(journal)).toEqual({ first: 23, last: 47 });
  });

  test('Windows are deleted by the age of their end, each tier for itself; sessions go with the days.', () => {
    using store = new TemporaryStore();
    const keepTiersMs = { '5m': dayMs, '1h': 2 * dayMs, '1d': 3 * dayMs, '1mo': forever };
    using journal = store.open({ sinks: [], keepMs: 100 * dayMs, keepTiersMs });
    // A show of an hour each day, for a hundred days.
    for (let day = 0; day < 100; day++) {
      const sessionMs = startMs + day * dayMs;
      const samples = Array.from({ length: 60 }, (_, minute) => sampleAt(sessionMs + minute * 60_000, { sessionMs }));
      commitSamples(journal, roomSeries('room-1'), samples);
    }

    rollUp(journal, startMs + 101 * dayMs);
    tidyUp(journal);

    const ends = (table: string) =>
      store.query(`SELECT end_ms FROM ${table} ORDER BY id`).map((row) => Number(row['end_ms']));
    const oldest = (table: string) => Math.min(...ends(table));
    // Age is counted from a day after the round of the day before, which began at 0:00.
    expect(ends('room_stats_5m')).toHaveLength(24);
    expect(oldest('room_stats_5m')).toBe(startMs + 98 * dayMs + 5 * 60_000);
    expect(ends('room_stats_1h')).toEqual([97, 98, 99].map((day) => startMs + day * dayMs + hourMs));
    expect(ends('room_stats_1d')).toEqual([96, 97, 98, 99, 100].map((day) => startMs + day * dayMs));
    expect(ends('room_stats_session')).toEqual([96, 97, 98, 99].map((day) => startMs + day * dayMs + 59 * 60_000));
    expect(ends('room_stats_1mo')).toHaveLength(3);
  });

  test('A wall clock that jumps a year ahead deletes nothing.', () => {
    using store = new TemporaryStore();
    using journal = store.open({ sinks: [], keepMs: dayMs });
    commitRows(journal, roomSeries('room-1'), { count: 24, stepMs: hourMs });

    store.clock.setWall(startMs + 365 * dayMs);
    tidyUp(journal);

    expect(dueHours(journal)).toEqual({ first: 0, last: 23 });
  });

  test('Due instants that leap ten years ahead make nothing old until they have gone on for a day.', () => {
    using store = new TemporaryStore();
    using journal = store.open({ sinks: [], keepMs: 4 * dayMs });
    const room = roomSeries('room-1');
    commitRolledUp(journal, room, { count: 96, stepMs: hourMs });
    const thenMs = startMs + 3_650 * dayMs;
    const goOnUntil = (hour: number) => {
      const first = journal.status().committed.room_stats - 96;
      const instants = Array.from({ length: hour - first }, (_, index) => thenMs + (first + index) * hourMs);
      commitSamples(
        journal,
        room,
        instants.map((dueMs) => sampleAt(dueMs)),
      );
      rollUp(journal, thenMs + hour * hourMs);
      tidyUp(journal);
    };

    goOnUntil(1);
    // What would have been too old a day later, had nothing leapt.
    expect(dueHours(journal).first).toBe(23);
    goOnUntil(24);
    expect(dueHours(journal).first).toBe(23);
    goOnUntil(26);
    expect(dueHours(journal).first).toBe(3_650 * 24);
  });

  test('Nor do starts in a wrong year, one after the other, each with a round that was under way.', () => {
    using store = new TemporaryStore();
    const options = { sinks: [], keepMs: 4 * dayMs };
    const room = roomSeries('room-1');
    using first = store.open(options);
    commitRolledUp(first, room, { count: 96, stepMs: hourMs });
    first[Symbol.dispose]();

    for (const start of [0, 1, 2]) {
      const beganMs = startMs + 3_650 * dayMs + start * hourMs;
      store.clock.setWall(beganMs);
      using journal = store.open(options);
      const roundId = journal.nextRoundId();
      const underWay = { id: roundId, round: roundAt('room_stats', beganMs - 3 * dayMs - start), due: 1 };
      journal.commit({ ...emptyBatch, begun: [underWay], ended: [roundId] });
      commitRolledUp(journal, room, { count: 1, fromMs: beganMs + 1_000 });
      tidyUp(journal);
      expect(dueHours(journal).first).toBe(23);
    }
  });

  test('A sink that is no longer configured holds nothing back, and finds the deleted rows dropped when it is back.', () => {
    using store = new TemporaryStore();
    using first = store.open({ keepMs: dayMs });
    commitRolledUp(first, roomSeries('room-1'), { count: 72, stepMs: hourMs });
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
    commitRolledUp(first, roomSeries('room-1'), { count: 72, stepMs: hourMs });
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
    commitRolledUp(full, roomSeries('room-1'), { count: 4_000 });
    full.settle('influxdb', 'room_stats', { fromId: 2_000, toId: 4_000 }, nothingRejected);
    full[Symbol.dispose]();

    using journal = store.open({ maxSizeBytes: 1 });
    journal.tidy();
    journal.tidy();

    expect(rooms(journal)).toMatchObject({ delivered: 2_000, waiting: 2_000, dropped: 0 });
    expect(journal.readRows('room_stats', { fromId: 0, toId: 4_000 }, 10_000)).toHaveLength(2_000);
  });

  test('Room is made of rows that nobody waits for, and of no others.', () => {
    using store = new TemporaryStore();
    using full = store.open();
    commitRolledUp(full, roomSeries('room-1'), { count: 4_000 });
    full.settle('influxdb', 'room_stats', { fromId: 0, toId: 2_500 }, nothingRejected);
    full[Symbol.dispose]();
    using ample = store.open();
    expect(ample.makeRoom()).toBe(false);
    ample[Symbol.dispose]();

    using journal = store.open({ maxSizeBytes: 1 });
    while (journal.makeRoom());

    expect(rooms(journal)).toMatchObject({ waiting: 1_500, dropped: 0 });
    expect(journal.readRows('room_stats', { fromId: 0, toId: 4_000 }, 10_000)).toHaveLength(1_500);
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
    expect(journal.status().rollUp.map(({ dropped }) => dropped)).toEqual([0, 1_000]);
    tidyUp(journal);

    expect(journal.status().sinks.map(({ dropped, waiting }) => [dropped, waiting])).toEqual([
      [1_500, 0],
      [1_500, 0],
    ]);
    expect(store.query("SELECT table_name, day, row_count FROM dropped WHERE sink = 'influxdb'")).toEqual([
      { table_name: 'gift_count', day: '2026-01-01', row_count: 1_000 },
      { table_name: 'gift_count', day: '2026-01-02', row_count: 500 },
      { table_name: 'room_stats', day: '2026-01-02', row_count: 1_500 },
    ]);
  });

  test('Samples go before windows, and of those the finest first.', () => {
    using store = new TemporaryStore();
    using full = store.open({ sinks: [] });
    commitRolledUp(full, roomSeries('room-1'), { count: 1_500, stepMs: hourMs });
    rollUp(full, startMs + 365 * dayMs);
    full[Symbol.dispose]();
    const count = (table: string) => Number(store.query(`SELECT count(*) AS rows FROM ${table}`)[0]?.['rows']);
    const kinds = ['', '_5m', '_1h', '_1d', '_1mo', '_session'];
    const counts = () => kinds.map((kind) => count(`room_stats${kind}`));
    expect(counts()).toEqual([1_500, 1_500, 1_500, 63, 3, 1]);

    using journal = store.open({ sinks: [], maxSizeBytes: 1, keepMs: forever });
    const seen = [counts()];
    while (journal.tidy()) {
      if (String(counts()) !== String(seen.at(-1))) seen.push(counts());
    }

    expect(seen.slice(1)).toEqual([
      [500, 1_500, 1_500, 63, 3, 1],
      [0, 1_500, 1_500, 63, 3, 1],
      [0, 500, 1_500, 63, 3, 1],
      [0, 0, 1_500, 63, 3, 1],
      [0, 0, 500, 63, 3, 1],
      [0, 0, 0, 63, 3, 1],
      [0, 0, 0, 0, 3, 1],
      [0, 0, 0, 0, 0, 1],
      [0, 0, 0, 0, 0, 0],
    ]);
  });

  test('Samples that a sink waits for stay when there are windows that nobody waits for.', () => {
    using store = new TemporaryStore();
    using full = store.open();
    commitRolledUp(full, roomSeries('room-1'), { count: 1_500, stepMs: hourMs });
    full[Symbol.dispose]();

    using journal = store.open({ maxSizeBytes: 1 });
    journal.tidy();
    journal.tidy();

    expect(rooms(journal)).toMatchObject({ waiting: 1_500, dropped: 0 });
    expect(store.query('SELECT count(*) AS rows FROM room_stats_5m')).toEqual([{ rows: 0 }]);
  });

  test('A row that is dropped while it is on its way to the sink is counted as dropped, and only once.', () => {
    using store = new TemporaryStore();
    using full = store.open();
    commitRows(full, roomSeries('room-1'), { count: 1_500 });
    full[Symbol.dispose]();
    using journal = store.open({ maxSizeBytes: 1 });

    journal.tidy();
    journal.settle('influxdb', 'room_stats', { fromId: 0, toId: 1_500 }, [{ id: 7, reason: 'too late' }]);

    expect(rooms(journal)).toMatchObject({ dropped: 1_000, delivered: 500, rejected: 0, waiting: 0 });
  });

  test('Which rows were refused is known as long as they are kept, and after that how many they were.', () => {
    using store = new TemporaryStore();
    using full = store.open();
    commitRows(full, roomSeries('room-1'), { count: 1_500 });
    const refused = [7, 8, 1_000, 1_001].map((id) => ({ id, reason: 'conflict' }));
    full.settle('influxdb', 'room_stats', { fromId: 0, toId: 1_500 }, refused);
    full[Symbol.dispose]();
    using journal = store.open({ maxSizeBytes: 1 });

    journal.tidy();

    expect(rooms(journal)).toMatchObject({ dropped: 0, delivered: 1_496, rejected: 4, waiting: 0 });
    expect(store.query('SELECT from_id, to_id FROM rejected_range')).toEqual([{ from_id: 1_000, to_id: 1_001 }]);
    expect(store.query('SELECT rejected_deleted FROM sink_count WHERE rejected > 0')).toEqual([
      { rejected_deleted: 3 },
    ]);
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
      commitRolledUp(journal, receiverSeries('room-1', 'anchor'), { count: 5_000, fromMs, stepMs: 10 });
      tidyUp(journal);
    }
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

/** As the collector does: what is committed is rolled up soon. */
function commitRolledUp(
  journal: Journal,
  series: Series,
  options: { count: number; fromMs?: number; stepMs?: number },
) {
  commitRows(journal, series, options);
  rollUp(journal, journal.lastDueMs() ?? 0);
}
