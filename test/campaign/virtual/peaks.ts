import type { Sample, Totals } from '../../../src/model/sample.ts';

const minuteMs = 60_000;

/**
 * The most that each counter grew by in a minute of UTC, as far as samples show it: growth in a gap came nobody knows when, and of
 * growth over more than a minute a minute had its even share. Undefined where no sample tells of growth.
 */
export function peaksOf(samples: readonly Sample[]): Totals {
  const known = new Set<number>();
  const most: number[] = [];
  let minute = Number.NaN;
  let grown: number[] = [];
  for (const { dueMs, gapMs = 0, inGap, deltas } of samples) {
    const own = Math.floor(dueMs / minuteMs);
    if (own !== minute) grown = [];
    minute = own;
    for (const [counter, delta] of deltas.entries()) {
      if (delta === undefined) continue;
      known.add(counter);
      grown[counter] = (grown[counter] ?? 0) + (inGap ? 0 : Math.floor((delta * minuteMs) / Math.max(gapMs, minuteMs)));
      most[counter] = Math.max(most[counter] ?? 0, grown[counter] ?? 0);
    }
  }
  return (samples[0]?.deltas ?? []).map((_, counter) => (known.has(counter) ? (most[counter] ?? 0) : undefined));
}
