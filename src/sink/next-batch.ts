import type { IdRange } from '../model/id-range.ts';
import type { StoredTable } from '../model/stored-table.ts';
import { newestPart, sizeOf } from './id-ranges.ts';

/** What can be sent of one table. */
export type Table = {
  readonly name: StoredTable;
  /** Waiting and not in flight, oldest first. */
  readonly open: readonly IdRange[];
  /** The newest id ever seen: an open range that ends here may still grow. */
  readonly newestId: number;
  /** Until then a batch of fresh rows waits for more of them, unless it is full. Monotonic. */
  readonly lingerUntilMs: number;
  /** Number of the table's latest batch; the table with the lower number goes first. */
  readonly latestBatch: number;
};

export type NextBatch =
  | { readonly kind: 'send'; readonly table: StoredTable; readonly range: IdRange }
  | { readonly kind: 'linger'; readonly untilMs: number }
  | { readonly kind: 'nothing' };

/**
 * Fresh rows go first, then the newest of what waits: after an outage the present is on the dashboards at once, and the
 * past fills in behind it.
 */
export function chooseNextBatch(tables: readonly Table[], batchPoints: number, nowMs: number): NextBatch {
  let untilMs = Number.POSITIVE_INFINITY;
  let best: Candidate | undefined;
  for (const table of tables) {
    const newest = table.open.at(-1);
    if (newest === undefined) continue;
    const isFresh = newest.toId === table.newestId;
    const lingers = isFresh && sizeOf(newest) < batchPoints && nowMs < table.lingerUntilMs;
    if (lingers) untilMs = Math.min(untilMs, table.lingerUntilMs);
    const from = lingers ? table.open.at(-2) : newest;
    if (from === undefined) continue;
    const candidate = { table, from, isFresh: isFresh && !lingers };
    if (best === undefined || goesBefore(candidate, best)) best = candidate;
  }
  if (best !== undefined) {
    return { kind: 'send', table: best.table.name, range: newestPart(best.from, batchPoints) };
  }
  return Number.isFinite(untilMs) ? { kind: 'linger', untilMs } : { kind: 'nothing' };
}

type Candidate = { readonly table: Table; readonly from: IdRange; readonly isFresh: boolean };

function goesBefore(a: Candidate, b: Candidate): boolean {
  if (a.isFresh !== b.isFresh) return a.isFresh;
  return a.table.latestBatch < b.table.latestBatch;
}
