import type { Clock } from '../../../src/model/clock.ts';

/** Real time, but delays take a fraction of it: back-off and time-outs of seconds pass in milliseconds. The wall stays true. */
export function createHurriedClock(times: number): Clock {
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now() * times,
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs / times);
      return () => clearTimeout(timer);
    },
  };
}
