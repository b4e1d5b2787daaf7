import type { Point } from '../../src/model/point.ts';
import { samplePoint } from '../../src/model/point.ts';
import type { Totals } from '../../src/model/sample.ts';
import type { TallyState } from '../../src/model/tally-state.ts';
import type { Labels } from '../../src/model/target.ts';
import { tally, tallyGone } from '../../src/tally/tally.ts';

/** What a room does, by the minute since the beginning; fractions are samples. */
export type Scenario = {
  readonly app: string;
  readonly roomId: string;
  readonly labels?: (minute: number) => Labels;
  /** What the counters of the present room show; `undefined`: no answer came, `gone`: the room does not exist. */
  readonly totals: (minute: number) => Totals | undefined | 'gone';
  /** The minute at which the sample of a minute arrives, where that is later than at once. */
  readonly arrives?: (minute: number) => number;
};

const intervalMs = 15_000;
const perMinute = 60_000 / intervalMs;
/** So that samples lie between the instants of evaluation. */
const phaseMs = 4_000;

export type Arrival = { readonly minute: number; readonly point: Point };

/** The points of a room from the real tally, in the order in which they were taken, with the minute at which each is there. */
export function playScenario(
  { app, roomId, labels, totals, arrives }: Scenario,
  startMs: number,
  minutes: number,
): readonly Arrival[] {
  const arrivals: Arrival[] = [];
  let state: TallyState | undefined;
  for (let sample = 0; sample < minutes * perMinute; sample++) {
    const minute = sample / perMinute;
    const answer = totals(minute);
    const dueMs = startMs + sample * intervalMs + phaseMs;
    if (answer === 'gone') state = tallyGone(state, dueMs);
    if (answer === 'gone' || answer === undefined) continue;
    const tallied = tally(state, { dueMs, delayMs: 60, totals: answer, intervalMs });
    state = tallied.state;
    const series = { target: { endpoint: 'room_stats', app, roomId }, labels: labels?.(minute) ?? {} } as const;
    arrivals.push({ minute: Math.max(minute, arrives?.(minute) ?? 0), point: samplePoint(series, tallied.sample) });
  }
  return arrivals;
}

/** Totals of a room that has grown at some rates a minute for so many minutes, after an opening. */
export function steady(minutes: number, { viewers = 20, gifts = 20, coins = 400 } = {}): Totals {
  const grown = (rate: number) => 1000 + Math.floor(rate * Math.max(0, minutes));
  return [grown(viewers), grown(gifts), grown(coins), 50, grown(4 * viewers), grown(5 * gifts)];
}
