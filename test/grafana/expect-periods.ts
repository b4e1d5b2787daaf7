import type { CounterWords } from '../../grafana/code/counter-words.ts';
import type { From } from './expect-queries.ts';
import { type Context, chosen, dayMs, type Expectation, every, grouped, largestBy, sumOf } from './expectations.ts';
import type { TruthRow } from './truth.ts';

type Period = 'now' | 'before';

/** What polls saw on the days of a period; those of the day that is not over count in neither. */
export function sumIn(period: Period, name: string, counter: CounterWords, from: From, inGaps = false): Expectation {
  return (context) => {
    const rows = seenIn(period, context, from);
    // Something was seen, but nothing of it in a gap: that is 0, and no data only where nothing was seen.
    const counted = inGaps ? rows.map((row) => (row.inGap ? row : { ...row, values: zeroed(row, counter) })) : rows;
    return grouped(counted, {}, (some) => ({ [name]: sumOf(some, counter.delta) }));
  };
}

export function comparedInAll(counter: CounterWords, from: From): readonly Expectation[] {
  return [sumIn('now', 'this period', counter, from), sumIn('before', 'the one before', counter, from)];
}

export function compared(counter: CounterWords, from: From, by: readonly string[]): Expectation {
  return (context) => {
    const now = new Set(seenIn('now', context, from));
    const both = [...now, ...seenIn('before', context, from)];
    const rows = grouped(both, { by }, (some) => {
      if (sumOf(some, counter.delta) === undefined) return {};
      const grown = (isNow: boolean) =>
        sumOf(
          some.filter((row) => now.has(row) === isNow),
          counter.delta,
        ) ?? 0;
      return { now: grown(true), before: grown(false), change: grown(true) - grown(false) };
    });
    return largestBy('now', 50, rows);
  };
}

function seenIn(period: Period, context: Context, { endpoint, variables }: From): readonly TruthRow[] {
  const days = new Set(daysOf(context)[period]);
  const dayOf = every(dayMs, -context.offsetMs);
  const always = { fromMs: 0, toMs: Number.POSITIVE_INFINITY };
  return chosen(context.truth.raw, context, endpoint, variables, always).filter(({ timeMs }) =>
    days.has(dayOf(timeMs)),
  );
}

/** The midnights of whole days of the range, and the same ones as many days earlier as the range is long. */
function daysOf({ view: { fromMs, toMs }, offsetMs }: Context): Readonly<Record<Period, readonly number[]>> {
  const now: number[] = [];
  for (let dayStartMs = every(dayMs, -offsetMs)(fromMs); dayStartMs + dayMs <= toMs; dayStartMs += dayMs) {
    if (fromMs <= dayStartMs) now.push(dayStartMs);
  }
  const rangeDays = Math.floor((toMs - fromMs) / dayMs);
  return { now, before: now.map((dayStartMs) => dayStartMs - rangeDays * dayMs) };
}

function zeroed({ values }: TruthRow, { delta }: CounterWords): TruthRow['values'] {
  return values[delta] === undefined ? values : { ...values, [delta]: 0 };
}
