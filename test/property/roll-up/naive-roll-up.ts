import type { Totals } from '../../../src/model/sample.ts';
import { type Tier, tiers } from '../../../src/model/window.ts';
import type { Row } from './target-walk.ts';

/**
 * The rules once more, as they are told to operators: all samples of a window or session are looked at together, and
 * the calendar is that of the date which a clock on the wall shows.
 */
export function naiveWindows(rows: readonly Row[], timezone: string) {
  const keyOf = wallClock(timezone);
  return tiers.flatMap((tier) =>
    [...Map.groupBy(rows, ({ seriesId, sample }) => `${seriesId} ${keyOf(tier, sample.dueMs)}`)].map(([key, own]) => {
      const inGaps = own.filter(({ sample }) => sample.inGap);
      const known = sums(own);
      return {
        tier,
        key,
        samples: own.length,
        coveredMs: coverage(own),
        totals: lists(own).map((index) => own.map(({ sample }) => sample.totals[index]).findLast(isKnown)),
        deltas: known,
        gapDeltas: known.map((sum, index) => (sum === undefined ? undefined : (sums(inGaps)[index] ?? 0))),
        peaks: peaks(own),
      };
    }),
  );
}

export function naiveSessions(rows: readonly Row[]) {
  const sessions = [...Map.groupBy(rows, ({ sample }) => sample.sessionMs)];
  return sessions.map(([startMs, own], position) => {
    const last = own.at(-1)?.sample.dueMs ?? startMs;
    const nextMs = sessions[position + 1]?.[0] ?? Infinity;
    const endMs = nextMs <= last ? Math.max(startMs, nextMs) : last;
    const undoubted = withoutDoubt(own);
    const openings = lists(own).map((index) => {
      const sent = undoubted.filter(({ sample }) => isKnown(sample.totals[index]));
      const uncompared = sent.filter(({ sample }) => !isKnown(sample.deltas[index]));
      return sent.length > 0 ? (uncompared.at(-1)?.sample.totals[index] ?? 0) : undefined;
    });
    const grown = sums(own);
    const first = own[0]?.sample;
    // Of the time before the first sample only what lies behind the start was watched in this session.
    const before = first?.gapMs !== undefined && !first.inGap ? Math.min(first.gapMs, first.dueMs - startMs) : 0;
    return {
      seriesId: own[0]?.seriesId,
      session: {
        startMs,
        endMs,
        samples: own.length,
        coveredMs: Math.min(before + coverage(own.slice(1)), endMs - startMs),
        totals: openings.map((opening, index) => (opening === undefined ? undefined : opening + (grown[index] ?? 0))),
        openings,
        peaks: peaks(own),
        isConfirmed: !own
          .slice(1)
          .some(({ sample }) => sample.inGap && sample.deltas.some((delta) => (delta ?? 0) > 0)),
      },
    };
  });
}

/** Rows in which no counter is below half of what it was before. */
function withoutDoubt(rows: readonly Row[]): readonly Row[] {
  const highest: number[] = [];
  return rows.filter(({ sample: { totals } }) => {
    if (totals.some((total = Number.POSITIVE_INFINITY, index) => total < (highest[index] ?? 0) / 2)) return false;
    for (const [index, total = 0] of totals.entries()) highest[index] = Math.max(highest[index] ?? 0, total);
    return true;
  });
}

/** Names the window of a tier that an instant lies in. */
export function wallClock(timezone: string): (tier: Tier, instantMs: number) => string | number {
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const dates = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, ...parts });
  return (tier, instantMs) => {
    switch (tier) {
      case '5m':
        return Math.floor(instantMs / 300_000);
      case '1h':
        return Math.floor(instantMs / 3_600_000);
      case '1d':
        return dates.format(instantMs);
      case '1mo':
        return dates.format(instantMs).slice(0, 7);
      default:
        return tier satisfies never;
    }
  };
}

/** Sum of the known deltas of each counter; undefined where none is known. */
export function sums(rows: readonly Row[]): Totals {
  return lists(rows).map((index) => sumOf(rows.map(({ sample }) => sample.deltas[index])));
}

export function sumOf(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter(isKnown);
  return known.length === 0 ? undefined : known.reduce((sum, number) => sum + number, 0);
}

function peaks(rows: readonly Row[]): Totals {
  const minutes = [...Map.groupBy(rows, ({ sample }) => Math.floor(sample.dueMs / 60_000)).values()];
  return sums(rows).map((sum, index) => {
    const growth = (own: readonly Row[]) =>
      own.map(({ sample: { deltas, inGap, gapMs = 0 } }) => {
        const delta = deltas[index] ?? 0;
        if (inGap) return 0;
        return gapMs > 60_000 ? Math.floor((delta * 60_000) / gapMs) : delta;
      });
    return sum === undefined ? undefined : Math.max(...minutes.map((own) => sumOf(growth(own)) ?? 0));
  });
}

function coverage(rows: readonly Row[]): number {
  return sumOf(rows.map(({ sample }) => (sample.inGap ? 0 : sample.gapMs))) ?? 0;
}

/** The counters of these rows, as indexes of their lists. */
export function lists(rows: readonly Row[]): readonly number[] {
  return [...(rows[0]?.sample.totals.keys() ?? [])];
}

function isKnown(number: number | undefined): number is number {
  return number !== undefined;
}
