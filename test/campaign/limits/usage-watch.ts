import { readFileSync } from 'node:fs';

/** Resident bytes of a process at the moment; Linux only. */
export function residentBytes(pid: number): number {
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

export type LagWatch = Disposable & {
  /** The longest time that the event loop of this thread was late, so far. */
  longestMs(): number;
};

/** Looks every 5 ms how late it is: what keeps the loop keeps this too. */
export function watchLag(): LagWatch {
  const everyMs = 5;
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - everyMs);
    last = now;
  }, everyMs);
  return { longestMs: () => longest, [Symbol.dispose]: () => clearInterval(timer) };
}
