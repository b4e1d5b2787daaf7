/** One number per counter, in the order of `counters[endpoint]`; what the API did not send is undefined, never 0. */
export type Totals = readonly (number | undefined)[];

/** What the tally makes of an answer. Every integer is safe and never negative; times are epoch milliseconds. */
export type Sample = {
  /** When the poll was due: the time of the point, the same however often it is written. */
  readonly dueMs: number;
  /** From the due instant to the answer. */
  readonly delayMs: number;
  /** From the previous sample's due instant to this one's; undefined for the first sample of a target. */
  readonly gapMs: number | undefined;
  /** The gap is above two intervals of the schedule: nobody saw when in it the counters grew. */
  readonly inGap: boolean;
  /** Due instant of the first sample of the session. */
  readonly sessionMs: number;
  readonly totals: Totals;
  /** Growth since the previous sample; undefined where there is nothing to compare with. */
  readonly deltas: Totals;
};
