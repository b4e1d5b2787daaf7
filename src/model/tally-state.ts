import type { Totals } from './sample.ts';

/** What the tally remembers of a target between two samples; stored with every sample, so a restart goes on from it. */
export type TallyState = {
  readonly dueMs: number;
  readonly sessionMs: number;
  /** Highest total of each counter in this session. */
  readonly highest: Totals;
  /** True after the room was reported gone, until it answers again. */
  readonly gone: boolean;
  /** Samples in a row that were below half of the highest totals: stale reads, or a new session not yet believed. */
  readonly dip: { readonly sinceMs: number; readonly samples: number } | undefined;
};
