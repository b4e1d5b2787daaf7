import type { Socket } from 'node:net';
import { scheduler } from 'node:timers/promises';
import type { Clock } from '../model/clock.ts';

/**
 * Knows for how long what is read now may have lain unread: a process that is given no CPU reads late, and all at once. So an
 * arrival has two bounds, and a count of arrivals need not blame the sender for how late this process was.
 */
export type ReadWatch = Disposable & {
  /** To be called for each connection when it is accepted: what came on it first could not be read before. */
  accepted(socket: Socket): void;
  /** An instant of the monotonic clock at which what is now read from the socket had not arrived yet. */
  notArrivedAtMs(socket: Socket): number;
};

/** The doubt about each arrival: the price of a smaller one is waking up more often. */
const busyTickMs = 2;
const idleTickMs = 100;
const busyForMs = 2_000;

export function watchReading(clock: Clock): ReadWatch {
  const firstReads = new WeakMap<Socket, number>();
  let emptyAtMs = clock.monotonicMs();
  /** Of connections one is accepted in each turn of the event loop: the others wait, and what came on them. */
  let noneWaitedAtMs = emptyAtMs;
  let hasAccepted = false;
  let lastReadMs = Number.NEGATIVE_INFINITY;
  let cancel = clock.after(idleTickMs, tick);

  function tick(): void {
    const nowMs = clock.monotonicMs();
    hasAccepted = false;
    cancel = clock.after(nowMs - lastReadMs < busyForMs ? busyTickMs : idleTickMs, tick);
    void noteRead(nowMs);
  }

  /** Timers run before the sockets of the same turn of the event loop are read, and what yields goes on behind that. */
  async function noteRead(turnMs: number): Promise<void> {
    await scheduler.yield();
    emptyAtMs = turnMs;
    if (!hasAccepted) noneWaitedAtMs = turnMs;
  }

  return {
    accepted(socket) {
      hasAccepted = true;
      firstReads.set(socket, noneWaitedAtMs);
    },
    notArrivedAtMs(socket) {
      const nowMs = clock.monotonicMs();
      if (nowMs - lastReadMs >= busyForMs) {
        cancel();
        cancel = clock.after(busyTickMs, tick);
      }
      lastReadMs = nowMs;
      const sinceMs = firstReads.get(socket) ?? emptyAtMs;
      firstReads.delete(socket);
      return sinceMs;
    },
    [Symbol.dispose]: () => cancel(),
  };
}
