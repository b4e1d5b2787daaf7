import type { Sample } from '../../../src/model/sample.ts';
import type { Endpoint, Series } from '../../../src/model/target.ts';

/** Rooms that live for one show: so many new ones a day, a receiver in each, all of a day's over before its midnight. */
export type Shows = {
  readonly perDay: number;
  readonly days: number;
  /** The first midnight, of UTC. */
  readonly firstMs: number;
};

export type Show = {
  readonly startMs: number;
  /** That of the room, and that of its receiver. */
  readonly series: readonly Series[];
};

export const minuteMs = 60_000;
export const dayMs = 86_400_000;
export const label = 'team';

/** After that long without a sample a show is over: longer than the samples of any run lie apart. */
export const closeAfterMs = 90 * minuteMs;

const lengthMs = 120 * minuteMs;
/** Shows begin at any time of the day at which they are over, and told to be, by midnight. */
const beginWithinMs = dayMs - lengthMs - closeAfterMs;
const teams = 20;
/** Of each counter. */
const growthAMinute: Readonly<Record<Endpoint, readonly number[]>> = {
  room_stats: [40, 12, 900, 4, 200, 60],
  gift_count: [10, 800, 3],
};

/** Those of a day, by their start. The same people are on air every day, in rooms that never were before. */
export function showsOf({ perDay, firstMs }: Shows, day: number): readonly Show[] {
  return Array.from({ length: perDay }, (_, index) => {
    const place = { app: 'main', roomId: roomIdOf(day * perDay + index) };
    const labels = { [label]: `team-${String(index % teams).padStart(2, '0')}` };
    return {
      startMs: firstMs + day * dayMs + Math.floor((index / perDay) * beginWithinMs),
      series: [
        { target: { endpoint: 'room_stats', ...place }, labels },
        { target: { endpoint: 'gift_count', ...place, userId: `anchor-${String(index).padStart(5, '0')}` }, labels },
      ],
    };
  });
}

/** The samples of one series of a show, from those due `fromMs` on until before `untilMs`. */
export function samplesOf(
  { startMs, series }: Show,
  place: number,
  intervalMs: number,
  [fromMs, untilMs]: readonly [fromMs: number, untilMs: number] = [startMs, startMs + dayMs],
): readonly Sample[] {
  const one = series[place];
  if (one === undefined) return [];
  const beginMs = startMs + 3 * place;
  const first = Math.max(0, Math.ceil((fromMs - beginMs) / intervalMs));
  const end = Math.min(Math.floor(lengthMs / intervalMs) + 1, Math.ceil((untilMs - beginMs) / intervalMs));
  return Array.from({ length: Math.max(0, end - first) }, (_, index) =>
    sampleAt(one.target.endpoint, beginMs, first + index, intervalMs),
  );
}

/** Counters from zero on, which grow unevenly: even growth would be packed to nothing by a time-series database. */
function sampleAt(endpoint: Endpoint, beginMs: number, round: number, intervalMs: number): Sample {
  const totalsAt = (after: number) =>
    growthAMinute[endpoint].map((growth, index) => {
      const mean = Math.max(1, Math.round((growth * intervalMs) / minuteMs));
      return after < 0 ? 0 : after * mean + (scrambled(beginMs + after * growth + index) % mean);
    });
  const before = totalsAt(round - 1);
  const totals = totalsAt(round);
  return {
    dueMs: beginMs + round * intervalMs,
    delayMs: 20 + (scrambled(beginMs + round) % 60),
    gapMs: round === 0 ? undefined : intervalMs,
    inGap: false,
    sessionMs: beginMs,
    totals,
    deltas: totals.map((total, index) => total - (before[index] ?? 0)),
  };
}

/** As a platform makes them up: each once, in no order, which is the hardest for an index. */
function roomIdOf(number: number): string {
  return `show-${scrambled(number).toString(16).padStart(8, '0')}`;
}

/** No two numbers below 2^32 become one. */
function scrambled(number: number): number {
  const product = Math.imul(number ^ (number >>> 15), 0x9e3779b1);
  return (product ^ (product >>> 13)) >>> 0;
}
