import type { Sample } from '../../../src/model/sample.ts';
import { type Tier, tiers, type Window } from '../../../src/model/window.ts';
import { addUp } from '../../../src/verify/window-sum.ts';
import type { Findings } from './findings.ts';
import type { Span } from './lived-time.ts';
import { peaksOf } from './peaks.ts';

/** In the order in which they were written. */
export type WindowsOfSeries = Readonly<Record<Tier, Window[]>>;

export function noWindows(): WindowsOfSeries {
  return { '5m': [], '1h': [], '1d': [], '1mo': [] };
}

export type WindowsContext = {
  readonly samples: readonly Sample[];
  readonly zoneChanges: boolean;
  /** Samples of windows that lie in it may be in the window after theirs. */
  readonly goneBack: readonly Span[];
};

/** Each window of a series is the sum of its samples, and each sample is in one window of each tier. */
export function checkWindows(
  name: string,
  windows: WindowsOfSeries,
  { samples, zoneChanges, goneBack }: WindowsContext,
  findings: Findings,
): void {
  // With a month nothing of a series may be open any more: of the zone until then nothing is known.
  const newStarts = new Set(zoneChanges ? windows['1mo'].map(({ endMs }) => endMs) : []);
  for (const tier of tiers) {
    let rolledUp = 0;
    let lastEndMs = Number.NEGATIVE_INFINITY;
    let open: Window | undefined;
    for (const one of windows[tier]) {
      const window: Window = open === undefined ? one : { ...addUp(open, one), endMs: one.endMs };
      open = goneBack.some(({ fromMs, toMs }) => one.startMs <= toMs && one.endMs > fromMs) ? window : undefined;
      // Together with the one that follows it holds what it should.
      if (open !== undefined) continue;
      const fromMs = Math.max(window.startMs, lastEndMs);
      const own = samples.slice(countBefore(samples, fromMs), countBefore(samples, window.endMs));
      rolledUp += own.length;
      const overlaps = fromMs > window.startMs && !newStarts.has(fromMs);
      const problem = overlaps ? 'it overlaps the one before' : differenceOf(window, own, { hasPeaks: window === one });
      if (problem !== undefined) {
        findings.add('wrong', `window ${new Date(window.startMs).toISOString()}, ${tier} of ${name}: ${problem}`);
      }
      lastEndMs = window.endMs;
    }
    const expected = countBefore(samples, lastEndMs);
    if (rolledUp !== expected) {
      findings.add('wrong', `${tier} of ${name}: ${expected} samples, ${rolledUp} of them in windows`);
    }
  }
}

/** Of samples in the order of their due instants. */
function countBefore(samples: readonly Sample[], timeMs: number): number {
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.dueMs ?? 0) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of windows added up, a minute may lie in two. */
function differenceOf(
  window: Window,
  samples: readonly Sample[],
  { hasPeaks }: { readonly hasPeaks: boolean },
): string | undefined {
  if (window.samples !== samples.length) return `${window.samples} samples, ${samples.length} were taken`;
  const coveredMs = samples.reduce((sum, { gapMs = 0, inGap }) => sum + (inGap ? 0 : gapMs), 0);
  if (window.coveredMs !== coveredMs) return `${window.coveredMs} ms covered, ${coveredMs} are`;
  const peaks = peaksOf(samples);
  for (const counter of window.totals.keys()) {
    if (hasPeaks && window.peaks[counter] !== peaks[counter]) {
      return `peak ${counter} is ${window.peaks[counter]}, not ${peaks[counter]}`;
    }
    const total = samples.findLast(({ totals }) => totals[counter] !== undefined)?.totals[counter];
    if (window.totals[counter] !== total) return `total ${counter} is ${window.totals[counter]}, was ${total}`;
    const grown = samples.filter(({ deltas }) => deltas[counter] !== undefined);
    const delta = grown.length === 0 ? undefined : sumOf(grown, counter);
    if (window.deltas[counter] !== delta) return `delta ${counter} is ${window.deltas[counter]}, not ${delta}`;
    const gapDelta =
      grown.length === 0
        ? undefined
        : sumOf(
            grown.filter(({ inGap }) => inGap),
            counter,
          );
    if (window.gapDeltas[counter] !== gapDelta)
      return `gap delta ${counter} is ${window.gapDeltas[counter]}, not ${gapDelta}`;
  }
  return undefined;
}

function sumOf(samples: readonly Sample[], counter: number): number {
  return samples.reduce((sum, { deltas }) => sum + (deltas[counter] ?? 0), 0);
}
