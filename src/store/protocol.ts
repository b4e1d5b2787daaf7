import type { StoreStatus } from '../model/store-status.ts';
import type { Series } from '../model/target.ts';
import type { Batch } from './batch.ts';
import type { OpenRound } from './round-table.ts';
import type { Registration } from './series-table.ts';

/** What the collector asks of the store. Messages of one kind are answered in the order in which they were sent. */
export type ToStore =
  | { readonly kind: 'commit'; readonly batch: Batch }
  | { readonly kind: 'register'; readonly series: readonly Series[] }
  | { readonly kind: 'status' }
  /** Every sample that was due before the instant has been committed. Not answered. */
  | { readonly kind: 'roll_up'; readonly untilMs: number }
  /** Takes effect behind everything that was sent before; nothing is sent afterwards. */
  | { readonly kind: 'close' };

/** What the store tells the collector. */
export type FromStore =
  /** Once, first of all. */
  | { readonly kind: 'opened'; readonly opened: OpenedStore }
  /** The batch is on the disk. */
  | { readonly kind: 'committed' }
  | { readonly kind: 'registered'; readonly registrations: readonly Registration[] }
  | { readonly kind: 'status'; readonly status: StoreStatus }
  | { readonly kind: 'closed' }
  /** Nothing can be written for now; it is tried again by itself. Undefined when it works again. */
  | { readonly kind: 'commit_problem'; readonly problem: string | undefined };

/** The store as the last run of the program left it. */
export type OpenedStore = {
  /** The highest due instant ever committed. */
  readonly lastDueMs: number | undefined;
  readonly nextRoundId: number;
  readonly openRounds: readonly OpenRound[];
};
