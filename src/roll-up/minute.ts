import type { Sample, Totals } from '../model/sample.ts';

/** One number per counter, undefined where nothing is known of it; filled while samples are added. */
export type Counts = (number | undefined)[];

/** Growth so far within one minute of UTC, gaps left out: the minute of the last sample. */
export type Minute = { readonly startMs: number; readonly growth: Counts };

const minuteMs = 60_000;

/** Counts of which nothing is known yet, for the same counters. */
export function nothingOf(totals: Totals): Counts {
  return totals.map(() => undefined);
}

/** The minute of the sample, with the sample in it. */
export function addToMinute(minute: Minute | undefined, sample: Sample): Minute {
  const startMs = Math.floor(sample.dueMs / minuteMs) * minuteMs;
  const growth = minute?.startMs === startMs ? minute.growth : nothingOf(sample.deltas);
  for (let index = 0; index < sample.deltas.length; index++) {
    growth[index] = addUp(growth[index], growthInMinute(sample, sample.deltas[index] ?? 0));
  }
  return { startMs, growth };
}

/** Nobody saw when growth in a gap came. Growth over more than a minute is taken as even: one minute has its share. */
function growthInMinute({ inGap, gapMs }: Sample, delta: number): number {
  if (inGap) return 0;
  return gapMs !== undefined && gapMs > minuteMs ? Math.floor((delta * minuteMs) / gapMs) : delta;
}

/** Raises the peaks to what the minute has grown by, for each counter whose growth the sample knows. */
export function raisePeaks(peaks: Counts, minute: Minute, { deltas }: Sample): void {
  for (let index = 0; index < deltas.length; index++) {
    if (deltas[index] !== undefined) peaks[index] = Math.max(peaks[index] ?? 0, minute.growth[index] ?? 0);
  }
}

/** A sum that no integer field can carry stays at the greatest that one can. */
export function addUp(sum: number | undefined, growth: number): number {
  return Math.min((sum ?? 0) + growth, Number.MAX_SAFE_INTEGER);
}
