import type { Clock } from '../model/clock.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Random } from '../model/random.ts';
import { type Endpoint, endpoints } from '../model/target.ts';
import type { LimitEvents } from './poll-events.ts';
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts';

/** The limiters of one SDKAppID, shared by all apps that use it, and what its answers mean for the requests to come. */
export type AccountLimits = {
  readonly limiters: Readonly<Record<Endpoint, RateLimiter>>;
  /** Draws the conclusion from an answer. `startedMs`: when its request started, on the monotonic clock. */
  heed(endpoint: Endpoint, outcome: Outcome, startedMs: number): void;
  close(): void;
};

export type AccountLimitsOptions = {
  readonly limits: Readonly<Record<Endpoint, number>>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: LimitEvents;
};

const firstPauseMs = 1000;
const longestPauseMs = 30_000;
/** A throttle answer this soon after a pause doubles the next one. */
const quietMs = 5000;
const leastProbeGapMs = 30_000;

/**
 * Many requests are in flight when the first bad news comes. Answers to requests that started before the last
 * conclusion say nothing new: a volley of throttle answers counts as one.
 */
type Standing = {
  throttledMs: number;
  pausedUntilMs: number;
  /** Throttle answers without quiet in between, less one. */
  streak: number;
  lockedMs: number;
  /** When this endpoint was last refused, or answered again after that. */
  refusalMs: number;
  refused: 'app' | 'endpoint' | undefined;
};

export function createAccountLimits(options: AccountLimitsOptions): AccountLimits {
  const { limits, timeoutMs, clock, random, events } = options;
  const limiter = (endpoint: Endpoint) =>
    createRateLimiter({
      clock,
      limitPerSecond: limits[endpoint],
      concurrency: Math.ceil((limits[endpoint] * timeoutMs) / 1000),
    });
  const limiters = { room_stats: limiter('room_stats'), gift_count: limiter('gift_count') };
  const standings = { room_stats: newStanding(), gift_count: newStanding() };

  /** When a signature was first refused since the last answer; requests that start later carry a new one. */
  let signatureRefusedMs: number | undefined;

  function heed(endpoint: Endpoint, outcome: Outcome, startedMs: number): void {
    switch (outcome.status) {
      case 'rate_limited':
        for (const each of inScope(endpoint, outcome.scope)) throttle(each, outcome, startedMs);
        return;
      case 'http_error':
        if (outcome.httpStatus === 429) throttle(endpoint, outcome, startedMs);
        return;
      case 'locked_out':
        for (const each of endpoints) lock(each, outcome.pauseMs, outcome, startedMs);
        return;
      case 'refused':
        for (const each of inScope(endpoint, outcome.scope)) refuse(each, outcome.scope, outcome, startedMs);
        return;
      case 'answered':
      case 'gone':
      case 'bad_target':
        accept(endpoint, startedMs);
        return;
      case 'signature_refused':
        if (signatureRefusedMs === undefined) signatureRefusedMs = clock.monotonicMs();
        else if (startedMs > signatureRefusedMs) {
          for (const each of endpoints) refuse(each, 'app', outcome, startedMs);
        }
        return;
      case 'server_error':
      case 'timeout':
      case 'network_error':
      case 'bad_answer':
      case 'unknown_code':
      case 'expired':
      case 'cancelled':
        return;
      default:
        outcome satisfies never;
    }
  }

  function throttle(endpoint: Endpoint, outcome: Outcome, startedMs: number): void {
    const standing = standings[endpoint];
    if (startedMs <= standing.throttledMs) return;
    const nowMs = clock.monotonicMs();
    standing.streak = nowMs < standing.pausedUntilMs + quietMs ? standing.streak + 1 : 0;
    const baseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** standing.streak);
    const pauseMs = baseMs - random(baseMs / 4);
    standing.throttledMs = nowMs;
    standing.pausedUntilMs = nowMs + pauseMs;
    limiters[endpoint].throttle(pauseMs);
    events.paused(endpoint, 'throttled', pauseMs, outcome);
  }

  function lock(endpoint: Endpoint, pauseMs: number, outcome: Outcome, startedMs: number): void {
    const standing = standings[endpoint];
    if (startedMs <= standing.lockedMs) return;
    standing.lockedMs = clock.monotonicMs();
    limiters[endpoint].pause(pauseMs);
    events.paused(endpoint, 'locked_out', pauseMs, outcome);
  }

  function refuse(endpoint: Endpoint, scope: 'app' | 'endpoint', outcome: Outcome, startedMs: number): void {
    const standing = standings[endpoint];
    if (startedMs <= standing.refusalMs || standing.refused !== undefined) return;
    standing.refusalMs = clock.monotonicMs();
    standing.refused = scope;
    limiters[endpoint].probe(() => leastProbeGapMs + random(leastProbeGapMs));
    events.paused(endpoint, 'refused', undefined, outcome);
  }

  /** An answer from the service proper: neither the endpoint nor the app is refused any more. */
  function accept(endpoint: Endpoint, startedMs: number): void {
    if (signatureRefusedMs !== undefined && startedMs > signatureRefusedMs) signatureRefusedMs = undefined;
    const { refused, refusalMs } = standings[endpoint];
    if (refused === undefined || startedMs <= refusalMs) return;
    for (const each of inScope(endpoint, refused)) {
      const standing = standings[each];
      if (each !== endpoint && standing.refused !== 'app') continue;
      standing.refusalMs = clock.monotonicMs();
      standing.refused = undefined;
      limiters[each].resume();
      events.resumed(each);
    }
  }

  return {
    limiters,
    heed,
    close: () => {
      for (const endpoint of endpoints) limiters[endpoint].close();
    },
  };
}

function newStanding(): Standing {
  const never = Number.NEGATIVE_INFINITY;
  return {
    throttledMs: never,
    pausedUntilMs: never,
    streak: 0,
    lockedMs: never,
    refusalMs: never,
    refused: undefined,
  };
}

function inScope(endpoint: Endpoint, scope: 'app' | 'endpoint'): readonly Endpoint[] {
  return scope === 'app' ? endpoints : [endpoint];
}
