import type { Totals } from './sample.ts';

/** What the tally remembers of a target between two samples; stored with every sample, so a restart goes on from it. */
export type TallyState = {
  /** Due instant of the last sample; of the last report that the room is gone where it has never answered. */
  readonly dueMs: number;
  readonly sessionMs: number;
  /** Highest total of each counter in this session; 0 where a session that counts from zero has not been sent it yet. Empty where the room has never answered. */
  readonly highest: Totals;
  /** True after the room was reported gone, until it answers again. */
  readonly gone: boolean;
  /** One per counter, undefined where it was not below its highest total when last sent; no list at all when none is. */
  readonly dips: readonly (Dip | undefined)[] | undefined;
};

/** A counter that was below its highest total when it was last sent. */
export type Dip = {
  /** The latest samples in a row in which it was below half of its highest total: 0 to 3, the fourth begins a session. */
  readonly samples: number;
  /** Due instant of the first of them; undefined when there are none. */
  readonly sinceMs: number | undefined;
};
