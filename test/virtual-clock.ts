import { nextTick } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../src/model/clock.ts';

/** A clock that stands still until a test moves it. */
export type VirtualClock = Clock & {
  /** Moves time on, runs the timers that come due in their order, and lets promises settle before and after each. */
  advance(ms: number): Promise<void>;
  /** Moves time on without running a timer, as a stopped process or a blocked event loop does; the next `advance` runs them late. */
  stall(ms: number): void;
  /** Sets the wall clock alone; timers and the monotonic clock do not notice. */
  setWall(ms: number): void;
  /** Timers that are set and have neither run nor been cancelled. */
  readonly timers: number;
};

export type VirtualClockOptions = {
  readonly wallMs?: number;
  /** How many milliseconds each timer is late; on time by default. */
  readonly lateMs?: () => number;
  /**
   * What is waited for between two timers: a turn of the event loop, in which sockets and files have theirs too, or only
   * that every promise has settled that can. That takes a fraction of the time.
   */
  readonly between?: 'turn' | 'promises';
};

type Timer = { readonly dueMs: number; readonly order: number; readonly callback: () => void; cancelled: boolean };

export function createVirtualClock({
  wallMs = Date.UTC(2026, 0, 1),
  lateMs = () => 0,
  between = 'turn',
}: VirtualClockOptions = {}): VirtualClock {
  const settle = between === 'turn' ? setImmediate : promisesSettled;
  let nowMs = 0;
  let wallOffsetMs = wallMs;
  let order = 0;
  let timers = 0;
  const heap: Timer[] = [];

  return {
    wallMs: () => Math.floor(nowMs + wallOffsetMs),
    monotonicMs: () => nowMs,
    after(delayMs, callback) {
      const timer = { dueMs: nowMs + Math.max(0, delayMs) + lateMs(), order: order++, callback, cancelled: false };
      push(heap, timer);
      timers++;
      return () => {
        if (!timer.cancelled) timers--;
        timer.cancelled = true;
      };
    },
    async advance(ms) {
      const endMs = nowMs + ms;
      await setImmediate();
      for (let timer = heap[0]; timer !== undefined && timer.dueMs <= endMs; timer = heap[0]) {
        pop(heap);
        if (timer.cancelled) continue;
        timers--;
        timer.cancelled = true;
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.callback();
        await settle();
      }
      nowMs = endMs;
    },
    stall(ms) {
      nowMs += ms;
    },
    setWall(ms) {
      wallOffsetMs = ms - nowMs;
    },
    get timers() {
      return timers;
    },
  };
}

/** Node runs the next tick when no promise is left that could go on. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => nextTick(resolve));
}

/** The heap's root is the timer that comes next: earliest due, then first set. */
function isBefore(a: Timer, b: Timer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

function push(heap: Timer[], timer: Timer): void {
  let index = heap.length;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (parent === undefined || isBefore(parent, timer)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    let childIndex = 2 * index + 1;
    const left = heap[childIndex];
    const right = heap[childIndex + 1];
    if (left === undefined) break;
    if (right !== undefined && isBefore(right, left)) childIndex++;
    const child = right !== undefined && isBefore(right, left) ? right : left;
    if (isBefore(last, child)) break;
    heap[index] = child;
    index = childIndex;
  }
  heap[index] = last;
}
