import { setTimeout as delay } from 'node:timers/promises';
import type { InfluxdbConfig } from '../../../src/config/config.ts';
import type { Clock } from '../../../src/model/clock.ts';
import { samplePoint } from '../../../src/model/point.ts';
import type { Sample } from '../../../src/model/sample.ts';
import type { Series } from '../../../src/model/target.ts';
import { openStorage, type StorageEvent } from '../../../src/storage.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { MessageClient } from '../../../src/store/message-client.ts';
import type { Registration } from '../../../src/store/series-table.ts';

export type Told = Extract<StorageEvent, { kind: 'sink_down' | 'sink_up' | 'rejected' }>;

function isTold(event: StorageEvent): event is Told {
  return event.kind === 'sink_down' || event.kind === 'sink_up' || event.kind === 'rejected';
}

/** A point in one line, to be compared: measurement, tags and time, and the fields apart. */
export type PointText = { readonly key: string; readonly fields: string };

export type ShippingRun = AsyncDisposable & {
  /** Commits so many samples; `isBad` ones carry a field that the server holds with another type. */
  commit(samples: number, isBad: (index: number) => boolean): Promise<void>;
  /** Resolves when nothing waits any more; rejects when that takes longer than it ever should. */
  settled(): Promise<void>;
  /** Outages and rejections, as an operator is told of them. */
  readonly told: readonly Told[];
  /** Every point that was committed, and whether the server cannot take it. */
  readonly committed: ReadonlyMap<string, { readonly fields: string; readonly isBad: boolean }>;
  /** What the store has set aside. */
  rejected(): number;
};

const forever = Number.POSITIVE_INFINITY;
const rooms = 40;
const totals = [1_000, 200, 30_000] as const;

/** The real store and shipper, fed with samples of rooms, without the collector in front. */
export async function openShipping(options: {
  readonly path: string;
  readonly influxdb: InfluxdbConfig;
  readonly clock: Clock;
}): Promise<ShippingRun> {
  const { path, influxdb, clock } = options;
  const told: Told[] = [];
  const committed = new Map<string, { fields: string; isBad: boolean }>();
  const drained = Promise.withResolvers<void>();
  const storage = openStorage(
    {
      store: { path, keepMs: 14 * 86_400_000, maxSizeBytes: 1e12 },
      // Windows of samples that all lie behind are not what is looked at here.
      reporting: { timezone: 'Etc/UTC', keepMs: { '5m': forever, '1h': forever, '1d': forever, '1mo': forever } },
      sessionCloseAfterMs: forever,
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
  const series = Array.from({ length: rooms }, (_, index): Series => {
    const roomId = `room ${index}`;
    const labels = { team: 'music, "late" = night' };
    return index % 2 === 0
      ? { target: { endpoint: 'room_stats', app: 'main', roomId }, labels }
      : { target: { endpoint: 'gift_count', app: 'main', roomId, userId: 'anchor' }, labels };
  });
  const registrations = await store.register(series);
  const startMs = Math.floor(Date.now() / 1000) * 1000 - 30 * 60_000;
  let count = 0;

  return {
    told,
    committed,
    async commit(samples, isBad) {
      const [first] = series;
      if (first === undefined) return;
      const round = {
        schedule: { app: 'main', endpoint: first.target.endpoint, cron: '* * * * * *', timezone: 'Etc/UTC' },
        startMs: startMs + count,
      };
      const roundId = store.beginRound(round, samples);
      for (let index = 0; index < samples; index++) {
        const at = count++ % rooms;
        const { series: one, registration } = registered(series, registrations, at);
        const bad = isBad(index) && one.target.endpoint === 'room_stats';
        const sample: Sample = {
          ...{ dueMs: startMs + count, delayMs: index, gapMs: 15_000, inGap: false, sessionMs: startMs },
          totals: totals.map((total) => total + count),
          deltas: bad ? [1, 1, 1, 1, count] : [1, 1, 1],
        };
        const { key, fields } = textOf(samplePoint(one, sample));
        committed.set(key, { fields, isBad: bad });
        store.append(registration, roundId, sample, 'state');
      }
      store.endRound(roundId);
      await store.flush();
    },
    async settled() {
      const deadline = performance.now() + 60_000;
      for (;;) {
        const { sinks } = await store.status();
        if (sinks.every(({ waiting }) => waiting === 0)) return;
        if (performance.now() > deadline) throw new Error(`after a minute this still waits: ${JSON.stringify(sinks)}`);
        await delay(5);
      }
    },
    rejected() {
      using database = openDatabase(path, 1_000);
      return Number(database.prepare('SELECT count(*) AS count FROM rejected').get()?.['count']);
    },
    async [Symbol.asyncDispose]() {
      storage.receive({ kind: 'drain', withinMs: 0 });
      await drained.promise;
      await store.close();
    },
  };
}

function registered(series: readonly Series[], registrations: readonly Registration[], at: number) {
  const [one, registration] = [series[at], registrations[at]];
  if (one === undefined || registration === undefined) throw new RangeError(`no series ${at}`);
  return { series: one, registration };
}

/** Tags and fields in the order of their names: servers have an order of their own. */
export function textOf(point: {
  readonly measurement: string;
  readonly tags: Iterable<readonly [string, string]>;
  readonly fields: Iterable<readonly [string, number | bigint]>;
  readonly timeMs: number;
}): PointText {
  const sorted = (pairs: Iterable<readonly [string, string | number | bigint]>) =>
    [...pairs].map(([name, value]) => `${name}=${value}`).sort();
  return {
    key: JSON.stringify([point.measurement, sorted(point.tags), point.timeMs]),
    fields: sorted(point.fields).join(),
  };
}

export type Comparison = { readonly lost: number; readonly doubled: number; readonly wrong: number };

/** What the server holds against what was committed: exactly that, and the bad points nowhere but among the rejected. */
export function compare(run: ShippingRun, held: readonly PointText[]): Comparison {
  const there = new Map(held.map(({ key, fields }) => [key, fields]));
  let lost = 0;
  let wrong = 0;
  let bad = 0;
  for (const [key, { fields, isBad }] of run.committed) {
    const found = there.get(key);
    if (isBad) bad++;
    if (isBad ? found !== undefined : found !== undefined && found !== fields) wrong++;
    else if (!isBad && found === undefined) lost++;
  }
  const doubled = held.length - there.size + [...there.keys()].filter((key) => !run.committed.has(key)).length;
  return { lost, doubled, wrong: wrong + Math.abs(run.rejected() - bad) };
}
