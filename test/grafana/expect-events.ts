import { type CounterWords, giftCoins, giftsSent, viewers } from '../../grafana/code/counter-words.ts';
import type { Variable } from '../../grafana/code/selection.ts';
import type { SpikeBounds, Spikes } from '../../src/config/alerts-schema.ts';
import {
  type AnswerRow,
  type Context,
  chosen,
  dayMs,
  type Expectation,
  every,
  grouped,
  sumOf,
} from './expectations.ts';
import { weekOverride, weekSettings } from './test-settings.ts';
import type { TruthSum } from './truth-windows.ts';

const minuteMs = 60_000;
const { spikes } = weekSettings.alerts;

/** What each annotation must mark, by its name. */
export function expectAnnotations(variables: readonly Variable[]): Readonly<Record<string, Expectation>> {
  const isOverridden = ({ tags }: TruthSum) => tags['show host'] === weekOverride.where['show host'];
  const words = ` 1 (show host ${weekOverride.where['show host']})`;
  return {
    ...marksOf(spikes, '', variables, (window) => !isOverridden(window)),
    ...marksOf(weekOverride.spikes, words, variables, isOverridden),
    Sessions: closedSessions(variables),
  };
}

function marksOf(
  bounds: Spikes,
  words: string,
  variables: readonly Variable[],
  isMeant: (window: TruthSum) => boolean,
): Readonly<Record<string, Expectation>> {
  return {
    [`Coin spikes${words}`]: spikesIn(giftCoins, bounds.coins, variables, isMeant),
    [`Gift spikes${words}`]: spikesIn(giftsSent, bounds.gifts, variables, isMeant),
    [`Entry spikes${words}`]: spikesIn(viewers, bounds.viewers, variables, isMeant),
  };
}

/**
 * Windows of each room in the last six hours of the range whose best minute stands out of the half hour of windows before; those
 * before the range are not drawn.
 */
function spikesIn(
  { delta, peak }: CounterWords,
  { floor, factor }: SpikeBounds,
  variables: readonly Variable[],
  isMeant: (window: TruthSum) => boolean,
): Expectation {
  return (context) => {
    const { fromMs, toMs } = context.view;
    const rows = chosen(context.truth['5m'], context, 'room_stats', variables, {
      fromMs: Math.max(fromMs, toMs - 360 * minuteMs) - 40 * minuteMs,
      toMs,
    }).filter(isMeant);
    const windows = grouped(rows, { by: ['app', 'room_id'], windowOf: every(5 * minuteMs) }, (some) => ({
      best: Math.max(...some.map(({ values }) => values[peak] ?? 0)),
      own: sumOf(some, delta),
    }));
    const rooms = Map.groupBy(windows, ({ app, room_id }) => `${app} ${room_id}`);
    return [...rooms.values()].flatMap((ofRoom) => {
      const inOrder = ofRoom.toSorted((a, b) => Number(a['time']) - Number(b['time']));
      const spikes = inOrder.filter((row, index) => {
        const before = inOrder.slice(Math.max(0, index - 6), index);
        const past = before.reduce((sum, one) => sum + Number(one['own']), 0) / 30;
        const best = Number(row['best']);
        return Number(row['time']) >= fromMs && before.length === 6 && best > floor && best > factor * past;
      });
      return spikes.map(({ time = 0, app = '', room_id = '', best = 0 }) => ({ time, app, room_id, best }));
    });
  };
}

function closedSessions(variables: readonly Variable[]): Expectation {
  return (context) => {
    const { fromMs, toMs } = context.view;
    return chosen(context.truth.sessions, context, 'room_stats', variables, { fromMs: fromMs - dayMs, toMs })
      .filter(({ values }) => (values['end'] ?? 0) >= fromMs)
      .map(({ timeMs, tags, values }): AnswerRow => {
        return { time: timeMs, room_id: tags['room_id'] ?? '', end: values['end'] ?? 0 };
      });
  };
}

/** What a variable must offer: the values of its tag that have data in the range and are not excluded by the variables before it. */
export function offeredValues(
  { tag }: Variable,
  after: readonly Variable[],
  place: 'raw' | '5m' | '1d',
  endpoint: 'room_stats' | 'gift_count',
  context: Context,
): readonly string[] {
  const rows = chosen(context.truth[place], context, endpoint, after);
  return [...new Set(rows.map(({ tags }) => tags[tag] ?? ''))].filter((value) => value !== '').sort();
}
