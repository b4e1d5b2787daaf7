import type { Clock } from '../model/clock.ts';
import type { Batch } from './batch.ts';
import { BatchBuffer } from './batch-buffer.ts';

/** Leaves the commit itself 20 ms, so that a row is on the disk within 100 ms. Each costs an fsync, so there are no more than that. */
const longestWaitMs = 80;
/** A group of so many rows goes without waiting. */
const fullGroupRows = 1_000;
/** One is written while the next is on its way. While the disk is slow, groups grow rather than queue up. */
const groupsInFlight = 2;

type Group = { readonly buffer: BatchBuffer; readonly committed: PromiseWithResolvers<void> };

/** Decides what is committed together, and when it is sent. */
export class GroupCommit {
  readonly #clock: Clock;
  readonly #send: (batch: Batch) => void;
  /** What is being collected; undefined when nothing is. */
  #open: Group | undefined;
  #isDue = false;
  #cancelTimer = () => {};
  /** Sent and not committed yet, in the order of sending. */
  readonly #sent: Group[] = [];
  #failure: Error | undefined;

  constructor(clock: Clock, send: (batch: Batch) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  get unacknowledgedRows(): number {
    return this.#sent.reduce((rows, { buffer }) => rows + buffer.rows, this.#open?.buffer.rows ?? 0);
  }

  /** Where to put what is to be committed next. */
  collect(): BatchBuffer {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#open === undefined) {
      this.#open = { buffer: new BatchBuffer(), committed: Promise.withResolvers() };
      // Nobody may be waiting when it fails.
      this.#open.committed.promise.catch(() => {});
      this.#cancelTimer = this.#clock.after(longestWaitMs, () => this.#sendNow());
    }
    return this.#open.buffer;
  }

  sendIfFull(): void {
    if (this.#open !== undefined && this.#open.buffer.rows >= fullGroupRows) this.#sendNow();
  }

  /** Resolves when everything collected so far is on the disk. */
  async flush(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const latest = this.#open ?? this.#sent.at(-1);
    if (this.#open !== undefined) this.#sendNow();
    await latest?.committed.promise;
  }

  /** The oldest batch that was sent is on the disk. */
  committed(): void {
    this.#sent.shift()?.committed.resolve();
    if (this.#isDue) this.#sendNow();
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#cancelTimer();
    this.#open?.committed.reject(error);
    for (const { committed } of this.#sent) committed.reject(error);
  }

  /** Sends what is collected, or, while too much is on its way, as soon as less is. */
  #sendNow(): void {
    this.#cancelTimer();
    const group = this.#open;
    this.#isDue = group !== undefined && this.#sent.length >= groupsInFlight;
    if (group === undefined || this.#isDue) return;
    this.#open = undefined;
    this.#sent.push(group);
    this.#send(group.buffer.toBatch());
  }
}
