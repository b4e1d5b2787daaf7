import type { Sample } from '../model/sample.ts';
import { type Tier, tiers, type Window } from '../model/window.ts';
import type { Calendar } from './calendar.ts';
import { addToMinute, addUp, type Counts, type Minute, nothingOf, raisePeaks } from './minute.ts';

/** A window that still takes samples. */
export type OpenWindow = {
  readonly startMs: number;
  readonly endMs: number;
  samples: number;
  coveredMs: number;
  readonly totals: Counts;
  /** What `deltas` knows, `gapDeltas` and `peaks` know too. */
  readonly deltas: Counts;
  readonly gapDeltas: Counts;
  readonly peaks: Counts;
};

export type OpenTier = {
  readonly tier: Tier;
  window: OpenWindow | undefined;
  /** Where the last window ended that was ended; 0 before the first. */
  endedMs: number;
};

/** What is open of one series: an entry for each tier, in their order. */
export type OpenWindows = { readonly tiers: readonly OpenTier[]; minute: Minute | undefined };

export type EndedWindow = { readonly tier: Tier; readonly window: Window };

export function noWindows(): OpenWindows {
  return { tiers: tiers.map((tier) => ({ tier, window: undefined, endedMs: 0 })), minute: undefined };
}

/** Adds to the window of each tier that holds the due instant, and gives back the windows that end before it. */
export function extendWindows(open: OpenWindows, sample: Sample, calendar: Calendar): readonly EndedWindow[] {
  const ended = endUntil(open, sample.dueMs);
  const minute = addToMinute(open.minute, sample);
  open.minute = minute;
  for (const entry of open.tiers) {
    entry.window ??= begin(entry, sample, calendar);
    add(entry.window, sample, minute);
  }
  return ended;
}

/** Ends the windows whose end is at or before the instant. */
export function endUntil(open: OpenWindows, untilMs: number): readonly EndedWindow[] {
  const ended: EndedWindow[] = [];
  for (const entry of open.tiers) {
    const { tier, window } = entry;
    if (window === undefined || window.endMs > untilMs) continue;
    ended.push({ tier, window });
    entry.window = undefined;
    entry.endedMs = window.endMs;
  }
  // A minute never outlives its window of five: what comes later is of a later minute.
  if (ended[0]?.tier === '5m') open.minute = undefined;
  return ended;
}

/** When the next window ends; undefined when none is open. */
export function nextEndMs(open: OpenWindows): number | undefined {
  let earliestMs: number | undefined;
  for (const { window } of open.tiers) {
    if (window !== undefined && window.endMs < (earliestMs ?? Infinity)) earliestMs = window.endMs;
  }
  return earliestMs;
}

/**
 * Never begins before the last window ended, so that windows of a tier do not overlap and none is written twice: the
 * first one after a change of the reporting zone is shorter, and a sample that comes when its window has ended counts
 * in the next. This is known for as long as any window of the series is open.
 */
function begin({ tier, endedMs }: OpenTier, { dueMs, totals }: Sample, calendar: Calendar): OpenWindow {
  const { startMs, endMs } = calendar(tier, Math.max(dueMs, endedMs));
  return {
    startMs: Math.max(startMs, endedMs),
    endMs,
    samples: 0,
    coveredMs: 0,
    totals: nothingOf(totals),
    deltas: nothingOf(totals),
    gapDeltas: nothingOf(totals),
    peaks: nothingOf(totals),
  };
}

function add(window: OpenWindow, sample: Sample, minute: Minute): void {
  const { gapMs, inGap, totals, deltas } = sample;
  window.samples++;
  if (gapMs !== undefined && !inGap) window.coveredMs += gapMs;
  for (let index = 0; index < totals.length; index++) {
    const total = totals[index];
    const delta = deltas[index];
    window.totals[index] = total ?? window.totals[index];
    if (delta === undefined) continue;
    window.deltas[index] = addUp(window.deltas[index], delta);
    window.gapDeltas[index] = addUp(window.gapDeltas[index], inGap ? delta : 0);
  }
  raisePeaks(window.peaks, minute, sample);
}
