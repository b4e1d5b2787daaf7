import type { Clock } from '../model/clock.ts';

/** Timers of one clock that end together. */
export type Timers = {
  after(delayMs: number, callback: () => void): void;
  /** None of the callbacks still waiting is called. */
  cancelAll(): void;
};

export function createTimers(clock: Clock): Timers {
  const cancels = new Set<() => void>();
  return {
    after(delayMs, callback) {
      const cancel = clock.after(delayMs, () => {
        cancels.delete(cancel);
        callback();
      });
      cancels.add(cancel);
    },
    cancelAll() {
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}
