import type { Round } from '../model/round.ts';
import type { Sample } from '../model/sample.ts';
import type { Endpoint } from '../model/target.ts';

export type NewSample = {
  readonly endpoint: Endpoint;
  readonly seriesId: number;
  readonly roundId: number;
  readonly sample: Sample;
};

/** What is committed together: all of it or nothing. */
export type Batch = {
  /**
   * Ids are chosen by the only writer there is, above every id in the store. A round that is there already (after a
   * restart) goes on under the new id; `due` is what is still to be polled.
   */
  readonly begun: readonly { readonly id: number; readonly round: Round; readonly due: number }[];
  /** Each counts as polled in its round. */
  readonly samples: readonly NewSample[];
  /** What the tally remembers now, by target id. */
  readonly states: ReadonlyMap<number, string>;
  /** Polls without a sample, by round id. */
  readonly unanswered: ReadonlyMap<number, { readonly failed: number; readonly skipped: number }>;
  /** The highest due instant of those polls; 0 when there are none. */
  readonly unansweredMs: number;
  /** Round ids; what is due and not counted by now is cut off. */
  readonly ended: readonly number[];
  /** Ends every open round with a lower id; 0 for none. */
  readonly endBefore: number;
};

export const emptyBatch: Batch = {
  begun: [],
  samples: [],
  states: new Map(),
  unanswered: new Map(),
  unansweredMs: 0,
  ended: [],
  endBefore: 0,
};
