import { describe, expect, test } from 'vitest';
import type { InfluxdbConfig } from '../../src/config/config.ts';
import type { InfluxdbApi } from '../../src/sink/influxdb.ts';
import { openStorage, type StorageEvent, toApi } from '../../src/storage.ts';
import { MessageClient } from '../../src/store/message-client.ts';
import { createModelSink, type Mishap, type ModelSink } from '../property/sink/model-sink.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { damageRow } from './store/damage-row.ts';
import {
  commitRows,
  dayMs,
  forever,
  receiverSeries,
  roomSeries,
  roundAt,
  sampleAt,
  startMs,
  TemporaryStore,
} from './store/temporary-store.ts';

const server = {
  url: 'http://localhost',
  keepMs: forever,
  tiers: true,
  batchSize: 1_000,
  gzip: false,
  timeoutMs: 5_000,
};
const bucket: InfluxdbConfig = { ...server, kind: 'v2', org: 'livetally', bucket: 'live', token: 'token' };

/** Where a sink writes to. */
function placeOf(api: InfluxdbApi): string {
  return api.version === 2 ? api.bucket : api.database;
}

/** The storage in virtual time, on a server whose places can be made to fail. */
async function open(store: TemporaryStore, influxdb: InfluxdbConfig) {
  const clock = createVirtualClock({ wallMs: startMs });
  const sinks = new Map<string, ModelSink>();
  const mishaps = new Map<string, Mishap>();
  const told: StorageEvent[] = [];
  const storage = openStorage(
    {
      store: { path: store.path, keepMs: dayMs, maxSizeBytes: 1e12 },
      reporting: { timezone: 'Etc/UTC', keepMs: { '5m': forever, '1h': forever, '1d': forever, '1mo': forever } },
      sessionCloseAfterMs: 30 * 60_000,
      influxdb,
      holder: { pid: 1, host: 'studio', command: 'livetally run' },
    },
    {
      clock,
      random: () => 0,
      createSink: ({ name, api }) => {
        const sink = createModelSink({ clock, mishap: () => mishaps.get(placeOf(api)) ?? 'none' });
        sinks.set(placeOf(api), sink);
        return { ...sink, name };
      },
      send: (message) => {
        if (message.kind === 'store') queueMicrotask(() => client.receive(message.message));
        else if (message.kind !== 'drained') told.push(message);
      },
    },
  );
  const client: MessageClient = new MessageClient({
    clock,
    send: (message) => queueMicrotask(() => storage.receive({ kind: 'store', message })),
    onCommitProblem: () => {},
  });
  await client.opened;
  const registrations = await client.register([roomSeries('room-1'), receiverSeries('room-1', 'anchor')]);

  /** One sample of a room and of a receiver, then everything that ends until long after the month. */
  async function rollUpOneSample(dueMs = startMs): Promise<void> {
    for (const registration of registrations) {
      const width = registration.endpoint === 'room_stats' ? 6 : 3;
      const { totals, deltas, ...sample } = sampleAt(dueMs, { sessionMs: dueMs });
      const cut = { ...sample, totals: totals.slice(0, width), deltas: deltas.slice(0, width) };
      const round = client.beginRound(roundAt(registration.endpoint, dueMs), 1);
      client.append(registration, round, cut, 'state');
    }
    client.rollUp(dueMs + 40 * dayMs);
    await clock.advance(2_000);
  }

  /** Measurements of the points that each place has stored. */
  const stored = () =>
    Object.fromEntries(
      [...sinks].map(([place, sink]) => [place, [...sink.stored].map((key) => JSON.parse(key)[0]).toSorted()]),
    );
  const downs = () =>
    told.flatMap((event) =>
      event.kind === 'sink_down' || event.kind === 'sink_up' ? [`${event.sink} ${event.kind}`] : [],
    );
  const close = () => storage.receive({ kind: 'store', message: { kind: 'close' } });
  return { clock, mishaps, client, rollUpOneSample, stored, downs, told, [Symbol.dispose]: close };
}

describe('where rows are shipped to', () => {
  test('samples, windows and sessions go to a place each; sessions lie with the days', async () => {
    using store = new TemporaryStore();
    using storage = await open(store, bucket);

    await storage.rollUpOneSample();

    const both = ['gift_count', 'room_stats'];
    expect(storage.stored()).toEqual({
      ...{ live: both, live_5m: both, live_1h: both, live_1mo: both },
      live_1d: ['gift_count', 'room_stats', 'session', 'session'],
    });
    const { sinks, rollUp } = await storage.client.status();
    expect(sinks).toHaveLength(12);
    for (const sink of sinks) expect(sink).toMatchObject({ delivered: 1, waiting: 0 });
    expect(rollUp.map(({ waiting }) => waiting)).toEqual([0, 0]);
  });

  test('without tiers only samples are shipped, and windows wait for nobody', async () => {
    using store = new TemporaryStore();
    using storage = await open(store, { ...bucket, tiers: false });

    await storage.rollUpOneSample();

    expect(storage.stored()).toEqual({ live: ['gift_count', 'room_stats'] });
    const { sinks, rolledUp } = await storage.client.status();
    expect(sinks).toHaveLength(2);
    expect(rolledUp.map(({ rows }) => rows)).toEqual(Array.from({ length: 10 }, () => 1));
  });

  test.each([
    ['a database of version 1', { ...server, kind: 'v1', database: 'shows' } as const, 'shows_1mo'],
    ['a database and policy of 1.8', { ...bucket, bucket: 'shows/autogen' }, 'shows_1mo/autogen'],
    ['a bucket', bucket, 'live_1mo'],
  ])('beside %s the tier is part of its name', (_, config, expected) => {
    expect(placeOf(toApi(config, '1mo'))).toBe(expected);
  });
});

describe('when a place takes nothing', () => {
  test('one that is missing is told by its name and stops nothing else', async () => {
    using store = new TemporaryStore();
    using storage = await open(store, bucket);
    storage.mishaps.set('live_5m', 'missing');

    await storage.rollUpOneSample();
    expect(storage.downs()).toEqual(['influxdb_5m sink_down']);
    expect(storage.stored()).toMatchObject({ live_5m: [], live: { length: 2 }, live_1h: { length: 2 } });

    storage.mishaps.clear();
    await storage.clock.advance(60_000);
    expect(storage.downs()).toEqual(['influxdb_5m sink_down', 'influxdb_5m sink_up']);
    expect(storage.stored()).toMatchObject({ live_5m: { length: 2 } });
  });

  test('an outage of the server is told once, and afterwards everything is there', async () => {
    using store = new TemporaryStore();
    using storage = await open(store, bucket);
    for (const place of ['live', 'live_5m', 'live_1h', 'live_1d', 'live_1mo'])
      storage.mishaps.set(place, 'unavailable');

    await storage.rollUpOneSample();
    await storage.clock.advance(600_000);
    expect(storage.downs()).toEqual(['influxdb sink_down']);

    storage.mishaps.clear();
    await storage.clock.advance(120_000);
    expect(storage.downs()).toEqual(['influxdb sink_down', 'influxdb sink_up']);
    expect(Object.values(storage.stored()).map(({ length }) => length)).toEqual([2, 2, 2, 4, 2]);
  });

  test('each sink says whether it is up, from the start', async () => {
    using store = new TemporaryStore();
    using storage = await open(store, bucket);
    storage.mishaps.set('live_1d', 'denied');
    await storage.rollUpOneSample();

    const changes = storage.told.flatMap((event) =>
      event.kind === 'sink_changed' ? [`${event.sink} ${event.isUp}`] : [],
    );
    const all = ['', '_5m', '_1h', '_1d', '_1mo'].map((tier) => `influxdb${tier} true`);
    expect(changes).toEqual([...all, 'influxdb_1d false']);
  });
});

test('A roll-up is asked of the store behind the samples that were handed over before, also while commits are slow.', async () => {
  using store = new TemporaryStore();
  using storage = await open(store, { ...bucket, tiers: false });

  await storage.rollUpOneSample(startMs);
  await storage.rollUpOneSample(startMs + 50 * dayMs);

  const { rolledUp } = await storage.client.status();
  expect(rolledUp.map(({ rows }) => rows)).toEqual(Array.from({ length: 10 }, () => 2));
});

test('Rows that were damaged while nobody looked are told of by roll-up and shipping, and hold nothing up.', async () => {
  using store = new TemporaryStore();
  {
    using journal = store.open();
    commitRows(journal, roomSeries('room-1'), { count: 20 });
  }
  damageRow(store.path, 'room_stats', "total_viewers = 'x' WHERE id IN (7, 9)");
  using storage = await open(store, { ...bucket, tiers: false });
  storage.client.rollUp(startMs + dayMs);
  await storage.clock.advance(5_000);

  const example = 'row 7 of room_stats is damaged: it holds text as total_viewers';
  expect(storage.told.filter(({ kind }) => kind === 'rows_damaged' || kind === 'rejected')).toEqual([
    { kind: 'rows_damaged', table: 'room_stats', rows: 2, example },
    { kind: 'rejected', sink: 'influxdb', table: 'room_stats', rows: 2, reason: example },
  ]);
  expect(storage.downs()).toEqual([]);
  const { sinks } = await storage.client.status();
  expect(sinks[0]).toMatchObject({ delivered: 18, rejected: 2, waiting: 0 });
});
