/** Time as the collector sees it: passed in everywhere, so that tests run a day in seconds. */
export type Clock = {
  /** Wall clock, epoch milliseconds; may jump either way. */
  wallMs(): number;
  /** Milliseconds since some start; fractional, never goes back. */
  monotonicMs(): number;
  /** Calls back once, not before `delayMs` have passed; the returned function cancels. */
  after(delayMs: number, callback: () => void): () => void;
};

/** Resolves after the delay, or at once when the signal is aborted; never rejects. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const onAbort = () => {
      cancel();
      resolve();
    };
    const cancel = clock.after(delayMs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
