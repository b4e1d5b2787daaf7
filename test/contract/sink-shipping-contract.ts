import { describe, expect, test } from 'vitest';
import { samplePoint } from '../../src/model/point.ts';
import { endpoints, type Target } from '../../src/model/target.ts';
import { createInfluxdbSink } from '../../src/sink/influxdb.ts';
import { createShipper } from '../../src/sink/shipper.ts';
import { systemClock } from '../../src/system-clock.ts';
import { MemoryBacklog } from '../property/sink/memory-backlog.ts';
import type { SinkServer, SinkServerTraits } from './sink-server.ts';

const place = 'shipping';
const hourMs = 3_600_000;

/** What the shipper and the sink do together on every server, real or not. */
export function describeShipping(name: string, traits: SinkServerTraits, open: () => Promise<SinkServer>): void {
  describe(`shipping to ${name}`, () => {
    test('brings every row there but the bad ones, over a server that is killed', { timeout: 60_000 }, async () => {
      await using server = await open();
      await server.createPlace(place, traits.refusesPoints ? { keepHours: 24 } : {});
      const nowMs = Date.now() - 10_000;
      // Another program has got hold of a field with another type.
      if (traits.refusesPoints) await server.write(place, `room_stats,room_id=other likes_received_delta=1.5 ${nowMs}`);

      const allSettled = Promise.withResolvers<void>();
      const wentDown = Promise.withResolvers<void>();
      let kill: Promise<void> | undefined;
      const backlog = new MemoryBacklog(() => {
        if (backlog.delivered.room_stats + backlog.delivered.gift_count > 1_500) kill ??= server.stop();
        if (endpoints.every((endpoint) => backlog.waiting(endpoint) === 0)) allSettled.resolve();
      });
      const { good, bad } = fill(backlog, nowMs, traits);

      const api = server.apiOf(place, 'right');
      const sink = createInfluxdbSink({ name: 'test', url: server.url, api, gzip: true, clock: systemClock });
      const shipper = createShipper({
        ...{ sink, backlog, tables: endpoints, clock: systemClock, random: () => 0, batchPoints: 300 },
        events: { problemBegan: () => wentDown.resolve(), problemEnded: () => {}, rowsRejected: () => {} },
      });
      shipper.start();
      await wentDown.promise;
      await kill;
      await server.start();
      await allSettled.promise;
      await shipper.stop({ deadlineMs: 1_000 });
      sink.close();

      expect([...backlog.rejected.keys()].sort()).toEqual([...bad].sort());
      for (const endpoint of endpoints) {
        const rooms = (await server.read(place, endpoint)).map(({ tags }) => tags['room_id'] ?? '');
        expect(rooms.filter((room) => room !== 'other').sort()).toEqual(good[endpoint].sort());
      }
    });
  });
}

/** 2,000 rows in each table; where the server refuses points, some are too old and some clash with the other program. */
function fill(backlog: MemoryBacklog, nowMs: number, { refusesPoints }: SinkServerTraits) {
  const good: Record<(typeof endpoints)[number], string[]> = { room_stats: [], gift_count: [] };
  const bad = new Set<string>();
  for (let row = 0; row < 4_000; row++) {
    const endpoint = endpoints[row % 2] ?? 'room_stats';
    const roomId = `room ${row}`;
    const target: Target =
      endpoint === 'room_stats'
        ? { endpoint, app: 'main', roomId }
        : { endpoint, app: 'main', roomId, userId: 'anchor' };
    const isOld = refusesPoints && row % 500 < 2;
    const clashes = refusesPoints && endpoint === 'room_stats' && row % 700 === 0;
    const sample = {
      ...{ dueMs: nowMs - (isOld ? 48 * hourMs : row), delayMs: 1, gapMs: 15_000, inGap: false, sessionMs: nowMs },
      totals: [row, row, row],
      deltas: clashes ? [0, 0, 0, 0, 1] : [0, 0, 0],
    };
    const id = backlog.commit(endpoint, samplePoint({ target, labels: { team: 'music' } }, sample));
    if (isOld || clashes) bad.add(`${endpoint} ${id}`);
    else good[endpoint].push(roomId);
  }
  return { good, bad };
}
