import type { StoredTable } from '../model/stored-table.ts';
import { type Findings, instant } from './findings.ts';
import type { PointReader } from './influxql.ts';
import { KnownTime } from './known-time.ts';
import { keyOf, type PlainPoint, PointSums, plainPoint } from './point-sums.ts';
import { type IdRanges, isSampleTable, slices, type TimeRange, type VerifiedStore } from './verified-store.ts';

export type PointsOptions = {
  readonly store: VerifiedStore;
  readonly sink: string;
  readonly reader: PointReader;
  readonly measurement: string;
  /** All that are shipped as this measurement. */
  readonly tables: readonly StoredTable[];
  readonly apps: readonly string[];
  /** What the server still keeps, and was asked for. */
  readonly time: TimeRange;
  readonly nowMs: number;
  /** From then on the store knows of every point that there should be. */
  readonly sinceMs: number;
  /** Keys of points that may be there although the store holds no row of them any more, or not yet again. */
  readonly unfinished: ReadonlySet<string>;
  readonly sliceMs: number;
  /** The longest that a sample is answered after it was due. */
  readonly lateMs: number;
  /** Up to and including these ids it is not known of every row whether it was refused. */
  readonly unlistedTo: ReadonlyMap<StoredTable, number>;
  readonly findings: Findings;
  /** Points that are missing, of such rows. */
  readonly unsure: Findings;
  readonly pause: () => Promise<void>;
};

const rowsPerSlice = 5_000;
/** How far ahead of this clock that of the collector may be. */
const aheadMs = 60 * 60 * 1_000;
/** Points in one answer, about: some 10 MB. */
const pointsPerQuery = 20_000;

/**
 * Each delivered point is in the database with its values, and no other of ours is. Looks twice: sums over slices of time
 * first, which takes little memory and no order, and then, where they differ, at the points themselves. By then what was
 * on its way has arrived. Returns how many points were held against the database.
 */
export async function checkPoints(options: PointsOptions): Promise<number> {
  const { reader, measurement, apps, sliceMs } = options;
  const delivered = await sumUp(options);
  let count = 0;
  for (const span of apps.length === 0 ? [] : spansToAsk(options, delivered)) {
    const found = new PointSums(sliceMs);
    for (const point of await reader.readPoints(measurement, apps, span)) found.add(point);
    const differing: number[] = [];
    for (let slice = Math.floor(span.fromMs / sliceMs); slice * sliceMs < span.toMs; slice++) {
      count += delivered.count(slice);
      if (!delivered.isSame(found, slice)) differing.push(slice);
    }
    const [firstOff, lastOff] = [differing[0], differing.at(-1)];
    if (firstOff === undefined || lastOff === undefined) continue;
    const off = { fromMs: firstOff * sliceMs, toMs: (lastOff + 1) * sliceMs };
    await lookClosely(options, { fromMs: Math.max(span.fromMs, off.fromMs), toMs: Math.min(span.toMs, off.toMs) });
  }
  return count;
}

/**
 * Where points were delivered to, and where one that is there would be unknown. A damaged row may lie decades away from all others:
 * what is between is not asked for.
 */
function* spansToAsk(options: PointsOptions, delivered: PointSums): Generator<TimeRange> {
  const { store, tables, sliceMs, sinceMs, time, nowMs } = options;
  const own = delivered.slices().map((slice) => slice * sliceMs);
  const lengthMs = sliceMs * Math.max(1, Math.floor(pointsPerQuery / Math.max(1, delivered.most())));
  const knownMs = Math.max(sinceMs, ...tables.map((table) => new KnownTime(store, table).beginsMs));
  const watchedMs = Number.isFinite(knownMs) ? knownMs : (own[0] ?? Number.POSITIVE_INFINITY);
  const [firstWatched, endWatched] = [
    Math.floor(Math.max(time.fromMs, watchedMs) / lengthMs),
    Math.ceil(Math.min(time.toMs, nowMs + aheadMs) / lengthMs),
  ];
  const spanOf = (number: number): TimeRange => ({
    fromMs: Math.max(time.fromMs, number * lengthMs),
    toMs: Math.min(time.toMs, (number + 1) * lengthMs),
  });
  const numbers = [...new Set(own.map((startMs) => Math.floor(startMs / lengthMs)))];
  yield* numbers.filter((number) => number < firstWatched).map(spanOf);
  for (let number = firstWatched; number < endWatched; number++) yield spanOf(number);
  yield* numbers.filter((number) => number >= Math.max(firstWatched, endWatched)).map(spanOf);
}

async function sumUp(options: PointsOptions): Promise<PointSums> {
  const { store, sink, tables, time, sliceMs, pause } = options;
  const sums = new PointSums(sliceMs);
  for (const table of tables) {
    for (const range of slices(rowsAbout(options, table, store.settled(sink, table), time), rowsPerSlice)) {
      const rejected = store.rejected(sink, table, range);
      for (const { id, point } of store.readPoints(table, range)) {
        const isWanted = point.timeMs >= time.fromMs && point.timeMs < time.toMs && !holds(rejected, id);
        if (isWanted) sums.add(plainPoint(point));
      }
      await pause();
    }
  }
  return sums;
}

/** Where the points of a time are. Windows and sessions lie at their start, and can be written long after it: anywhere. */
function rowsAbout({ store, lateMs }: PointsOptions, table: StoredTable, ranges: IdRanges, time: TimeRange): IdRanges {
  return isSampleTable(table) ? store.answeredWithin(table, ranges, time, lateMs) : ranges;
}

type StoredPoint = PlainPoint & { readonly isDelivered: boolean; readonly isUnsure: boolean };

/**
 * The order makes it right while the collector runs: what was delivered before the database was asked must be in its
 * answer, and what is in its answer was committed before the store was asked.
 */
async function lookClosely(options: PointsOptions, span: TimeRange): Promise<void> {
  const { store, sink, reader, measurement, apps, tables, sinceMs, unfinished, unlistedTo, findings, unsure } = options;
  const before = new Map(tables.map((table) => [table, deliveredRows(store, sink, table)]));
  const found = new Map<string, PlainPoint>();
  for (const point of await reader.readPoints(measurement, apps, span)) found.set(keyOf(point), point);
  const stored = new Map<string, StoredPoint>();
  for (const table of tables) {
    const isDelivered = before.get(table) ?? (() => false);
    for (const points of store.readPointsAt(table, rowsAbout(options, table, store.stored(table), span), span)) {
      for (const { id, point } of points) {
        const plain = plainPoint(point);
        const isUnsure = id <= (unlistedTo.get(table) ?? 0);
        stored.set(keyOf(plain), { ...plain, isDelivered: isDelivered(id), isUnsure });
      }
    }
  }
  const place = `${measurement} in ${reader.place}`;
  for (const [key, point] of stored) {
    const there = found.get(key);
    if (!point.isDelivered || there?.content === point.content) continue;
    if (there === undefined) {
      (point.isUnsure ? unsure : findings).add('missing_point', place, wordsFor(point), point.timeMs);
    } else findings.add('changed_point', place, `${wordsFor(point)}; there: ${there.content}`, point.timeMs);
  }
  const known = tables.map((table) => new KnownTime(store, table));
  for (const [key, point] of found) {
    if (stored.has(key) || unfinished.has(key) || point.timeMs < sinceMs) continue;
    const mayBeDeleted = known.some((time) => !time.covers({ fromMs: point.timeMs, toMs: point.timeMs + 1 }));
    if (!mayBeDeleted) findings.add('unknown_point', place, wordsFor(point), point.timeMs);
  }
}

function deliveredRows(store: VerifiedStore, sink: string, table: StoredTable): (id: number) => boolean {
  const settled = store.settled(sink, table);
  return (id) => holds(settled, id) && store.rejected(sink, table, { fromId: id - 1, toId: id }).length === 0;
}

function holds(ranges: IdRanges, id: number): boolean {
  return ranges.some(({ fromId, toId }) => fromId < id && id <= toId);
}

function wordsFor({ series, timeMs, content }: PlainPoint): string {
  return `${instant(timeMs)} ${series.replaceAll('\n', ',')} ${content}`;
}
