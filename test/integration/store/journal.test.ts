import { describe, expect, test } from 'vitest';
import { emptyBatch } from '../../../src/store/batch.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { commitRows, receiverSeries, roomSeries, sampleAt, startMs, TemporaryStore } from './temporary-store.ts';

const whole = { fromId: 0, toId: 1_000_000 };

describe('samples', () => {
  test('A sample is read as it was committed, with what was absent still absent.', () => {
    using store = new TemporaryStore();
    using journal = store.open();
    const [room] = journal.register([roomSeries('room-1')]);
    const seriesId = room?.seriesId ?? 0;
    const first = sampleAt(startMs, { totals: [1, undefined, 3, 2 ** 53 - 1, 0, 6], deltas: [] });
    const second = sampleAt(startMs + 15_000, { gapMs: 15_000, deltas: [0, undefined, 7, 0, 1, 2] });
    const begun = [{ id: 1, round: { schedule, startMs }, due: 2 }];
    const samples = [first, second].map((sample) => ({
      endpoint: 'room_stats' as const,
      seriesId,
      roundId: 1,
      sample,
    }));
    journal.commit({ ...emptyBatch, begun, samples });

    const rows = journal.readRows('room_stats', whole, 10);

    const none = Array.from({ length: 6 }, () => undefined);
    expect(rows).toEqual([
      { id: 1, seriesId, sample: { ...first, deltas: none } },
      { id: 2, seriesId, sample: second },
    ]);
  });

  test('A row that cannot be read as a point stands in the way of no other row, nor of the log.', () => {
    using store = new TemporaryStore();
    using journal = store.open();
    commitRows(journal, roomSeries('room-1'), { count: 10 });
    using other = openDatabase(store.path, 1_000);
    other.exec(`UPDATE room_stats SET total_viewers = 1 << 60 WHERE id = 5`);

    const points = () => [...journal.readPoints('room_stats', { fromId: 0, toId: 10 })];
    expect(points()).toHaveLength(9);

    expect(other.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()).toMatchObject({ busy: 0 });
    expect(journal.readRows('room_stats', { fromId: 5, toId: 10 }, 10)).toHaveLength(5);
    expect(points()).toHaveLength(9);
    expect([...journal.readPoints('room_stats', { fromId: 5, toId: 10 })]).toHaveLength(5);
  });

  test('Rows are read from above the lower id up to the higher, at most as many as asked for.', () => {
    using store = new TemporaryStore();
    using journal = store.open();
    commitRows(journal, receiverSeries('room-1', 'anchor'), { count: 10 });

    const ids = (fromId: number, toId: number, limit: number) =>
      journal.readRows('gift_count', { fromId, toId }, limit).map(({ id }) => id);

    expect(ids(3, 6, 100)).toEqual([4, 5, 6]);
    expect(ids(3, 10, 2)).toEqual([4, 5]);
    expect(ids(10, 20, 2)).toEqual([]);
  });

  test('A batch that cannot be written changes nothing at all.', () => {
    using store = new TemporaryStore();
    using journal = store.open();
    commitRows(journal, roomSeries('room-1'), { count: 1 });
    const good = { endpoint: 'room_stats' as const, seriesId: 1, roundId: 2, sample: sampleAt(startMs + 1_000) };
    const bad = { ...good, sample: sampleAt(startMs + 2_000, { delayMs: 0.5 }) };
    const begun = [{ id: 2, round: { schedule, startMs: startMs + 15_000 }, due: 2 }];

    expect(() =>
      journal.commit({ ...emptyBatch, begun, samples: [good, bad], states: new Map([[1, 'new']]) }),
    ).toThrow();

    expect(journal.status().committed.room_stats).toBe(1);
    expect(journal.nextRoundId()).toBe(2);
    expect(journal.lastDueMs()).toBe(startMs);
    expect(journal.register([roomSeries('room-1')])[0]?.state).toBeUndefined();
  });

  test('The last due instant survives the process, and never goes back.', () => {
    using store = new TemporaryStore();
    using first = store.open();
    expect(first.lastDueMs()).toBeUndefined();
    commitRows(first, roomSeries('room-1'), { count: 3 });
    commitRows(first, roomSeries('room-2'), { count: 1, fromMs: startMs - 60_000 });
    first[Symbol.dispose]();

    using second = store.open();

    expect(second.lastDueMs()).toBe(startMs + 2_000);
  });
});

describe('series', () => {
  test('The same target and labels are the same series in every run; other labels are another series of the same target.', () => {
    using store = new TemporaryStore();
    using first = store.open();
    const before = first.register([
      roomSeries('room-1', { team: 'music', tier: 'gold' }),
      roomSeries('room-1', { team: 'dance' }),
      receiverSeries('room-1', 'anchor'),
    ]);
    first[Symbol.dispose]();

    using second = store.open();
    const after = second.register([
      roomSeries('room-1', { tier: 'gold', team: 'music' }),
      roomSeries('room-1', { team: 'dance' }),
      receiverSeries('room-1', 'anchor'),
    ]);

    expect(after).toEqual(before);
    expect(new Set(after.map(({ seriesId }) => seriesId)).size).toBe(3);
    expect(new Set(after.map(({ targetId }) => targetId)).size).toBe(2);
    expect(second.seriesOf(after[0]?.seriesId ?? 0)).toEqual(roomSeries('room-1', { team: 'music', tier: 'gold' }));
    expect(second.seriesOf(after[2]?.seriesId ?? 0)).toEqual(receiverSeries('room-1', 'anchor'));
  });

  test('What the tally last wrote of a target is found again, under every label.', () => {
    using store = new TemporaryStore();
    using first = store.open();
    const [room] = first.register([roomSeries('room-1', { team: 'music' })]);
    const targetId = room?.targetId ?? 0;
    first.commit({ ...emptyBatch, states: new Map([[targetId, 'one']]) });
    first.commit({ ...emptyBatch, states: new Map([[targetId, 'two']]) });
    first[Symbol.dispose]();

    using second = store.open();
    const [relabelled, stranger] = second.register([roomSeries('room-1', { team: 'dance' }), roomSeries('room-2')]);

    expect(relabelled?.state).toBe('two');
    expect(stranger?.state).toBeUndefined();
  });
});

const schedule = { app: 'main', endpoint: 'room_stats', cron: '*/15 * * * * *', timezone: 'Etc/UTC' } as const;
