import type { Totals } from '../model/sample.ts';
import type { Window } from '../model/window.ts';

/** One window after another, as a window that is both. */
export function addUp(sum: Window, part: Window): Window {
  return {
    startMs: sum.startMs,
    endMs: sum.endMs,
    samples: sum.samples + part.samples,
    coveredMs: sum.coveredMs + part.coveredMs,
    totals: sum.totals.map((total, index) => part.totals[index] ?? total),
    deltas: joined(sum.deltas, part.deltas, (a, b) => Math.min(a + b, Number.MAX_SAFE_INTEGER)),
    gapDeltas: joined(sum.gapDeltas, part.gapDeltas, (a, b) => Math.min(a + b, Number.MAX_SAFE_INTEGER)),
    peaks: joined(sum.peaks, part.peaks, Math.max),
  };
}

/** What only one of them knows is what that one says. */
function joined(left: Totals, right: Totals, join: (a: number, b: number) => number): Totals {
  return left.map((a, index) => {
    const b = right[index];
    return a === undefined || b === undefined ? (a ?? b) : join(a, b);
  });
}
