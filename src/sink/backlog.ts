import type { Sample } from '../model/sample.ts';
import type { Endpoint, Series } from '../model/target.ts';

/** Row ids above `fromId`, up to and including `toId`. */
export type IdRange = { readonly fromId: number; readonly toId: number };

/** A committed sample. */
export type Row = { readonly id: number; readonly seriesId: number; readonly sample: Sample };

/** What became of the rows of a range: each was delivered or rejected. */
export type Settlement = {
  readonly delivered: number;
  readonly rejected: readonly { readonly id: number; readonly reason: string }[];
};

/** The store as the shipper needs it. Every call is synchronous and cheap; it throws only where the store is broken. */
export interface Backlog {
  /** What a sink has not had yet: apart from one another, oldest first, up to the last committed id. */
  waitingRanges(sink: string, endpoint: Endpoint): readonly IdRange[];
  /** Ascending ids. A range may hold ids without a row. */
  readRows(endpoint: Endpoint, range: IdRange, limit: number): readonly Row[];
  seriesOf(seriesId: number): Series;
  /** Takes the whole range off the sink's waiting ranges, in one transaction. */
  settle(sink: string, endpoint: Endpoint, range: IdRange, settlement: Settlement): void;
}
