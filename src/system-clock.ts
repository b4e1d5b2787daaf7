import { randomInt } from 'node:crypto';
import type { Clock } from './model/clock.ts';
import type { Random } from './model/random.ts';

/** The machine's clocks and timers. Together with `systemRandom` the only place that reads time or chance. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

export const systemRandom: Random = (bound) => randomInt(bound);
