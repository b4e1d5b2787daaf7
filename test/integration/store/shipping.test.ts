import { expect, test } from 'vitest';
import type { Journal } from '../../../src/store/journal.ts';
import { commitRows, receiverSeries, roomSeries, sinkOf, startMs, TemporaryStore } from './temporary-store.ts';

const nothingRejected = [] as const;

test('A sink waits for what was not settled, whatever the order it was settled in.', () => {
  using store = new TemporaryStore();
  using journal = store.open();
  commitRows(journal, roomSeries('room-1'), { count: 100 });
  const waiting = () => journal.waitingRanges('influxdb', 'room_stats');
  expect(waiting()).toEqual([{ fromId: 0, toId: 100 }]);

  journal.settle('influxdb', 'room_stats', { fromId: 80, toId: 100 }, nothingRejected);
  journal.settle('influxdb', 'room_stats', { fromId: 40, toId: 50 }, nothingRejected);
  expect(waiting()).toEqual([
    { fromId: 0, toId: 40 },
    { fromId: 50, toId: 80 },
  ]);

  journal.settle('influxdb', 'room_stats', { fromId: 50, toId: 80 }, nothingRejected);
  journal.settle('influxdb', 'room_stats', { fromId: 0, toId: 40 }, nothingRejected);
  expect(waiting()).toEqual([]);
  expect(store.query("SELECT from_id, to_id FROM settled WHERE sink = 'influxdb'")).toEqual([
    { from_id: 0, to_id: 100 },
  ]);
  expect(journal.waitingRanges('influxdb', 'gift_count')).toEqual([]);
});

test('Settling the same rows twice counts them once.', () => {
  using store = new TemporaryStore();
  using journal = store.open();
  commitRows(journal, roomSeries('room-1'), { count: 10 });

  journal.settle('influxdb', 'room_stats', { fromId: 0, toId: 6 }, [{ id: 3, reason: 'conflict' }]);
  journal.settle('influxdb', 'room_stats', { fromId: 2, toId: 8 }, [{ id: 3, reason: 'conflict' }]);

  expect(rooms(journal)).toMatchObject({ delivered: 7, rejected: 1, waiting: 2, dropped: 0 });
});

test('Rows that are not committed yet cannot be settled in advance.', () => {
  using store = new TemporaryStore();
  using journal = store.open();
  commitRows(journal, roomSeries('room-1'), { count: 5 });

  journal.settle('influxdb', 'room_stats', { fromId: 0, toId: 9 }, nothingRejected);
  commitRows(journal, roomSeries('room-1'), { count: 5 });

  expect(rooms(journal)).toMatchObject({ delivered: 5, waiting: 5 });
});

test('A rejected point is set aside with its tags, fields and the reason.', () => {
  using store = new TemporaryStore();
  using journal = store.open();
  commitRows(journal, roomSeries('room-1', { team: 'music' }), { count: 3 });

  journal.settle('influxdb', 'room_stats', { fromId: 0, toId: 3 }, [{ id: 2, reason: 'field type conflict' }]);

  const [rejected] = journal.rejectedPoints(10);
  expect(rejected).toMatchObject({ sink: 'influxdb', table: 'room_stats', rowId: 2, reason: 'field type conflict' });
  expect(rejected?.rejectedMs).toBe(store.clock.wallMs());
  expect(JSON.parse(rejected?.point ?? '')).toMatchObject({
    measurement: 'room_stats',
    tags: [
      ['app', 'main'],
      ['room_id', 'room-1'],
      ['team', 'music'],
    ],
    timeMs: startMs + 1_000,
  });
});

test('Which rows were rejected is kept in ranges, of which those that touch are one.', () => {
  using store = new TemporaryStore();
  using journal = store.open();
  commitRows(journal, roomSeries('room-1'), { count: 20 });
  const settle = (fromId: number, toId: number, ids: readonly number[]) => {
    const rejected = ids.map((id) => ({ id, reason: 'conflict' }));
    journal.settle('influxdb', 'room_stats', { fromId, toId }, rejected);
  };
  settle(10, 20, [15, 11, 12]);
  settle(0, 10, [10, 9, 3]);
  expect(store.query('SELECT from_id, to_id FROM rejected_range ORDER BY from_id')).toEqual([
    { from_id: 2, to_id: 3 },
    { from_id: 8, to_id: 12 },
    { from_id: 14, to_id: 15 },
  ]);
});

test('Each sink has its own account, and one that is added later begins with every row waiting.', () => {
  using store = new TemporaryStore();
  using first = store.open({ sinks: [sinkOf('influxdb')] });
  commitRows(first, roomSeries('room-1'), { count: 10 });
  first.settle('influxdb', 'room_stats', { fromId: 0, toId: 10 }, nothingRejected);
  first[Symbol.dispose]();

  using second = store.open({ sinks: [sinkOf('influxdb'), sinkOf('archive')] });

  expect(second.waitingRanges('influxdb', 'room_stats')).toEqual([]);
  expect(second.waitingRanges('archive', 'room_stats')).toEqual([{ fromId: 0, toId: 10 }]);
});

test('The status names the oldest row that waits, and what was committed of each endpoint.', () => {
  using store = new TemporaryStore();
  using journal = store.open();
  commitRows(journal, roomSeries('room-1'), { count: 10 });
  commitRows(journal, receiverSeries('room-1', 'anchor'), { count: 4 });
  journal.settle('influxdb', 'room_stats', { fromId: 0, toId: 7 }, nothingRejected);

  const status = journal.status();

  expect(status.committed).toEqual({ room_stats: 10, gift_count: 4 });
  expect(rooms(journal)?.oldestWaitingMs).toBe(startMs + 7_000);
  expect(status.sinks.map(({ sink, endpoint, waiting }) => [sink, endpoint, waiting])).toEqual([
    ['influxdb', 'room_stats', 3],
    ['influxdb', 'gift_count', 4],
  ]);
  expect(status.sizeBytes).toBeGreaterThan(0);
});

function rooms(journal: Journal) {
  return journal.status().sinks.find(({ endpoint }) => endpoint === 'room_stats');
}
