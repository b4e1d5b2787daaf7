import type { IdRange } from './id-range.ts';
import type { Schedule } from './round.ts';
import type { StoredTable } from './stored-table.ts';
import type { Endpoint } from './target.ts';

/** What is known of the rows that a sink has refused. */
export type RejectedAs = {
  /** Those of which the store knows the ids. */
  readonly listed: number;
  /** Those that retention has deleted. */
  readonly deleted: number;
  /** Those of an older store, or a salvaged one: some of the ids up to and including `unlistedToId`. */
  readonly unlisted: number;
  readonly unlistedToId: number;
};

/** How one reader, a sink or the roll-up, stands to the rows of a table: committed = delivered + waiting + rejected + dropped. */
export type Account = {
  readonly reader: string;
  readonly table: StoredTable;
  readonly committed: number;
  readonly delivered: number;
  readonly waiting: number;
  readonly rejected: number;
  readonly rejectedAs: RejectedAs;
  readonly dropped: number;
  /** What the reader has done with, as it is written: in rising order and apart, unless something else wrote it. */
  readonly settled: readonly IdRange[];
};

export type StoredRound = {
  readonly schedule: Schedule;
  readonly startMs: number;
  readonly hasEnded: boolean;
  readonly due: number;
  readonly polled: number;
  readonly failed: number;
  readonly skipped: number;
};

/**
 * Where a run of the collector ended, as what was due last in it, epoch milliseconds. It is a span of time where nothing tells
 * of the run any more but the number of runs.
 */
export type RunEnd = { readonly fromMs: number; readonly toMs: number };

/** `last`: of the latest run, which may go on; undefined where nothing was ever due. */
export type RunEnds = { readonly earlier: readonly RunEnd[]; readonly last: RunEnd | undefined };

/** The store at one instant. */
export type Stock = {
  readonly accounts: readonly Account[];
  readonly runEnds: RunEnds;
  /** Ids of rounds that cannot be read. */
  readonly damagedRounds: readonly number[];
  readonly lastIds: ReadonlyMap<StoredTable, number>;
  /** Samples that are in the windows, and still there. */
  readonly rolledUp: Readonly<Record<Endpoint, readonly IdRange[]>>;
};
