import { cpSync, rmSync } from 'node:fs';
import type { Point } from '../../../src/model/point.ts';
import type { Sample } from '../../../src/model/sample.ts';
import { type StoredTable, storedTables } from '../../../src/model/stored-table.ts';
import type { Series } from '../../../src/model/target.ts';
import { type Recalled, type RecallStore, recall } from '../../../src/recall/recall.ts';
import { createCalendar } from '../../../src/roll-up/calendar.ts';
import { createRollUp } from '../../../src/roll-up/roll-up.ts';
import { destinationsOf } from '../../../src/shipping.ts';
import { type Batch, emptyBatch, type NewSample } from '../../../src/store/batch.ts';
import { openDatabase } from '../../../src/store/database.ts';
import type { Journal, JournalOptions, Rejection } from '../../../src/store/journal.ts';
import { readStore } from '../../../src/store/store-reader.ts';
import type { PointReader } from '../../../src/verify/influxql.ts';
import { type PlainPoint, plainPoint } from '../../../src/verify/point-sums.ts';
import { type Verified, type VerifyOptions, verify } from '../../../src/verify/verify.ts';
import {
  receiverSeries,
  rollUp,
  rollUpOptions,
  roomSeries,
  roundAt,
  startMs,
  TemporaryStore,
} from '../store/temporary-store.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const roundMs = 15_000;
/** Each commit is an fsync. */
const commitEveryMs = 30 * minuteMs;

export const destinations = destinationsOf('influxdb', true);

/** A database that keeps what is written to it, by place, in memory. */
export class MemoryDatabase {
  readonly points = new Map<string, Map<string, PlainPoint>>();
  /** As they were written, of the samples. */
  #whole: Point[] = [];
  keepMs = Number.POSITIVE_INFINITY;

  write(place: string, points: readonly Point[]): void {
    for (const point of points) this.put(place, plainPoint(point));
    if (place === 'influxdb') this.#whole.push(...points);
  }

  /** As if the points of a time had never come. */
  forget(place: string, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): void {
    const isKept = ({ timeMs }: { readonly timeMs: number }) => timeMs < fromMs || timeMs >= toMs;
    const points = [...(this.points.get(place) ?? [])].filter(([, point]) => isKept(point));
    this.points.set(place, new Map(points));
    if (place === 'influxdb') this.#whole = this.#whole.filter(isKept);
  }

  wholePoints(
    measurement: string,
    { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  ): readonly Point[] {
    return this.#whole.filter((one) => one.measurement === measurement && one.timeMs >= fromMs && one.timeMs < toMs);
  }

  put(place: string, point: PlainPoint): void {
    const there = this.points.get(place) ?? new Map<string, PlainPoint>();
    this.points.set(place, there);
    there.set(`${point.timeMs}\n${point.series}`, point);
  }

  copy(): MemoryDatabase {
    const copy = new MemoryDatabase();
    for (const [place, points] of this.points) copy.points.set(place, new Map(points));
    return copy;
  }

  /** Every point of a place, by their time. */
  list(place: string): readonly PlainPoint[] {
    return [...(this.points.get(place)?.values() ?? [])].sort((a, b) => a.timeMs - b.timeMs);
  }

  reader(place: string): PointReader {
    return {
      place,
      keepMs: async () => this.keepMs,
      readPoints: async (measurement, apps, { fromMs, toMs }) =>
        this.list(place).filter(
          ({ series, timeMs }) =>
            timeMs >= fromMs &&
            timeMs < toMs &&
            series.startsWith(`${measurement}\n`) &&
            apps.some((app) => series.includes(`\napp=${app}\n`)),
        ),
    };
  }
}

/** Rooms and receivers that were polled every 15 seconds, rolled up, and shipped to a database in memory. */
export class LivedStore implements Disposable {
  readonly store = new TemporaryStore();
  readonly database = new MemoryDatabase();
  readonly rooms = [roomSeries('room-1'), roomSeries('room-2', { team: 'music' }), roomSeries('late room')];
  readonly receivers = [receiverSeries('room-1', 'anchor-1'), receiverSeries('room-2', 'anchor-2')];
  readonly #options: Partial<JournalOptions>;
  readonly #latest = new Map<Series, Sample>();
  journal: Journal;
  nowMs = startMs;

  constructor(options: Partial<JournalOptions> = {}) {
    this.#options = { sinks: destinations, ...options };
    this.journal = this.store.open(this.#options);
  }

  /** What the collector remembers of its targets; a store that goes on from a copy remembers what the copy does. */
  remembered(): ReadonlyMap<Series, Sample> {
    return new Map(this.#latest);
  }

  remember(latest: ReadonlyMap<Series, Sample>): void {
    this.#latest.clear();
    for (const [series, sample] of latest) this.#latest.set(series, sample);
  }

  /** Closes the store, as a stop of the collector does, and opens what lies there then. */
  reopen(between: () => void = () => {}): void {
    this.journal[Symbol.dispose]();
    between();
    this.journal = this.store.open(this.#options);
  }

  /** Goes on from a copy of the store, as after the loss of a disk. */
  goOnFrom(copyPath: string): void {
    this.reopen(() => {
      for (const end of ['', '-wal', '-shm']) rmSync(`${this.store.path}${end}`, { force: true });
      cpSync(copyPath, this.store.path);
    });
  }

  /** Polls for so long, and commits what came every half hour; `isAbsent` leaves polls out as failed. */
  live(forMs: number, isAbsent: (series: Series, dueMs: number) => boolean = () => false): void {
    const registrations = new Map(
      [this.rooms, this.receivers].map((series) => [series, this.journal.register(series)] as const),
    );
    for (const endMs = this.nowMs + forMs; this.nowMs < endMs; ) {
      const begun: Batch['begun'][number][] = [];
      const samples: NewSample[] = [];
      const unanswered = new Map<number, { failed: number; skipped: number }>();
      let roundId = this.journal.nextRoundId();
      for (const commitMs = Math.min(endMs, this.nowMs + commitEveryMs); this.nowMs < commitMs; this.nowMs += roundMs) {
        for (const [series, registered] of registrations) {
          let failed = 0;
          for (const [index, { seriesId, endpoint }] of registered.entries()) {
            const one = series[index];
            const dueMs = this.nowMs + index * 3_000;
            if (one === undefined || isAbsent(one, dueMs)) failed++;
            else samples.push({ endpoint, seriesId, roundId, sample: this.#sample(one, dueMs) });
          }
          const round = roundAt(registered[0]?.endpoint ?? 'room_stats', this.nowMs);
          begun.push({ id: roundId, round, due: series.length });
          unanswered.set(roundId, { failed, skipped: 0 });
          roundId++;
        }
      }
      this.journal.commit({ ...emptyBatch, begun, samples, unanswered, ended: begun.map(({ id }) => id) });
      this.store.clock.setWall(this.nowMs);
      rollUp(this.journal, this.nowMs);
    }
  }

  #sample(series: Series, dueMs: number): Sample {
    const before = this.#latest.get(series);
    const width = series.target.endpoint === 'room_stats' ? 6 : 3;
    const isNew = before === undefined || dueMs - before.sessionMs > 80 * minuteMs;
    const deltas = Array.from({ length: width }, (_, index) =>
      before === undefined ? undefined : (dueMs / 1_000 + index) % 7,
    );
    const gapMs = before === undefined ? undefined : dueMs - before.dueMs;
    const sample: Sample = {
      ...{ dueMs, gapMs, deltas, delayMs: 80 + (dueMs % 50), inGap: (gapMs ?? 0) > 2 * roundMs },
      sessionMs: isNew ? dueMs : before.sessionMs,
      totals: deltas.map((delta, index) => (isNew ? 0 : (before.totals[index] ?? 0)) + (delta ?? 100 + index)),
    };
    this.#latest.set(series, sample);
    return sample;
  }

  /** Ships what waits, to every place or to one; the server refuses rows of `isRefused`. */
  ship(only?: string, isRefused: (table: StoredTable, id: number) => boolean = () => false): void {
    for (const { name, tables } of destinations) {
      if (only === undefined || only === name) for (const table of tables) this.#shipTable(name, table, isRefused);
    }
  }

  #shipTable(sink: string, table: StoredTable, isRefused: (table: StoredTable, id: number) => boolean): void {
    for (const range of this.journal.waitingRanges(sink, table)) {
      const damaged: Rejection[] = [];
      const points = [...this.journal.readPoints(table, range, (row) => damaged.push(row))];
      const [refused, taken] = [true, false].map((is) => points.filter(({ id }) => isRefused(table, id) === is));
      this.database.write(sink, taken?.map(({ point }) => point) ?? []);
      const rejected = refused?.map(({ id }) => ({ id, reason: 'refused' })) ?? [];
      this.journal.settle(sink, table, range, [...rejected, ...damaged]);
    }
  }

  /** As the command of that name does it. */
  recall(store: RecallStore = this.journal): Promise<Recalled> {
    return recall({
      store,
      readPoints: async (measurement, time) => this.database.wholePoints(measurement, time),
      nextMs: async (measurement, fromMs) => {
        const found = this.database.wholePoints(measurement, { fromMs, toMs: Number.POSITIVE_INFINITY });
        return found.length === 0 ? undefined : Math.min(...found.map(({ timeMs }) => timeMs));
      },
      sink: 'influxdb',
      nowMs: this.nowMs,
      pause: async () => {},
    });
  }

  verify(changes: Partial<VerifyOptions> = {}): Promise<Verified> {
    return verifyStore(this.store.path, this.database, { nowMs: this.nowMs, ...changes });
  }

  [Symbol.dispose](): void {
    this.journal[Symbol.dispose]();
    this.store[Symbol.dispose]();
  }
}

/** A copy of what a store and its database hold, to be spoilt. Nobody writes to it. */
export class Copy implements Disposable {
  readonly #store = new TemporaryStore();
  readonly path = this.#store.path;
  readonly database: MemoryDatabase;
  readonly #nowMs: number;

  constructor(lived: LivedStore) {
    cpSync(lived.store.path, this.path);
    cpSync(`${lived.store.path}-wal`, `${this.path}-wal`);
    this.database = lived.database.copy();
    this.#nowMs = lived.nowMs;
  }

  change(sql: string): void {
    using database = openDatabase(this.path, 1_000);
    database.exec(sql);
  }

  verify(changes: Partial<VerifyOptions> = {}): Promise<Verified> {
    return verifyStore(this.path, this.database, { nowMs: this.#nowMs, ...changes });
  }

  [Symbol.dispose](): void {
    this.#store[Symbol.dispose]();
  }
}

export async function verifyStore(
  path: string,
  database: MemoryDatabase | undefined,
  changes: Partial<VerifyOptions> = {},
): Promise<Verified> {
  return await readStore(path, (store) =>
    verify({
      store,
      destinations:
        database === undefined
          ? []
          : destinations.map(({ name, tables }) => ({ sink: name, tables, reader: database.reader(name) })),
      apps: ['main'],
      time: { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY },
      nowMs: startMs,
      rollUp: createRollUp(rollUpOptions),
      calendar: createCalendar(rollUpOptions.timezone),
      intervalOf: ({ cron }) => (cron === '0 * * * *' ? hourMs : roundMs),
      mostExamples: 5,
      pause: async () => {},
      ...changes,
    }),
  );
}

/** Rows of all tables, for a look at whether a test has any. */
export function countRows(store: TemporaryStore): Readonly<Record<string, number>> {
  return Object.fromEntries(
    storedTables.map(({ name }) => [name, Number(store.query(`SELECT count(*) AS rows FROM ${name}`)[0]?.['rows'])]),
  );
}
