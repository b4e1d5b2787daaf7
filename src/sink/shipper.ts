import type { Clock } from '../model/clock.ts';
import type { Random } from '../model/random.ts';
import type { StoredTable } from '../model/stored-table.ts';
import type { Backlog, Rejection } from './backlog.ts';
import { type BatchLimit, fullLimit, lowered, raised } from './batch-limit.ts';
import { BatchQueue, type Flight } from './batch-queue.ts';
import { deliver } from './delivery.ts';
import { type Outage, type OutageEvents, OutageWatch, type ShipProblem } from './outage.ts';
import { SentPoints } from './sent-points.ts';
import type { Sink } from './sink.ts';
import { SinkRequests } from './sink-requests.ts';

export type ShipperOptions = {
  readonly sink: Sink;
  readonly backlog: Backlog;
  /** What this sink gets. */
  readonly tables: readonly StoredTable[];
  readonly clock: Clock;
  readonly random: Random;
  readonly events: ShipperEvents;
  /** A batch keeps its thread for about 10 us a point. */
  readonly batchPoints?: number;
  readonly maxInFlight?: number;
  /** Fresh rows wait so long for more of them after a batch that took all there were. */
  readonly lingerMs?: number;
  readonly timeoutMs?: number;
};

/** What an operator would act on. */
export type ShipperEvents = OutageEvents & {
  /** At most once per batch; `reason` is that of one of the rows. */
  rowsRejected(table: StoredTable, rows: number, reason: string): void;
};

export type ShipperStatus =
  | { readonly state: 'shipping' }
  /** Something is wrong, and a batch is tried now and then; `sinceMs` is epoch milliseconds. */
  | { readonly state: 'waiting'; readonly problem: ShipProblem; readonly sinceMs: number };

/** Brings committed rows into a sink: tries each until the sink has it, or has said that it never takes it. */
export interface Shipper {
  start(): void;
  /** To be called after each commit. */
  rowsCommitted(): void;
  /** Ships what can be shipped until the deadline, then breaks off; what is left stays in the backlog. */
  stop(options: { readonly deadlineMs: number }): Promise<void>;
  status(): ShipperStatus;
}

export function createShipper(options: ShipperOptions): Shipper {
  return new BatchShipper(options);
}

class BatchShipper implements Shipper {
  readonly #options: Required<ShipperOptions>;
  readonly #watch: OutageWatch;
  readonly #queue: BatchQueue;
  readonly #requests: SinkRequests;
  #limit: BatchLimit;
  #wake: { readonly atMs: number; readonly cancel: () => void } | undefined;
  /** Fresh rows wait for more of them, and it is known until when: a look at the backlog for each commit would be for nothing. */
  #isLingering = false;
  #phase: 'new' | 'running' | 'draining' | 'breaking_off' | 'stopped' = 'new';
  #cancelDeadline = () => {};
  readonly #stopped = Promise.withResolvers<void>();

  constructor(options: ShipperOptions) {
    this.#options = { batchPoints: 1_000, maxInFlight: 3, lingerMs: 1_000, timeoutMs: 20_000, ...options };
    const { sink, backlog, tables, lingerMs, batchPoints, timeoutMs, clock, random, events } = this.#options;
    this.#watch = new OutageWatch(clock, random, events);
    this.#queue = new BatchQueue(sink.name, backlog, tables, lingerMs);
    this.#requests = new SinkRequests(sink, clock, timeoutMs);
    this.#limit = fullLimit(batchPoints);
  }

  start(): void {
    this.#phase = 'running';
    this.#wakeIn(0);
  }

  rowsCommitted(): void {
    if (this.#phase === 'running' && !this.#isLingering) this.#wakeIn(0);
  }

  status(): ShipperStatus {
    const outage = this.#watch.current;
    if (outage === undefined) return { state: 'shipping' };
    return { state: 'waiting', problem: outage.problem, sinceMs: outage.began.wallMs };
  }

  stop({ deadlineMs }: { readonly deadlineMs: number }): Promise<void> {
    if (this.#phase === 'new') this.#end();
    if (this.#phase === 'running') {
      this.#phase = 'draining';
      this.#cancelDeadline = this.#options.clock.after(deadlineMs, () => this.#breakOff());
      this.#watch.retryNow();
      this.#wakeIn(0);
    }
    return this.#stopped.promise;
  }

  #breakOff(): void {
    this.#phase = 'breaking_off';
    this.#requests.breakOff('livetally is stopping');
    this.#wakeIn(0);
  }

  /** Each step is a turn of its own: the thread belongs to the commits too, and a batch keeps it for milliseconds. */
  #wakeIn(delayMs: number): void {
    const { clock } = this.#options;
    const atMs = clock.monotonicMs() + delayMs;
    if (this.#wake !== undefined && this.#wake.atMs <= atMs) return;
    this.#wake?.cancel();
    const cancel = clock.after(delayMs, () => {
      this.#wake = undefined;
      this.#step();
    });
    this.#wake = { atMs, cancel };
  }

  #step(): void {
    let moreInMs: number | undefined;
    try {
      moreInMs = this.#launch();
    } catch (error) {
      this.#fail(error);
      moreInMs = 0;
    }
    if (moreInMs !== undefined) {
      this.#wakeIn(moreInMs);
    } else if (this.#queue.flights === 0 && (this.#phase === 'draining' || this.#phase === 'breaking_off')) {
      this.#end();
    }
  }

  #end(): void {
    this.#phase = 'stopped';
    this.#cancelDeadline();
    this.#stopped.resolve();
  }

  /** Sends the next batch if it is time for one. Returns in how many milliseconds to ask again, where that is known. */
  #launch(): number | undefined {
    const { clock, maxInFlight, batchPoints } = this.#options;
    this.#isLingering = false;
    if (this.#phase !== 'running' && this.#phase !== 'draining') return undefined;
    const isDraining = this.#phase === 'draining';
    const outage = this.#watch.current;
    if (this.#queue.flights >= (outage === undefined ? maxInFlight : 1)) return undefined;
    const nowMs = clock.monotonicMs();
    if (outage !== undefined && nowMs < outage.retryAtMs) return isDraining ? undefined : outage.retryAtMs - nowMs;
    this.#limit = raised(this.#limit, batchPoints, nowMs);
    const next = this.#queue.next(this.#limit.points, isDraining ? Number.POSITIVE_INFINITY : nowMs);
    switch (next.kind) {
      case 'send':
        void this.#fly(this.#queue.take(next, nowMs));
        return 0;
      case 'linger':
        this.#isLingering = true;
        return next.untilMs - nowMs;
      case 'nothing':
        return undefined;
      default:
        return next satisfies never;
    }
  }

  /** Never rejects. */
  async #fly(flight: Flight): Promise<void> {
    try {
      await this.#ship(flight);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#queue.giveBack(flight);
      this.#wakeIn(0);
    }
  }

  async #ship({ table, range }: Flight): Promise<void> {
    const { sink, backlog, events } = this.#options;
    // The outage in which the latest request was sent: only such a request tells whether it is over.
    let seen: Outage | undefined;
    const rejected: Rejection[] = [];
    await deliver(range, {
      write: async (part) => {
        const damaged: Rejection[] = [];
        const points = new SentPoints(backlog.readPoints(table, part, (row) => damaged.push(row)));
        if (points.isEmpty) return { rows: [], damaged, outcome: { status: 'written' } };
        seen = this.#watch.current;
        // At once: what is read in the store is left before anything else happens in it.
        const finish = async () => points.finish();
        const [outcome, { rows, areRead }] = await Promise.all([this.#requests.write(points), finish()]);
        if (outcome.status === 'written' && !areRead)
          throw new Error(`${sink.name} has not read what it says is written`);
        if (outcome.status === 'too_large') this.#learnLimit(rows.length);
        return { rows, damaged, outcome };
      },
      // What was broken off says nothing about the sink.
      meet: (problem) => {
        if (this.#phase !== 'breaking_off') this.#watch.failed(problem, seen);
      },
      settle: (part, refused) => {
        backlog.settle(sink.name, table, part, refused);
        rejected.push(...refused);
        this.#watch.progressed(seen);
      },
    });
    const [first] = rejected;
    if (first !== undefined) events.rowsRejected(table, rejected.length, first.reason);
  }

  #learnLimit(refusedPoints: number): void {
    const { batchPoints, clock } = this.#options;
    // That a single point is too large is no word about sizes: what was learned on the way down to it is false.
    this.#limit =
      refusedPoints === 1 ? fullLimit(batchPoints) : lowered(this.#limit, refusedPoints, clock.monotonicMs());
  }

  #fail(cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#watch.failed({ status: 'failed', reason, cause }, this.#watch.current);
  }
}
