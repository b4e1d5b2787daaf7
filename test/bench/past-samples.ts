import { counters } from '../../src/model/measurement.ts';
import type { Sample, Totals } from '../../src/model/sample.ts';
import type { Series } from '../../src/model/target.ts';
import type { Window } from '../../src/model/window.ts';
import { type Workload, watchlistOf } from './workload.ts';

/** One sample of each target, with the state that the tally would save. */
export type Rows = readonly { readonly series: Series; readonly sample: Sample; readonly state: string }[];

/** The series that livetally makes of a workload. */
export function seriesOf(workload: Workload): readonly Series[] {
  return watchlistOf(workload).flatMap(({ room: roomId, receivers }): Series[] => [
    { target: { endpoint: 'room_stats', app: 'main', roomId }, labels: {} },
    ...receivers.map((userId): Series => {
      return { target: { endpoint: 'gift_count', app: 'main', roomId, userId }, labels: {} };
    }),
  ]);
}

/** What the tally would have made of the round that began then, at the `place`th of all targets, after `round` others in one session. */
export function pastSample({ target }: Series, place: number, round: number, startMs: number, gapMs: number): Sample {
  const values = (value: (index: number) => number): Totals =>
    counters[target.endpoint].map((_, index) => value(index));
  return {
    dueMs: startMs + 3 * place,
    delayMs: 20 + (place % 30),
    gapMs,
    inGap: false,
    sessionMs: startMs + 3 * place - round * gapMs,
    totals: values((index) => 1_000_000 + round * (10 + index) + place),
    deltas: values((index) => 10 + index),
  };
}

/** Rounds of a window; `to` is not included. */
export type RoundSpan = { readonly from: number; readonly to: number };

/** What the roll-up makes of the samples of some rounds. */
export function pastWindow(
  series: Series,
  place: number,
  { from, to }: RoundSpan,
  startMs: number,
  gapMs: number,
): Window {
  const last = pastSample(series, place, to - 1, startMs, gapMs);
  const lengthMs = (to - from) * gapMs;
  const ofMinute = 60_000 / gapMs;
  return {
    ...{ startMs, endMs: startMs + lengthMs, samples: to - from, coveredMs: lengthMs },
    totals: last.totals,
    deltas: last.deltas.map((delta) => delta && delta * (to - from)),
    gapDeltas: last.deltas.map(() => 0),
    peaks: last.deltas.map((delta) => delta && delta * ofMinute),
  };
}
