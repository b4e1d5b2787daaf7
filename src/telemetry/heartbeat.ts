import type { Clock } from '../model/clock.ts';

/** Calls the address; resolves with whether the answer was a success. May reject. */
export type CallAddress = (url: string, signal: AbortSignal) => Promise<boolean>;

export type HeartbeatOptions = {
  readonly url: string;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly call: CallAddress;
  /** Why not all is well; none when it is. Asked before each call. */
  readonly troubles: () => readonly string[];
  /** Told when calls begin to fail, and when they succeed again. */
  readonly told: (event: HeartbeatEvent) => void;
};

export type HeartbeatEvent =
  | { readonly status: 'failing'; readonly reason: string }
  | { readonly status: 'answered_again' }
  /** No call, for these reasons: whoever waits for it will raise the alarm. */
  | { readonly status: 'withheld'; readonly reasons: readonly string[] }
  | { readonly status: 'well_again' };

export type Heartbeat = {
  /** No further calls; one that is under way is abandoned. */
  stop(): Promise<void>;
};

const longestCallMs = 10_000;

/**
 * Calls an address at even distances for as long as all is well, so that somebody outside notices when this process, its machine or
 * its network is gone: silence is the alarm. A call that fails is not repeated before the next is due, and says so once.
 */
export function startHeartbeat({ url, everyMs, clock, call, troubles, told }: HeartbeatOptions): Heartbeat {
  const stopped = new AbortController();
  const state = { isWell: true, isAnswered: true };
  let calling = Promise.resolve();
  let cancel = clock.after(everyMs, beat);

  function beat(): void {
    cancel = clock.after(everyMs, beat);
    const reasons = troubles();
    const isWell = reasons.length === 0;
    if (isWell !== state.isWell) told(isWell ? { status: 'well_again' } : { status: 'withheld', reasons });
    state.isWell = isWell;
    if (isWell) calling = callOnce();
  }

  async function callOnce(): Promise<void> {
    const given = new AbortController();
    const signal = AbortSignal.any([given.signal, stopped.signal]);
    const forget = clock.after(Math.min(longestCallMs, everyMs), () => given.abort());
    const reason = await failureOf(call(url, signal));
    forget();
    if (stopped.signal.aborted) return;
    const isAnswered = reason === undefined;
    if (isAnswered !== state.isAnswered)
      told(isAnswered ? { status: 'answered_again' } : { status: 'failing', reason });
    state.isAnswered = isAnswered;
  }

  return {
    async stop() {
      cancel();
      stopped.abort();
      await calling;
    },
  };
}

/** Never the words of an error: they may repeat the address, which mostly holds a key. */
async function failureOf(answer: Promise<boolean>): Promise<string | undefined> {
  try {
    return (await answer) ? undefined : 'the address did not answer with success';
  } catch (error) {
    const code = error instanceof Error && error.cause instanceof Error ? Reflect.get(error.cause, 'code') : undefined;
    return typeof code === 'string'
      ? `the address could not be called (${code})`
      : 'the address could not be called in time';
  }
}
