import { setTimeout as delay } from 'node:timers/promises';
import type { InfluxdbConfig } from '../../../src/config/config.ts';
import type { Clock } from '../../../src/model/clock.ts';
import { tableOf } from '../../../src/model/stored-table.ts';
import { endpoints } from '../../../src/model/target.ts';
import { openStorage, type StorageEvent } from '../../../src/storage.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { MessageClient } from '../../../src/store/message-client.ts';
import {
  type ExpectedPoint,
  expectedPoints,
  farFutureMs,
  type Place,
  type PointText,
  reportingZone,
  sessionCloseAfterMs,
} from './expected-points.ts';
import { createSampledRooms, type Pace } from './sampled-rooms.ts';

export type Told = Extract<StorageEvent, { kind: 'sink_down' | 'sink_up' | 'rejected' }>;

function isTold(event: StorageEvent): event is Told {
  return event.kind === 'sink_down' || event.kind === 'sink_up' || event.kind === 'rejected';
}

export type ShippingRun = AsyncDisposable & {
  /** Commits so many samples; `isBad` ones of rooms carry a field that the server holds with another type. */
  commit(samples: number, isBad: (index: number) => boolean): Promise<void>;
  /** So much time passes without a sample: windows end, sessions close, and go on after all. */
  pass(ms: number): void;
  /** The next samples of so many targets begin a session. */
  makeAnew(targets: number): void;
  /** The next samples of so many targets have other labels. */
  relabel(targets: number): void;
  /** Ends the storage, whatever it has still to ship, and opens it again. */
  restart(): Promise<void>;
  /** Resolves when nothing waits any more; rejects when that takes longer than it ever should. */
  settled(): Promise<void>;
  /** Ends all windows and sessions, and resolves when they have been shipped; nothing is committed afterwards. */
  finished(): Promise<void>;
  /** Outages and rejections, as an operator is told of them. */
  readonly told: readonly Told[];
  /** What the samples so far come to in a place. */
  expected(place: Place): readonly ExpectedPoint[];
  /** How many rows for a place the store has set aside. */
  rejected(place: Place): number;
  /** How many sessions were written again because they went on after they had been closed. */
  rewritten(): number;
};

const forever = Number.POSITIVE_INFINITY;
const longestWaitMs = 60_000;

/** The real store, roll-up and shippers, fed with samples of rooms, without the collector in front. */
export async function openShipping(options: {
  readonly path: string;
  readonly influxdb: InfluxdbConfig;
  readonly clock: Clock;
  /** When the first sample is due; half an hour ago by default. */
  readonly beginMs?: number;
  readonly pace?: Pace;
  /** Whose days and months there are. */
  readonly timezone?: string;
}): Promise<ShippingRun> {
  const { path, influxdb, clock, beginMs = Math.floor(Date.now() / 1000) * 1000 - 30 * 60_000 } = options;
  const { timezone = reportingZone } = options;
  const told: Told[] = [];
  const rooms = createSampledRooms(beginMs, options.pace);

  async function open() {
    const drained = Promise.withResolvers<void>();
    const storage = openStorage(
      {
        // Nothing is deleted while it is compared.
        store: { path, keepMs: 1e14, maxSizeBytes: 1e12 },
        reporting: { timezone, keepMs: { '5m': forever, '1h': forever, '1d': forever, '1mo': forever } },
        sessionCloseAfterMs,
        influxdb,
        holder: { pid: process.pid, host: 'studio', command: 'campaign' },
      },
      {
        clock,
        random: (bound) => Math.floor(Math.random() * bound),
        send(message) {
          if (message.kind === 'store') queueMicrotask(() => store.receive(message.message));
          else if (message.kind === 'drained') drained.resolve();
          else if (isTold(message)) told.push(message);
        },
      },
    );
    const store: MessageClient = new MessageClient({
      clock,
      send: (message) => queueMicrotask(() => storage.receive({ kind: 'store', message })),
      onCommitProblem: () => {},
    });
    await store.opened;
    const close = async () => {
      storage.receive({ kind: 'drain', withinMs: 0 });
      await drained.promise;
      await store.close();
    };
    return { store, registrations: await store.register(rooms.series), close };
  }
  let opened = await open();

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + longestWaitMs;
    while (!(await isSo())) {
      if (performance.now() > deadline) {
        const { sinks, rollUp } = await opened.store.status();
        const waiting = [...sinks, ...rollUp].filter((one) => one.waiting > 0);
        throw new Error(`after ${longestWaitMs / 1000} s this still waits: ${JSON.stringify(waiting)}`);
      }
      await delay(5);
    }
  }
  const isShipped = async () => (await opened.store.status()).sinks.every(({ waiting }) => waiting === 0);
  const count = (sql: string, ...values: number[]) => {
    using database = openDatabase(path, 1_000);
    return Number(database.prepare(sql).get(...values)?.['count']);
  };

  return {
    told,
    pass: rooms.pass,
    makeAnew: rooms.makeAnew,
    relabel: rooms.relabel,
    async restart() {
      await opened.close();
      opened = await open();
    },
    async commit(samples, isBad) {
      const { store, registrations } = opened;
      const schedule = { app: 'main', endpoint: 'room_stats', cron: '* * * * * *', timezone: 'Etc/UTC' } as const;
      const roundId = store.beginRound({ schedule, startMs: rooms.nowMs }, samples);
      for (let index = 0; index < samples; index++) {
        const { series, sample } = rooms.take(isBad(index));
        const registration = registrations[series];
        if (registration === undefined) throw new RangeError(`no series ${series}`);
        store.append(registration, roundId, sample, 'state');
      }
      store.endRound(roundId);
      await store.flush();
      if (influxdb.tiers) store.rollUp(rooms.nowMs);
    },
    settled: () => until(isShipped),
    async finished() {
      if (influxdb.tiers) {
        opened.store.rollUp(farFutureMs);
        await until(async () => (await opened.store.status()).rollUp.every(({ waiting }) => waiting === 0));
        await until(async () => count(openStates, farFutureMs, farFutureMs) === 0);
      }
      await until(isShipped);
    },
    expected: (place) => expectedPoints(rooms, place, timezone),
    rejected: (place) => count(`SELECT count(*) AS count FROM rejected WHERE table_name IN (${tablesOf(place)})`),
    rewritten: () =>
      endpoints
        .map((endpoint) => tableOf(endpoint, 'session'))
        .map((table) => count(`SELECT count(*) - count(DISTINCT series_id || ' ' || start_ms) AS count FROM ${table}`))
        .reduce((sum, rows) => sum + rows, 0),
    [Symbol.asyncDispose]: () => opened.close(),
  };
}

const openStates = `SELECT (SELECT count(*) FROM open_windows WHERE next_end_ms <= ?)
  + (SELECT count(*) FROM open_session WHERE next_end_ms <= ?) AS count`;

function tablesOf(place: Place): string {
  const kinds = place === '1d' ? ([place, 'session'] as const) : [place];
  return kinds.flatMap((kind) => endpoints.map((endpoint) => `'${tableOf(endpoint, kind)}'`)).join();
}

export type Comparison = { readonly lost: number; readonly doubled: number; readonly wrong: number };

/** What the server holds in a place against what was committed: exactly that, and the bad points nowhere but among the rejected. */
export function compare(run: ShippingRun, held: readonly PointText[], place: Place = 'raw'): Comparison {
  const there = new Map(held.map(({ key, fields }) => [key, fields]));
  const expected = run.expected(place);
  let lost = 0;
  let wrong = 0;
  for (const { key, fields, isBad } of expected) {
    const found = there.get(key);
    if (isBad ? found !== undefined : found !== undefined && found !== fields) wrong++;
    else if (!isBad && found === undefined) lost++;
  }
  const keys = new Set(expected.map(({ key }) => key));
  const doubled = held.length - there.size + [...there.keys()].filter((key) => !keys.has(key)).length;
  const bad = expected.filter(({ isBad }) => isBad).length;
  return { lost, doubled, wrong: wrong + Math.abs(run.rejected(place) - bad) };
}
