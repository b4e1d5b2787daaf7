import type { CounterWords } from '../../grafana/code/counter-words.ts';
import type { Variable } from '../../grafana/code/selection.ts';
import { counters } from '../../src/model/measurement.ts';
import type { Endpoint } from '../../src/model/target.ts';
import type { Tier } from '../../src/model/window.ts';
import {
  type AnswerRow,
  type Context,
  chosen,
  type Expectation,
  every,
  grouped,
  isWatched,
  largestBy,
  lastOf,
  sumOf,
} from './expectations.ts';
import type { TruthRow } from './truth.ts';

const minuteMs = 60_000;

/** What a query reads: a measurement, narrowed by variables. */
export type From = { readonly endpoint: Endpoint; readonly variables: readonly Variable[] };

/** In the minute in which it was seen. */
export function seen(counter: CounterWords, { endpoint, variables }: From): Expectation {
  return (context) => {
    const rows = chosen(context.truth.raw, context, endpoint, variables).filter(isWatched);
    return grouped(rows, { windowOf: every(context.intervalMs) }, (some) => ({
      sum: over(sumOf(some, counter.delta), context.intervalMs / minuteMs),
    }));
  };
}

/** Of each room or receiver in a minute of the time between its samples. Added up over those of the tags, where tags are given. */
export function rate(
  counter: CounterWords,
  { endpoint, variables }: From,
  { addedUpBy, inGaps = false }: { readonly addedUpBy?: readonly string[]; readonly inGaps?: boolean } = {},
): Expectation {
  return (context) => {
    const rows = chosen(context.truth.raw, context, endpoint, variables).filter((row) =>
      inGaps ? row.inGap : isWatched(row),
    );
    const windowOf = every(context.intervalMs);
    const rateOf = (some: readonly TruthRow[]) => {
      const observedMs = some.reduce((sum, { gapMs = 0 }) => sum + gapMs, 0);
      return over(sumOf(some, counter.delta), observedMs / minuteMs);
    };
    const byTarget = tagsOf[endpoint];
    if (addedUpBy === undefined) {
      return grouped(rows, { by: byTarget, windowOf }, (some) => ({ rate: rateOf(some) }));
    }
    return grouped(rows, { by: addedUpBy, windowOf }, (some) => {
      const targets = Map.groupBy(some, ({ tags }) => JSON.stringify(byTarget.map((tag) => tags[tag])));
      return { rate: [...targets.values()].reduce((sum, ofOne) => sum + (rateOf(ofOne) ?? 0), 0) };
    });
  };
}

const tagsOf = { room_stats: ['app', 'room_id'], gift_count: ['app', 'room_id', 'user_id'] } as const;

const over = (value: number | undefined, divisor: number) => (value === undefined ? undefined : value / divisor);

export function lasts(counter: CounterWords, { endpoint, variables }: From): Expectation {
  return (context) =>
    grouped(
      chosen(context.truth.raw, context, endpoint, variables),
      { by: ['app', 'room_id'], windowOf: every(context.intervalMs) },
      (some) => ({ last: lastOf(some, counter.total) }),
    );
}

export function rawSum(
  title: string,
  counter: CounterWords,
  { endpoint, variables }: From,
  inGaps = false,
): Expectation {
  return (context) => {
    const rows = chosen(context.truth.raw, context, endpoint, variables).filter((row) => !inGaps || row.inGap);
    return grouped(rows, {}, (some) => ({ [title]: sumOf(some, counter.delta) }));
  };
}

export function tierSum(title: string, field: string, tier: Tier, { endpoint, variables }: From): Expectation {
  return (context) =>
    grouped(chosen(context.truth[tier], context, endpoint, variables), {}, (some) => ({ [title]: sumOf(some, field) }));
}

export function tierRate(counter: CounterWords, { endpoint, variables }: From): Expectation {
  return (context) =>
    grouped(
      chosen(context.truth['5m'], context, endpoint, variables).filter(
        ({ values }) => Number(values['covered_ms']) > 0,
      ),
      { by: tagsOf[endpoint], windowOf: every(context.intervalMs) },
      (some) => {
        const [all, inGaps] = [sumOf(some, counter.delta), sumOf(some, counter.gapDelta)];
        const sum = all === undefined || inGaps === undefined ? undefined : all - inGaps;
        return { rate: over(sum, (sumOf(some, 'covered_ms') ?? 0) / minuteMs) };
      },
    );
}

export function bars(
  counter: CounterWords,
  tier: Tier,
  { endpoint, variables }: From,
  by: readonly string[],
  windowOf: (context: Context) => (timeMs: number) => number,
): Expectation {
  return (context) =>
    grouped(chosen(context.truth[tier], context, endpoint, variables), { by, windowOf: windowOf(context) }, (some) => ({
      sum: sumOf(some, counter.delta),
    }));
}

export function topRooms(counter: CounterWords, from: From): Expectation {
  return (context) => {
    const rows = chosen(context.truth.raw, context, from.endpoint, from.variables).filter(isWatched);
    const all = grouped(rows, { by: ['app', 'room_id'] }, (some) => {
      const gaps = some.reduce((sum, { gapMs = 0 }) => sum + gapMs, 0);
      const known = sumOf(some, counter.delta);
      return { rate: over(known, gaps / minuteMs), total: lastOf(some, counter.total) };
    });
    return largestBy('rate', 15, all);
  };
}

export function sessions(of: Endpoint, variables: readonly Variable[]): Expectation {
  return (context) =>
    chosen(context.truth.sessions, context, of, variables)
      .toSorted((a, b) => b.timeMs - a.timeMs)
      .slice(0, 500)
      .map(({ tags, timeMs, values }): AnswerRow => {
        const { app = '', room_id = '', user_id } = tags;
        const { duration_ms = 0, covered_ms = 0, samples = 0, confirmed = 0 } = values;
        const known = counters[of].flatMap(({ total, peak }) =>
          [total, peak].flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]] as const])),
        );
        return {
          time: timeMs,
          app,
          room_id,
          ...(user_id !== undefined && { user_id }),
          duration_ms,
          samples,
          confirmed,
          observed: duration_ms === 0 ? 0 : covered_ms / duration_ms,
          ...Object.fromEntries(known),
        };
      });
}

/** No room is a number too, between two that are. */
export function roomsAnswering({ endpoint, variables }: From): Expectation {
  return (context) => {
    const windowOf = every(context.intervalMs);
    const counted = grouped(chosen(context.truth.raw, context, endpoint, variables), { windowOf }, (some) => ({
      count: new Set(some.map(({ tags }) => JSON.stringify([tags['app'], tags['room_id']]))).size,
    }));
    if (counted.length === 0) return [];
    const { fromMs, toMs } = context.view;
    const windows = (windowOf(toMs) - windowOf(fromMs)) / context.intervalMs + 1;
    return Array.from({ length: windows }, (_, index) => {
      const time = windowOf(fromMs) + index * context.intervalMs;
      return counted.find((row) => row['time'] === time) ?? { time, count: 0 };
    });
  };
}
