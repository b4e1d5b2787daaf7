import type { Clock } from '../model/clock.ts';
import type { Round } from '../model/round.ts';
import type { Sample } from '../model/sample.ts';
import type { StoreStatus } from '../model/store-status.ts';
import type { Series } from '../model/target.ts';
import type { FromStore, OpenedStore, ToStore } from './protocol.ts';
import type { Registration } from './series-table.ts';

export type StoreClientOptions = {
  readonly clock: Clock;
  send(message: ToStore): void;
  /** Called when commits begin to fail and, with undefined, when they work again. Rows wait in memory meanwhile. */
  onCommitProblem(problem: string | undefined): void;
};

/**
 * The collector's end of the store. What is handed over is committed in this order within 100 ms, as long as the disk
 * takes it; whoever needs to know when, flushes. Calls throw and promises reject only when the store is lost.
 */
export interface StoreClient {
  /** Resolves when the store can be used; nothing else is called before. */
  readonly opened: Promise<OpenedStore>;
  /** Rows handed over that are not on the disk yet: a collector that sees them grow polls less. */
  readonly unacknowledged: number;
  /** Register in the order of polling: commits are several times as fast. */
  register(series: readonly Series[]): Promise<readonly Registration[]>;
  /** Returns the id of the round. `due` is what is to be polled from now on, also in a round that an earlier run began. */
  beginRound(round: Round, due: number): number;
  /** What was due and has neither a sample nor been counted is cut off. */
  endRound(roundId: number): void;
  /** Ends the rounds of earlier runs, except those that were begun again before this. */
  endEarlierRounds(): void;
  /** Counts as polled in its round. */
  append(registration: Registration, roundId: number, sample: Sample, state: string): void;
  countFailed(roundId: number, dueMs: number): void;
  /** `lastDueMs`: the last of their due instants. */
  countSkipped(roundId: number, polls: number, lastDueMs: number): void;
  /** For a target that changed without a sample: it is gone. */
  saveState(registration: Registration, state: string): void;
  /** Resolves when everything handed over so far is on the disk. */
  flush(): Promise<void>;
  /**
   * Makes windows and sessions of what was handed over so far, and ends those that are over by an instant: each sample that
   * was due before it has been handed over. Goes on by itself, and does nothing while commits fail.
   */
  rollUp(untilMs: number): void;
  status(): Promise<StoreStatus>;
  /** Flushes, then closes the store; nothing is called afterwards. */
  close(): Promise<void>;
  /** Takes a message of the server. */
  receive(message: FromStore): void;
  /** Tells that the store is lost: its thread has died, or could not open it. */
  fail(error: Error): void;
}
