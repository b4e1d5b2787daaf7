import type { Outcome } from '../model/outcome.ts';
import type { Random } from '../model/random.ts';

const mostTransientFailures = 3;
const firstDelayMs = 500;

/**
 * How long to wait before the poll asks for another turn, after the outcomes it has had; undefined: it has ended.
 * A throttled poll asks at once: the pause of its endpoint holds it back, and its deadline ends it.
 */
export function retryDelayMs(outcomes: readonly Outcome[], random: Random): number | undefined {
  const last = outcomes.at(-1);
  if (last === undefined) return 0;
  if (isThrottled(last)) return 0;
  if (last.status === 'signature_refused') return count(outcomes, isSignatureRefused) < 2 ? 0 : undefined;
  const failures = count(outcomes, isTransient);
  if (!isTransient(last) || failures >= mostTransientFailures) return undefined;
  const delayMs = firstDelayMs * 2 ** (failures - 1);
  // From a half to one and a half: polls that failed together do not come back together.
  return delayMs / 2 + random(delayMs);
}

function count(outcomes: readonly Outcome[], is: (outcome: Outcome) => boolean): number {
  return outcomes.filter(is).length;
}

function isThrottled(outcome: Outcome): boolean {
  return outcome.status === 'rate_limited' || (outcome.status === 'http_error' && outcome.httpStatus === 429);
}

function isSignatureRefused(outcome: Outcome): boolean {
  return outcome.status === 'signature_refused';
}

function isTransient(outcome: Outcome): boolean {
  switch (outcome.status) {
    case 'server_error':
    case 'timeout':
    case 'network_error':
      return true;
    case 'http_error':
      return outcome.httpStatus >= 500;
    case 'answered':
    case 'gone':
    case 'rate_limited':
    case 'locked_out':
    case 'signature_refused':
    case 'refused':
    case 'bad_target':
    case 'bad_answer':
    case 'unknown_code':
    case 'expired':
    case 'cancelled':
      return false;
    default:
      return outcome satisfies never;
  }
}
