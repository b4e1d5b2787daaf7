import type { RunEnds } from '../model/stock.ts';
import type { Endpoint } from '../model/target.ts';
import type { Window } from '../model/window.ts';
import { windowDifference } from './difference.ts';
import type { TimeRange } from './verified-store.ts';
import { addUp } from './window-sum.ts';

/** A window as it is and as its samples make it; undefined where there is none. */
export type Pair = { readonly found: Window | undefined; readonly expected: Window | undefined };

/**
 * Whether a window may miss samples: a run ended in it and was there until the window had ended, and the wall clock of the next
 * one was set back into it. What was due from then on counts in the window that follows.
 */
export function mayMissSamples({ fromMs, toMs }: TimeRange, { earlier }: RunEnds): boolean {
  return earlier.some((end) => end.fromMs < toMs && end.toMs >= fromMs);
}

/** Whether two windows in a row hold together what their samples make of them together. */
export function isSameTogether(endpoint: Endpoint, first: Pair, second: Pair): boolean {
  const [found, expected] = [joined(first.found, second.found), joined(first.expected, second.expected)];
  if (found === undefined || expected === undefined) return false;
  // A minute that was cut has a peak in each of the two, and where it began they end at different times.
  const { endMs, peaks } = expected;
  return windowDifference(endpoint, { ...found, endMs, peaks }, expected) === undefined;
}

function joined(first: Window | undefined, second: Window | undefined): Window | undefined {
  return first === undefined || second === undefined ? (first ?? second) : addUp(first, second);
}
