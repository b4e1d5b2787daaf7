import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../../src/store/database.ts';
import type { Journal } from '../../../src/store/journal.ts';
import {
  commitRows,
  commitSamples,
  receiverSeries,
  rollUp,
  roomSeries,
  sampleAt,
  startMs,
  TemporaryStore,
} from './temporary-store.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

describe('windows', () => {
  test('Samples come out as windows of every tier when those have ended, and as a session when that is closed.', () => {
    using store = new TemporaryStore();
    using journal = store.open();
    commitRows(journal, roomSeries('room-1'), { count: 10, stepMs: minuteMs });
    commitRows(journal, receiverSeries('room-1', 'anchor'), { count: 2, stepMs: minuteMs });

    rollUp(journal, startMs + 9 * minuteMs + 1);
    expect(written(journal)).toEqual({ 'room_stats 5m': 1, 'gift_count 5m': 1 });
    rollUp(journal, startMs + 10 * minuteMs);
    expect(written(journal)).toEqual({ 'room_stats 5m': 2, 'gift_count 5m': 1 });
    rollUp(journal, startMs + hourMs);
    expect(written(journal)).toEqual({
      ...{ 'room_stats 5m': 2, 'room_stats 1h': 1, 'room_stats session': 1 },
      ...{ 'gift_count 5m': 1, 'gift_count 1h': 1, 'gift_count session': 1 },
    });

    expect(journal.status().rollUp).toMatchObject([
      { endpoint: 'room_stats', waiting: 0, dropped: 0 },
      { endpoint: 'gift_count', waiting: 0, dropped: 0 },
    ]);
  });

  test('A window and a session are shipped as the points of their tier, with the labels of their samples.', () => {
    using store = new TemporaryStore();
    using journal = store.open();
    const series = roomSeries('room-1', { team: 'music' });
    commitRows(journal, series, { count: 3, stepMs: minuteMs });
    rollUp(journal, startMs + hourMs);

    const whole = { fromId: 0, toId: 10 };
    const [window] = journal.readPoints('room_stats_5m', whole);
    const [session] = journal.readPoints('room_stats_session', whole);

    const tags = [
      ['app', 'main'],
      ['room_id', 'room-1'],
      ['team', 'music'],
    ];
    expect(window).toMatchObject({ id: 1, point: { measurement: 'room_stats', tags, timeMs: startMs } });
    expect(Object.fromEntries(window?.point.fields ?? [])).toMatchObject({
      ...{ total_viewers: 1, total_gift_coins: 3, gift_coins_delta: 3, gift_coins_gap_delta: 0, samples: 3 },
    });
    expect(window?.point.fields.map(([name]) => name)).not.toContain('viewers_delta');
    expect(session).toMatchObject({ id: 1, point: { measurement: 'session', tags, timeMs: startMs } });
    expect(Object.fromEntries(session?.point.fields ?? [])).toMatchObject({ end: startMs + 2 * minuteMs, samples: 3 });
  });

  test('Rows wait for the end of the five minutes that they are in, unless they become too many.', () => {
    using store = new TemporaryStore();
    using journal = store.open();
    rollUp(journal, startMs);
    const waiting = () => journal.status().rollUp[0]?.waiting;

    commitRows(journal, roomSeries('room-1'), { count: 100 });
    rollUp(journal, startMs + 100_000);
    expect(waiting()).toBe(100);
    rollUp(journal, startMs + 5 * minuteMs - 1);
    expect(waiting()).toBe(100);
    rollUp(journal, startMs + 5 * minuteMs);
    expect(waiting()).toBe(0);

    commitRows(journal, roomSeries('room-1'), { count: 12_000, fromMs: startMs + 6 * minuteMs, stepMs: 1 });
    rollUp(journal, startMs + 7 * minuteMs);
    expect(waiting()).toBe(2_000);
  });

  test('A session that goes on after it was closed is written again, and from then on every row of it says the latest.', () => {
    using store = new TemporaryStore();
    using journal = store.open();
    const series = roomSeries('room-1');
    commitRows(journal, series, { count: 3, stepMs: minuteMs });
    rollUp(journal, startMs + hourMs);
    commitRows(journal, series, { count: 2, fromMs: startMs + hourMs, stepMs: minuteMs });
    rollUp(journal, startMs + 2 * hourMs);

    const sessions = [...journal.readPoints('room_stats_session', { fromId: 0, toId: 10 })];

    expect(sessions.map(({ id, point }) => [id, point.timeMs, Object.fromEntries(point.fields)['samples']])).toEqual([
      [1, startMs, 5],
      [2, startMs, 5],
    ]);
  });

  test('After a change of labels the windows are of two series, and the session is one.', () => {
    using store = new TemporaryStore();
    using journal = store.open();
    commitRows(journal, roomSeries('room-1', { team: 'music' }), { count: 3 });
    commitRows(journal, roomSeries('room-1', { team: 'dance' }), { count: 2, fromMs: startMs + 3_000 });
    commitRows(journal, roomSeries('room-1', { team: 'music' }), { count: 1, fromMs: startMs + 5_000 });

    rollUp(journal, startMs + hourMs);

    const samplesOf = (table: 'room_stats_1h' | 'room_stats_session') =>
      [...journal.readPoints(table, { fromId: 0, toId: 10 })].map(({ point }) => {
        return [Object.fromEntries(point.tags)['team'], Object.fromEntries(point.fields)['samples']];
      });
    expect(samplesOf('room_stats_1h')).toEqual([
      ['music', 4],
      ['dance', 2],
    ]);
    expect(samplesOf('room_stats_session')).toEqual([['music', 6]]);
    const [session] = journal.readPoints('room_stats_session', { fromId: 0, toId: 1 });
    expect(Object.fromEntries(session?.point.fields ?? [])['end']).toBe(startMs + 5_000);
  });
});

describe('whatever happens in between', () => {
  test('A process that is killed between any two slices leaves the same windows behind as one that is not.', () => {
    using store = new TemporaryStore();
    {
      using journal = store.open();
      for (let room = 0; room < 300; room++) {
        const first = sampleAt(startMs + room, { sessionMs: startMs + room });
        const later = sampleAt(startMs + room + hourMs, { gapMs: hourMs, sessionMs: startMs + room });
        commitSamples(journal, roomSeries(`room-${room}`), [first, later]);
      }
    }
    const untilMs = startMs + 40 * 24 * hourMs;
    const [expected, slices] = rollUpKilledAfter(store, Number.POSITIVE_INFINITY, untilMs);
    expect(slices).toBeGreaterThan(10);

    for (let killAfter = 0; killAfter < slices; killAfter++) {
      expect(rollUpKilledAfter(store, killAfter, untilMs)[0]).toEqual(expected);
    }
  });

  test('What cannot be read any more is told, and begins anew; nothing else is touched by it.', () => {
    using store = new TemporaryStore();
    const told: string[] = [];
    using journal = store.open({ onForgotten: ({ roomId }, problem) => told.push(`${roomId}: ${problem}`) });
    for (const room of ['a', 'b', 'c']) commitRows(journal, roomSeries(room), { count: 2 });
    rollUp(journal, startMs + 5 * minuteMs);
    {
      using shell = openDatabase(store.path, 1_000);
      shell.exec("UPDATE open_windows SET state = 'no state' WHERE series_id IN (1, 2)");
      shell.exec("UPDATE open_session SET state = '[]' WHERE target_id IN (1, 2)");
    }
    commitRows(journal, roomSeries('a'), { count: 1, fromMs: startMs + 6 * minuteMs });
    rollUp(journal, startMs + 10 * minuteMs);
    expect(told).toEqual([expect.stringMatching(/^a: .*open windows/), expect.stringMatching(/^a: .*session/)]);

    rollUp(journal, startMs + 24 * hourMs);

    expect(told.slice(2)).toEqual([
      expect.stringMatching(/^b: .*open windows/),
      expect.stringMatching(/^b: .*session/),
    ]);
    const samples = [...journal.readPoints('room_stats_1h', { fromId: 0, toId: 10 })].map(({ point }) => {
      return [Object.fromEntries(point.tags)['room_id'], Object.fromEntries(point.fields)['samples']];
    });
    expect(samples.toSorted()).toEqual([
      ['a', 1],
      ['c', 2],
    ]);
  });

  test('What is deleted between two slices is in no window, although it had been read.', () => {
    using store = new TemporaryStore();
    {
      using full = store.open({ sinks: [] });
      commitRows(full, roomSeries('past-show'), { count: 1_600 });
    }
    using journal = store.open({ sinks: [], maxSizeBytes: 1 });
    journal.rollUp(startMs);
    expect(journal.tidy()).toBe(true);

    rollUp(journal, startMs + hourMs);

    expect(journal.status().rollUp[0]).toMatchObject({ dropped: 1_000, waiting: 0 });
    const [window] = journal.readPoints('room_stats_1h', { fromId: 0, toId: 1 });
    expect(Object.fromEntries(window?.point.fields ?? [])['samples']).toBe(600);
  });

  test('Samples that were deleted before they were rolled up are counted, and those after them are in the windows.', () => {
    using store = new TemporaryStore();
    {
      using full = store.open({ sinks: [] });
      commitRows(full, roomSeries('room-1'), { count: 1_500 });
    }
    using journal = store.open({ sinks: [], maxSizeBytes: 1 });
    journal.tidy();
    expect(journal.status().rollUp[0]).toMatchObject({ dropped: 1_000, waiting: 500 });

    rollUp(journal, startMs + hourMs);

    const points = [...journal.readPoints('room_stats_1h', { fromId: 0, toId: 10 })];
    expect(points.map(({ point }) => Object.fromEntries(point.fields)['samples'])).toEqual([500]);
    expect(journal.status().rollUp[0]).toMatchObject({ dropped: 1_000, waiting: 0 });
  });
});

/** Rolls up a copy of the store; after so many slices the process dies and another one begins. Returns all that was written, and the slices. */
function rollUpKilledAfter(store: TemporaryStore, killAfter: number, untilMs: number): [rows: unknown, slices: number] {
  const [before, after] = ['before.db', 'after.db'].map((name) => join(store.folder, name));
  let slices = 0;
  cpSync(store.path, before ?? '');
  using first = store.open({ path: before ?? '' });
  while (slices < killAfter && first.rollUp(untilMs).hasMore) slices++;
  // What a killed process leaves behind is what a copy shows while the connection is open.
  for (const suffix of ['', '-wal']) cpSync(`${before}${suffix}`, `${after}${suffix}`);
  using second = store.open({ path: after ?? '' });
  rollUp(second, untilMs);
  using shell = openDatabase(after ?? '', 1_000);
  const tables = ['5m', '1h', '1d', '1mo', 'session'].map((kind) => `room_stats_${kind}`);
  const order = 'ORDER BY series_id, start_ms';
  const rows = [
    ...tables.map((table) =>
      shell
        .prepare(`SELECT * FROM ${table} ${order}`)
        .all()
        .map(({ id, ...row }) => row),
    ),
    shell.prepare('SELECT * FROM open_windows').all(),
    shell.prepare('SELECT * FROM open_session ORDER BY target_id').all(),
  ];
  return [rows, slices];
}

/** How many windows and sessions there are, where there are any. */
function written(journal: Journal): Record<string, number> {
  const rows = journal.status().rolledUp.filter((one) => one.rows > 0);
  return Object.fromEntries(rows.map(({ endpoint, tier, rows: count }) => [`${endpoint} ${tier}`, count]));
}
