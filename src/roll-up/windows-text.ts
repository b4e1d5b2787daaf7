import { tiers } from '../model/window.ts';
import type { Counts } from './minute.ts';
import type { OpenTier, OpenWindow, OpenWindows } from './open-windows.ts';
import { decodeMinute, encodeMinute, isCount, knowTheSame, readCounts, readList, unreadable } from './stored-list.ts';

/** Counts up when the text below changes its form; every version ever written stays readable. */
const version = 1;
const name = 'state of open windows';

export type DecodedWindows =
  | { readonly status: 'read'; readonly open: OpenWindows }
  | { readonly status: 'unreadable'; readonly problem: string };

/**
 * The state as one line of JSON: `[version, minute, 5m, 1h, 1d, 1mo]`. A tier is the window
 * `[start, end, samples, covered, deltas, peaks, gap deltas, totals]`, or where its last one ended when none is open.
 * What nearly every window has is a 0: no growth in gaps, and the totals of the tier before it.
 */
export function encodeWindows({ minute, tiers }: OpenWindows): string {
  const encoded = tiers.map(({ window, endedMs }, index) =>
    window === undefined ? endedMs : encodeWindow(window, tiers[index - 1]?.window),
  );
  return JSON.stringify([version, encodeMinute(minute), ...encoded]);
}

/** Reads what `encodeWindows` wrote; anything else gives a problem that says what is wrong with it. */
export function decodeWindows(text: string): DecodedWindows {
  const list = readList(text, version, name);
  if (list.status === 'unreadable') return list;
  const [encodedMinute, ...encodedTiers] = list.parts;
  const minute = decodeMinute(encodedMinute);
  if (minute === 'wrong') return unreadable(name, 'does not hold a minute, or null');
  if (encodedTiers.length !== tiers.length) return unreadable(name, `does not hold ${tiers.length} tiers`);
  const open: OpenTier[] = [];
  for (const [index, tier] of tiers.entries()) {
    const encoded = encodedTiers[index];
    const window = isCount(encoded) ? undefined : decodeWindow(encoded, open[index - 1]?.window);
    if (window === 'wrong') return unreadable(name, `does not hold a window, or the end of the last, of tier ${tier}`);
    open.push({ tier, window, endedMs: isCount(encoded) ? encoded : 0 });
  }
  return { status: 'read', open: { tiers: open, minute } };
}

function encodeWindow(window: OpenWindow, shorter: OpenWindow | undefined) {
  const { startMs, endMs, samples, coveredMs, totals, deltas, gapDeltas, peaks } = window;
  const inGaps = gapDeltas.some((delta) => delta !== undefined && delta > 0) ? gapDeltas : 0;
  const sameTotals = shorter !== undefined && totals.every((total, index) => total === shorter.totals[index]);
  return [startMs, endMs, samples, coveredMs, deltas, peaks, inGaps, sameTotals ? 0 : totals];
}

function decodeWindow(value: unknown, shorter: OpenWindow | undefined): OpenWindow | 'wrong' {
  if (!Array.isArray(value) || value.length !== 8) return 'wrong';
  const [startMs, endMs, samples, coveredMs, ...lists]: readonly unknown[] = value;
  if (!isCount(startMs) || !isCount(endMs) || !(startMs < endMs) || !isCount(samples) || !isCount(coveredMs)) {
    return 'wrong';
  }
  const [encodedDeltas, encodedPeaks, encodedGapDeltas, encodedTotals] = lists;
  const deltas = readCounts(encodedDeltas);
  const peaks = readCounts(encodedPeaks);
  const gapDeltas = encodedGapDeltas === 0 ? deltas?.map(noneInGaps) : readCounts(encodedGapDeltas);
  const totals: Counts | undefined = encodedTotals === 0 ? shorter?.totals.slice() : readCounts(encodedTotals);
  if (deltas === undefined || peaks === undefined || gapDeltas === undefined || totals === undefined) return 'wrong';
  if (!knowTheSame(deltas, peaks) || !knowTheSame(deltas, gapDeltas)) return 'wrong';
  return { startMs, endMs, samples, coveredMs, totals, deltas, gapDeltas, peaks };
}

function noneInGaps(delta: number | undefined) {
  return delta === undefined ? undefined : 0;
}
