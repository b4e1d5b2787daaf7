import type { Totals } from './sample.ts';

/** What samples are rolled up to: windows of 5 minutes and 1 hour (UTC), calendar days and months (of the reporting time zone). */
export const tiers = ['5m', '1h', '1d', '1mo'] as const;
export type Tier = (typeof tiers)[number];

/** What one series did from `startMs` until before `endMs`. A delta belongs to the window of its sample. */
export type Window = {
  readonly startMs: number;
  readonly endMs: number;
  readonly samples: number;
  /** Time between samples that was no gap. */
  readonly coveredMs: number;
  /** Last total of each counter; undefined where no answer had it. */
  readonly totals: Totals;
  /** Sum of all growth; undefined where no sample had a delta. */
  readonly deltas: Totals;
  /** The part of it that grew in gaps. */
  readonly gapDeltas: Totals;
  /** Most growth in one minute of UTC, gaps left out; growth between samples further apart is taken as even. */
  readonly peaks: Totals;
};

/** One life of a target's counters, from its first sample to its last. */
export type Session = {
  readonly startMs: number;
  readonly endMs: number;
  readonly samples: number;
  readonly coveredMs: number;
  /** Highest total of each counter: opening + sum of deltas. */
  readonly totals: Totals;
  readonly openings: Totals;
  readonly peaks: Totals;
  /** False where counters grew in a gap: the room may have been made anew in it and have overtaken its old totals. */
  readonly isConfirmed: boolean;
};
