import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Journal, Rejection } from '../../../src/store/journal.ts';
import { hourMs, verifyStore } from '../verify/lived-store.ts';
import { damageRow } from './damage-row.ts';
import { commitRows, dayMs, forever, rollUp, roomSeries, startMs, TemporaryStore, tidyUp } from './temporary-store.ts';

const rows = 100;
const untilMs = startMs + 40 * dayMs;

/** A hundred samples that were neither rolled up nor shipped, one of them damaged since. */
class DamagedStore implements Disposable {
  readonly store = new TemporaryStore();
  readonly told: string[] = [];
  readonly journal: Journal;

  constructor(change: string, keepMs = forever) {
    {
      using before = this.store.open();
      commitRows(before, roomSeries('room-1'), { count: rows });
    }
    damageRow(this.store.path, 'room_stats', change);
    const onDamagedRows = (table: string, count: number, example: string) =>
      this.told.push(`${table} ${count}: ${example}`);
    this.journal = this.store.open({ keepMs, onDamagedRows });
  }

  /** As a shipper does it; returns how many points there were. */
  ship(): { readonly points: number; readonly damaged: readonly Rejection[] } {
    const damaged: Rejection[] = [];
    let points = 0;
    for (const range of this.journal.waitingRanges('influxdb', 'room_stats')) {
      const inRange: Rejection[] = [];
      points += [...this.journal.readPoints('room_stats', range, (row) => inRange.push(row))].length;
      this.journal.settle('influxdb', 'room_stats', range, inRange);
      damaged.push(...inRange);
    }
    return { points, damaged };
  }

  [Symbol.dispose](): void {
    this.journal[Symbol.dispose]();
    this.store[Symbol.dispose]();
  }
}

const damages = [
  [1, 'due_ms = NULL', 'holds nothing as due_ms'],
  [1, "due_ms = 'x'", 'holds text as due_ms'],
  [1, 'due_ms = 9000000000000000', 'holds 9000000000000000 as due_ms'],
  [30, 'series_id = -5', 'is of series -5, which is not there'],
  [30, "series_id = 'x'", 'holds text as series_id'],
  [50, "total_viewers = x'00'", 'holds bytes as total_viewers'],
  [99, `msg_count_delta = ${2n ** 62n}`, `holds ${2n ** 62n} as msg_count_delta`],
  [100, 'gift_coins_delta = 0.5', 'holds 0.5 as gift_coins_delta'],
] as const;

describe.each(damages)('in a store in use, row %i with %s', (id, change, fault) => {
  const reason = `row ${id} of room_stats is damaged: it ${fault}`;

  test('is set aside with what is wrong, and the others are rolled up and shipped', async () => {
    using damaged = new DamagedStore(`${change} WHERE id = ${id}`);
    const { journal, store, told } = damaged;
    rollUp(journal, untilMs);
    expect(damaged.ship()).toEqual({ points: rows - 1, damaged: [{ id, reason }] });

    expect(told).toEqual([`room_stats 1: ${reason}`]);
    expect(journal.rejectedPoints(5)).toMatchObject([{ table: 'room_stats', rowId: id, reason, point: 'null' }]);
    const windows = store.query('SELECT samples FROM room_stats_1h').map(({ samples }) => samples);
    expect(windows).toEqual([rows - 1]);
    const [samples] = journal.status().sinks;
    expect(samples).toMatchObject({ delivered: rows - 1, rejected: 1, waiting: 0, dropped: 0 });
    const { findings } = await verifyStore(store.path, undefined, { intervalOf: () => hourMs });
    expect(findings.map(({ kind, place, count }) => `${kind} ${place} ${count}`)).toContain('damaged_row room_stats 1');
    expect(findings.map(({ kind }) => kind)).not.toContain('window');
    expect(findings.map(({ kind }) => kind)).not.toContain('ledger');
  });

  test('does not keep the others from growing old', () => {
    using damaged = new DamagedStore(`${change} WHERE id = ${id}`, hourMs);
    const { journal, store } = damaged;
    commitRows(journal, roomSeries('room-2'), { count: 3, fromMs: startMs + dayMs, stepMs: 6 * hourMs });
    rollUp(journal, untilMs);
    damaged.ship();
    tidyUp(journal);
    expect(store.query('SELECT count(*) AS count FROM room_stats')[0]?.['count']).toBeLessThanOrEqual(3);
  });

  test('is counted as dropped where the store is full', () => {
    using damaged = new DamagedStore(`${change} WHERE id = ${id}`);
    damaged.journal[Symbol.dispose]();
    using journal = damaged.store.open({ maxSizeBytes: 1 });
    tidyUp(journal);
    expect(journal.status().sinks[0]).toMatchObject({ delivered: 0, waiting: 0, dropped: rows });
  });
});

/** Gives a row another key, as a flipped byte does, and where asked also a value that is none. */
function damageKey(store: TemporaryStore, id: number, key: number, alsoValue: boolean): void {
  const columns = store.query('PRAGMA table_info(room_stats)').length;
  const content = readFileSync(store.path);
  // The key of a short record stands before its header: the length of that, then a byte for the kind of each value.
  const record = Buffer.from([id, columns + 1, 0]);
  const at = content.indexOf(record);
  expect([at > 0, content.indexOf(record, at + 1)]).toEqual([true, -1]);
  content[at] = key;
  const textOfOneByte = 15;
  if (alsoValue) content[at + columns] = textOfOneByte;
  writeFileSync(store.path, content);
}

describe.each([1, 25, 99])('a row whose key was changed to %i', (key) => {
  test.each([false, true])(
    'is damage that neither ships anything twice nor passes for shipped (value: %s)',
    (alsoValue) => {
      using store = new TemporaryStore();
      {
        using journal = store.open();
        commitRows(journal, roomSeries('room-1'), { count: 40 });
      }
      damageKey(store, 30, key, alsoValue);
      using journal = store.open();
      const range = { fromId: 0, toId: 40 };
      const read: number[] = [];
      expect(() => {
        for (const { id } of journal.readPoints('room_stats', range)) read.push(id);
      }).toThrow(/rows behind row \d+ of room_stats do not stand where they belong/);
      expect(read.length).toBeLessThanOrEqual(40);
      expect(new Set(read).size).toBe(read.length);
      expect(journal.waitingRanges('influxdb', 'room_stats')).toEqual([range]);
    },
  );
});

test('Rows of a series that cannot be read are set aside, and those of others go on.', () => {
  using damaged = new DamagedStore('total_viewers = 1 WHERE id = 1');
  damaged.journal[Symbol.dispose]();
  damageRow(damaged.store.path, 'series', "labels = '{\"team' WHERE id = 1");
  using journal = damaged.store.open();
  commitRows(journal, roomSeries('room-2'), { count: 5, fromMs: startMs + dayMs });
  const told: Rejection[] = [];
  const range = { fromId: 0, toId: rows + 5 };
  expect([...journal.readPoints('room_stats', range, (row) => told.push(row))]).toHaveLength(5);
  expect(told).toHaveLength(rows);
  expect(told[0]?.reason).toMatch(
    /^row 1 of room_stats is damaged: it is of series 1, which cannot be read: .*no text/,
  );
});

test.each(['series_id', 'start_ms'])('A session that has lost its %s is set aside.', (column) => {
  using store = new TemporaryStore();
  {
    using journal = store.open();
    commitRows(journal, roomSeries('room-1'), { count: 5 });
    commitRows(journal, roomSeries('room-2'), { count: 5, fromMs: startMs + dayMs });
    rollUp(journal, untilMs);
  }
  damageRow(store.path, 'room_stats_session', `${column} = NULL WHERE id = 1`);
  using journal = store.open();
  const told: Rejection[] = [];
  const range = { fromId: 0, toId: 2 };
  const points = [...journal.readPoints('room_stats_session', range, (row) => told.push(row))];
  expect(points.map(({ id }) => id)).toEqual([2]);
  expect(told).toEqual([{ id: 1, reason: `row 1 of room_stats_session is damaged: it holds nothing as ${column}` }]);
});
