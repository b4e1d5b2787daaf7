import type { IdRange } from '../model/id-range.ts';
import type { Point } from '../model/point.ts';
import type { Sample } from '../model/sample.ts';
import type { RunEnds, Stock, StoredRound } from '../model/stock.ts';
import type { StoredTable } from '../model/stored-table.ts';
import { type Endpoint, endpoints, type Series } from '../model/target.ts';
import type { Session, Tier, Window } from '../model/window.ts';

/** Epoch milliseconds; the end is not in it. */
export type TimeRange = { readonly fromMs: number; readonly toMs: number };

export type IdRanges = readonly IdRange[];

export type Row<Content> = { readonly id: number; readonly seriesId: number; readonly content: Content };

export type StoredPoint = { readonly id: number; readonly point: Point };

/** A store that somebody may be writing to: each call sees it at an instant of its own. */
export interface VerifiedStore {
  takeStock(eachRound: (round: StoredRound, ends: RunEnds) => void): Stock;
  lastId(table: StoredTable): number;
  /** The rows that should be there. */
  stored(table: StoredTable): IdRanges;
  /** Those that retention has deleted. */
  deleted(table: StoredTable): IdRanges;
  /** Those that are there and that a sink has done with. */
  settled(sink: string, table: StoredTable): IdRanges;
  /** Those that are there and in the windows. */
  rolledUp(endpoint: Endpoint): IdRanges;
  /** The rows of a range that a sink is known to have refused. */
  rejected(sink: string, table: StoredTable, range: IdRange): IdRanges;
  /** When a sample was answered, or a window ended: ids rise nearly in this order. */
  writtenMs(table: StoredTable, id: number): number | undefined;
  /** The part of these ids that was answered in a time, and by so much before and after it. */
  answeredWithin(endpoint: Endpoint, ranges: IdRanges, time: TimeRange, marginMs: number): IdRanges;
  /** What is wrong with a row that is there and was not read, as what follows its number; undefined where it is not there. */
  faultOf(table: StoredTable, id: number): string | undefined;
  /** Sound rows alone, as everything that is read here. */
  readSamples(endpoint: Endpoint, range: IdRange): readonly Row<Sample>[];
  readWindows(endpoint: Endpoint, tier: Tier, range: IdRange): readonly Row<Window>[];
  readSessions(endpoint: Endpoint, range: IdRange): readonly Row<Session>[];
  sessionOf(endpoint: Endpoint, seriesId: number, startMs: number): Row<Session> | undefined;
  /** Rows as they are shipped; of a session that was written several times only the last. */
  readPoints(table: StoredTable, range: IdRange): readonly StoredPoint[];
  readPointsAt(table: StoredTable, ranges: IdRanges, time: TimeRange): Iterable<readonly StoredPoint[]>;
  seriesOf(seriesId: number): Series;
  targetOf(seriesId: number): number;
  /** What the roll-up remembers of the windows that a series has open; undefined where it has none. */
  openWindows(seriesId: number): string | undefined;
  hasOpenSession(targetId: number): boolean;
  apps(): readonly string[];
}

/** No sample is answered so long after it was due, and no window written so long after its end, while a collector runs. */
export const slackMs = 24 * 60 * 60 * 1_000;

/** The same ids in parts of at most so many: what is read at a time. */
export function* slices(ranges: IdRanges, size: number): Generator<IdRange> {
  for (const { fromId, toId } of ranges) {
    for (let first = fromId; first < toId; first += size) yield { fromId: first, toId: Math.min(toId, first + size) };
  }
}

/** The ids of `ranges` up to and including `lastId`. */
export function upTo(ranges: IdRanges, lastId: number): IdRanges {
  return ranges
    .filter(({ fromId }) => fromId < lastId)
    .map(({ fromId, toId }) => ({ fromId, toId: Math.min(toId, lastId) }));
}

/** The ids of `ranges` above an id. */
export function after(ranges: IdRanges, id: number): IdRanges {
  return ranges.filter(({ toId }) => toId > id).map(({ fromId, toId }) => ({ fromId: Math.max(fromId, id), toId }));
}

export function isSampleTable(table: StoredTable): table is Endpoint {
  return endpoints.some((endpoint) => endpoint === table);
}
