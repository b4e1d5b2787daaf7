import { describe, expect, test } from 'vitest';
import { reship } from '../../../src/store/reship.ts';
import { inShort } from '../verify/in-short.ts';
import { destinations, hourMs, LivedStore, minuteMs } from '../verify/lived-store.ts';
import { startMs } from './temporary-store.ts';

const everything = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
const holder = { pid: 99, host: 'studio', command: 'livetally reship' };

function reshipOf({ store, nowMs }: LivedStore, time = everything) {
  return reship({ path: store.path, holder, startedMs: nowMs, sinks: destinations, time, onTornCommit: () => {} });
}

describe('reship', () => {
  test('fills an emptied database again, with every sample, window and session.', async () => {
    using lived = new LivedStore();
    lived.live(3 * hourMs);
    lived.ship();
    const before = lived.database.copy();
    lived.database.points.clear();

    lived.reopen(() => {
      const rows = reshipOf(lived).reduce((sum, one) => sum + one.rows, 0);
      expect(rows).toBeGreaterThan(3_000);
    });
    expect(inShort(await lived.verify())).toEqual([]);
    lived.ship();

    expect(inShort(await lived.verify())).toEqual([]);
    expect(lived.database.points).toEqual(before.points);
  });

  test('of a time lets that wait, with windows that were written among its own, and the books stay right.', async () => {
    using lived = new LivedStore();
    lived.live(3 * hourMs);
    lived.ship();
    const time = { fromMs: startMs + hourMs, toMs: startMs + hourMs + 10 * minuteMs };

    let reshipped: ReturnType<typeof reship> = [];
    lived.reopen(() => {
      reshipped = reshipOf(lived, time);
    });

    const rowsOf = (table: string) => reshipped.find((one) => one.table === table)?.rows;
    expect([rowsOf('room_stats'), rowsOf('room_stats_5m'), rowsOf('room_stats_1d')]).toEqual([120, 12, 0]);
    const status = lived.journal
      .status()
      .sinks.find(({ endpoint, tier }) => endpoint === 'room_stats' && tier === 'raw');
    expect(status).toMatchObject({ waiting: 120, delivered: 3 * 3 * 240 - 120, rejected: 0, dropped: 0 });
    expect(inShort(await lived.verify())).toEqual([]);
  });

  test('tries again what was refused before, and counts it once.', async () => {
    using lived = new LivedStore();
    lived.live(30 * minuteMs);
    lived.journal.settle('influxdb', 'room_stats', { fromId: 0, toId: 10 }, [
      { id: 3, reason: 'type conflict' },
      { id: 7, reason: 'type conflict' },
    ]);
    lived.reopen(() => reshipOf(lived));
    const [status] = lived.journal.status().sinks;
    expect(status).toMatchObject({ waiting: 360, delivered: 0, rejected: 0 });
    expect(lived.journal.rejectedPoints(10)).toEqual([]);
    expect(lived.store.query('SELECT * FROM rejected_range')).toEqual([]);
  });

  test('is refused while livetally has the store open, and names it.', () => {
    using lived = new LivedStore();
    lived.live(30 * minuteMs);
    expect(() => reshipOf(lived)).toThrow(/is in use by process 1234 .*stop it first/);
  });
});
