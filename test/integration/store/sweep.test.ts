import { describe, expect, test } from 'vitest';
import { emptyBatch } from '../../../src/store/batch.ts';
import type { Journal, JournalOptions } from '../../../src/store/journal.ts';
import {
  commitRows,
  dayMs,
  forever,
  rollUp,
  roomSeries,
  roundAt,
  startMs,
  TemporaryStore,
  tidyUp,
} from './temporary-store.ts';

/** Samples for two days, every window for ten. */
const short: Partial<JournalOptions> = {
  sinks: [],
  keepMs: 2 * dayMs,
  keepTiersMs: { '5m': 10 * dayMs, '1h': 10 * dayMs, '1d': 10 * dayMs, '1mo': 10 * dayMs },
};

describe('what belongs to no row any more', () => {
  test('Rooms of past shows are forgotten with their last window, those on the watchlist are kept however long they are gone.', () => {
    using store = new TemporaryStore();
    using first = store.open(short);
    commitShow(first, 'show-1', startMs);
    commitShow(first, 'always-there', startMs);
    first[Symbol.dispose]();

    using second = store.open(short);
    const [kept] = second.register([roomSeries('always-there')]);
    commitShow(second, 'show-2', startMs + 99 * dayMs);
    commitShow(second, 'show-2', startMs + 100 * dayMs);
    tidyUp(second);

    expect(roomsIn(store)).toEqual(['always-there', 'show-2']);
    expect(store.query('SELECT state FROM tally WHERE target_id <> 3')).toEqual([{ state: 'known' }]);
    expect(store.query('SELECT target_id FROM open_session')).toEqual([
      { target_id: kept?.targetId },
      { target_id: 3 },
    ]);
    expect(store.query('SELECT count(*) AS runs FROM run')).toEqual([{ runs: 1 }]);
    expect(second.lastDueMs()).toBe(startMs + 100 * dayMs);
  });

  test('What is remembered of past shows goes with their last sample, though their windows are kept for ever.', () => {
    using store = new TemporaryStore();
    const options = { sinks: [], keepMs: 2 * dayMs };
    for (let day = 0; day < 10; day++) {
      using journal = store.open(options);
      for (let show = 0; show < 30; show++) commitShow(journal, `show-${day}-${show}`, startMs + day * dayMs);
      rollUp(journal, startMs + day * dayMs + 3_600_000);
      tidyUp(journal);
    }

    const count = (table: string) => Number(store.query(`SELECT count(*) AS rows FROM ${table}`)[0]?.['rows']);
    expect(count('target')).toBe(300);
    // Of the last two days and the slack of one more.
    expect(count('tally')).toBe(4 * 30);
    expect(count('open_session')).toBe(4 * 30);
    expect(count('open_windows')).toBe(300);
    using journal = store.open(options);
    rollUp(journal, startMs + 40 * dayMs);
    expect(count('open_windows')).toBe(0);
    expect(count('room_stats_1mo')).toBe(300);
    expect([...journal.readPoints('room_stats_1mo', { fromId: 0, toId: 300 })]).toHaveLength(300);
  });

  test('A series stays as long as one of its rows does.', () => {
    using store = new TemporaryStore();
    using first = store.open({ keepMs: dayMs });
    commitRows(first, roomSeries('show-1'), { count: 1 });
    first[Symbol.dispose]();

    using second = store.open({ keepMs: dayMs });
    commitRows(second, roomSeries('show-2'), { count: 2, fromMs: startMs + 9 * dayMs, stepMs: dayMs });
    tidyUp(second);

    const [row] = second.readRows('room_stats', { fromId: 0, toId: 2 }, 1);
    expect(second.seriesOf(row?.seriesId ?? 0)).toEqual(roomSeries('show-1'));
  });

  test('A series stays as long as a window of it is open, and its target as long as a session is.', () => {
    using store = new TemporaryStore();
    const options = { ...short, keepTiersMs: { '5m': dayMs, '1h': dayMs, '1d': dayMs, '1mo': forever } };
    using first = store.open(options);
    commitShow(first, 'show-1', startMs);
    rollUp(first, startMs + dayMs);
    first[Symbol.dispose]();

    using second = store.open(options);
    commitShow(second, 'show-2', startMs + 20 * dayMs);
    commitShow(second, 'show-2', startMs + 20.5 * dayMs);
    rollUp(second, startMs + 20.5 * dayMs);
    tidyUp(second);
    expect(store.query('SELECT count(*) AS rows FROM room_stats_1d')).toEqual([{ rows: 0 }]);
    expect(roomsIn(store)).toEqual(['show-1', 'show-2']);

    rollUp(second, startMs + 31 * dayMs);
    const points = [...second.readPoints('room_stats_1mo', { fromId: 0, toId: 2 })];
    expect(points.map(({ point }) => point.tags[1]).toSorted()).toEqual([
      ['room_id', 'show-1'],
      ['room_id', 'show-2'],
    ]);
  });

  test('Rounds go with their samples; one that has not ended stays.', () => {
    using store = new TemporaryStore();
    using journal = store.open({ sinks: [], keepMs: dayMs });
    journal.commit({ ...emptyBatch, begun: [{ id: 1, round: roundAt('gift_count', startMs - 1), due: 1 }] });
    commitRows(journal, roomSeries('room-1'), { count: 1 });
    commitRows(journal, roomSeries('room-1'), { count: 2, fromMs: startMs + 9 * dayMs, stepMs: dayMs });
    rollUp(journal, startMs);

    tidyUp(journal);

    expect(store.query('SELECT start_ms FROM round ORDER BY start_ms').map((row) => row['start_ms'])).toEqual([
      startMs - 1,
      startMs + 9 * dayMs,
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
});

function roomsIn(store: TemporaryStore): unknown[] {
  return store.query('SELECT room_id FROM target ORDER BY id').map((row) => row['room_id']);
}

/** One sample of a room, with what the tally remembers of it, rolled up as far as it is over. */
function commitShow(journal: Journal, roomId: string, dueMs: number): void {
  const [registration] = journal.register([roomSeries(roomId)]);
  commitRows(journal, roomSeries(roomId), { count: 1, fromMs: dueMs });
  journal.commit({ ...emptyBatch, states: new Map([[registration?.targetId ?? 0, 'known']]) });
  rollUp(journal, dueMs);
}
