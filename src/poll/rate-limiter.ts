import PQueue from 'p-queue';
import type { Clock } from '../model/clock.ts';
import { createPace } from './pace.ts';

/** Everything that one SDKAppID sends to one endpoint goes through one of these. */
export type RateLimiter = {
  /**
   * Runs the task when it is its turn: higher priority first, then first come, first served. `expired` if it could not start
   * before the deadline; that is said at once where the line is already too long for it. Rejects only if the task does.
   * The task calls `departed` when its request goes out: what waits for a connection may not come to the server together with
   * what had one. Never called, it says that nothing went out.
   */
  run<Value>(task: (departed: () => void) => Promise<Value>, turn: Turn): Promise<Run<Value>>;
  /** Starts nothing for so long. */
  pause(pauseMs: number): void;
  /** Someone sent too much: pauses, and goes on at half the rate, which comes back in steps of 5 % a second. */
  throttle(pauseMs: number): void;
  /** From now on one start after each gap, until `resume`. */
  probe(gapMs: () => number): void;
  resume(): void;
  /** Ends all that wait, now and from now on, as `cancelled`; what runs goes on. */
  close(): void;
  /** Resolves when nothing waits or runs. */
  idle(): Promise<void>;
  readonly limitPerSecond: number;
  /** Starts a second that the pace allows at this moment; 0 in a pause and while probing. */
  readonly currentRate: number;
  readonly waiting: number;
  readonly inFlight: number;
  /** Requests ever started. */
  readonly started: number;
};

export type Turn = {
  /** On the monotonic clock. */
  readonly deadlineMs: number;
  /** 0 to `highestPriority`. */
  readonly priority?: number;
};

export type Run<Value> =
  | { readonly status: 'done'; readonly value: Value }
  | { readonly status: 'expired' }
  | { readonly status: 'cancelled' };

export type RateLimiterOptions = {
  readonly clock: Clock;
  /** Whole, at least 1. */
  readonly limitPerSecond: number;
  /** Limit times time-out in seconds, so that slow answers cost no starts. */
  readonly concurrency: number;
};

export const highestPriority = 7;

/** Waking up costs as much as a request. */
const leastWaitMs = 50;

/** Pauses may be longer than a timer can be. */
const longestTimerMs = 60_000;

type Waiting = {
  readonly deadlineMs: number;
  readonly priority: number;
  readonly controller: AbortController;
  state: 'waiting' | 'started' | 'expired' | 'cancelled';
};

export function createRateLimiter({ clock, limitPerSecond, concurrency }: RateLimiterOptions): RateLimiter {
  const pace = createPace(limitPerSecond, clock.monotonicMs());
  // Always paused: `startNext` lets one task go at a time.
  const queue = new PQueue({ concurrency, autoStart: false });
  const line = new Set<Waiting>();
  const waitingOf = new Uint32Array(highestPriority + 1);
  let started = 0;
  let isClosed = false;
  let isPumping = false;
  let timerMs = Number.POSITIVE_INFINITY;
  let wokenMs = Number.NEGATIVE_INFINITY;
  let cancelTimer = () => {};

  queue.addEventListener('next', pump);

  async function run<Value>(
    task: (departed: () => void) => Promise<Value>,
    { deadlineMs, priority = 0 }: Turn,
  ): Promise<Run<Value>> {
    if (isClosed) return { status: 'cancelled' };
    if (pace.estimatedStartMs(countAhead(priority)) >= deadlineMs) return { status: 'expired' };
    const waiting: Waiting = { deadlineMs, priority, controller: new AbortController(), state: 'waiting' };
    line.add(waiting);
    waitingOf[priority] = (waitingOf[priority] ?? 0) + 1;
    const start = async (): Promise<Run<Value>> => {
      leave(waiting, 'started');
      const nowMs = clock.monotonicMs();
      if (nowMs >= deadlineMs) return { status: 'expired' };
      started++;
      return { status: 'done', value: await runStarted(task, nowMs) };
    };
    const result = queue.add(start, { priority, signal: waiting.controller.signal });
    pump();
    try {
      return await result;
    } catch (cause) {
      if (waiting.state === 'expired' || waiting.state === 'cancelled') return { status: waiting.state };
      throw cause;
    }
  }

  async function runStarted<Value>(task: (departed: () => void) => Promise<Value>, startedMs: number): Promise<Value> {
    const noteDeparture = pace.started(startedMs);
    let hasDeparted = false;
    const departAt = (atMs: number) => {
      if (hasDeparted) return;
      hasDeparted = true;
      noteDeparture(atMs);
      pump();
    };
    try {
      return await task(() => departAt(clock.monotonicMs()));
    } finally {
      departAt(startedMs);
    }
  }

  function countAhead(priority: number): number {
    let ahead = 0;
    for (let other = priority; other <= highestPriority; other++) ahead += waitingOf[other] ?? 0;
    return ahead;
  }

  function leave(waiting: Waiting, state: Exclude<Waiting['state'], 'waiting'>): void {
    waiting.state = state;
    line.delete(waiting);
    waitingOf[waiting.priority] = (waitingOf[waiting.priority] ?? 0) - 1;
  }

  /** Starts what may start now, and wakes again when the next may. */
  function pump(): void {
    // Each abort tells p-queue's listeners, so this function, that there may be room.
    if (isPumping) return;
    isPumping = true;
    expire();
    while (queue.size > 0 && queue.pending < concurrency && pace.nextStartMs() <= clock.monotonicMs()) startNext();
    const [first] = line;
    if (first === undefined) setTimer(Number.POSITIVE_INFINITY);
    else if (queue.pending < concurrency) setTimer(Math.min(nextWakeMs(), first.deadlineMs));
    else setTimer(first.deadlineMs);
    isPumping = false;
  }

  /** The pace lets a few starts be caught up together, so that not each needs a wake-up of its own. */
  function nextWakeMs(): number {
    return Math.max(pace.nextStartMs(), wokenMs + leastWaitMs);
  }

  /** p-queue starts tasks while it is not paused and fewer than `concurrency` run: with room for one, it starts one. */
  function startNext(): void {
    queue.concurrency = queue.pending + 1;
    queue.start();
    queue.pause();
  }

  /** The line is nearly in the order of the deadlines; one that is out of order is noticed when it is about to start. */
  function expire(): void {
    const nowMs = clock.monotonicMs();
    for (const waiting of line) {
      if (waiting.deadlineMs > nowMs) break;
      leave(waiting, 'expired');
      waiting.controller.abort();
    }
  }

  function setTimer(atMs: number): void {
    if (atMs === timerMs) return;
    cancelTimer();
    timerMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.ceil(Math.max(0, Math.min(atMs - clock.monotonicMs(), longestTimerMs)));
    cancelTimer = clock.after(delayMs, () => {
      timerMs = Number.POSITIVE_INFINITY;
      wokenMs = clock.monotonicMs();
      pump();
    });
  }

  const pause = (pauseMs: number) => {
    pace.pauseUntil(clock.monotonicMs() + pauseMs);
    pump();
  };

  return {
    run,
    pause,
    throttle: (pauseMs) => {
      pause(pauseMs);
      pace.slowDown(clock.monotonicMs());
    },
    probe: (gapMs) => {
      pace.probe(clock.monotonicMs(), gapMs);
      pump();
    },
    resume: () => {
      pace.resume(clock.monotonicMs());
      pump();
    },
    close: () => {
      isClosed = true;
      for (const waiting of line) leave(waiting, 'cancelled');
      queue.clear();
    },
    idle: () => queue.onIdle(),
    limitPerSecond,
    get currentRate() {
      return pace.rate(clock.monotonicMs());
    },
    get waiting() {
      return line.size;
    },
    get inFlight() {
      return queue.pending;
    },
    get started() {
      return started;
    },
  };
}
