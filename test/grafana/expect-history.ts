import * as words from '../../grafana/code/counter-words.ts';
import { panelIds } from '../../grafana/code/panel-ids.ts';
import { appVariable, labelVariables, receiverVariable, roomVariable } from '../../grafana/code/selection.ts';
import type { Tier } from '../../src/model/window.ts';
import type { PanelExpectations } from './expect-panels.ts';
import { compared, comparedInAll, sumIn } from './expect-periods.ts';
import { bars, type From, sessions } from './expect-queries.ts';
import { type Context, chosen, dayMs, type Expectation, every, grouped, mondayMs, sumOf } from './expectations.ts';

const { received } = words;

export function expectHistory(labels: readonly string[]): PanelExpectations {
  const byLabel = labelVariables({ labels });
  const rooms: From = { endpoint: 'room_stats', variables: [appVariable, ...byLabel, roomVariable] };
  const receivers: From = { endpoint: 'gift_count', variables: [...rooms.variables, receiverVariable] };
  const ids = panelIds.history;
  const day = ({ offsetMs }: Context) => every(dayMs, -offsetMs);
  const week = ({ offsetMs }: Context) => every(7 * dayMs, mondayMs - offsetMs);
  const inWeeks = [words.giftCoins, words.giftsSent, words.viewers];
  const ofReceivers = [received.coins, received.gifts];
  const inMonths = [words.giftCoins, words.giftsSent, words.viewers, words.likes, words.messages];
  return {
    [ids.giftCoins]: comparedInAll(words.giftCoins, rooms),
    [ids.giftsSent]: comparedInAll(words.giftsSent, rooms),
    [ids.viewers]: comparedInAll(words.viewers, rooms),
    [ids.giftCoinsInGaps]: [sumIn('now', 'in gaps', words.giftCoins, rooms, true)],
    [ids.coinsPerDay]: [bars(words.giftCoins, '1d', rooms, ['app'], day)],
    [ids.viewersPerDay]: [bars(words.viewers, '1d', rooms, ['app'], day)],
    [ids.coinsPerWeek]: [bars(words.giftCoins, '1d', rooms, ['app'], week)],
    [ids.months]: [
      (context) =>
        grouped(
          chosen(context.truth['1mo'], context, 'room_stats', rooms.variables),
          { windowOf: day(context) },
          (some) => Object.fromEntries(inMonths.map(({ delta }) => [delta, sumOf(some, delta)])),
        ),
    ],
    [ids.receivedCoins]: comparedInAll(received.coins, receivers),
    [ids.daysByRoom]: [newestDays(inWeeks, rooms, ['app', 'room_id'])],
    [ids.weeksByRoom]: [largestOfEach(inWeeks, '1d', rooms, ['app', 'room_id'], week)],
    [ids.monthsByRoom]: [largestOfEach(inMonths, '1mo', rooms, ['app', 'room_id'], day)],
    [ids.daysByReceiver]: [newestDays(ofReceivers, receivers, ['app', 'room_id', 'user_id'])],
    [ids.weeksByReceiver]: [largestOfEach(ofReceivers, '1d', receivers, ['app', 'user_id'], week)],
    [ids.monthsByReceiver]: [largestOfEach(ofReceivers, '1mo', receivers, ['app', 'user_id'], day)],
    [ids.rooms]: [compared(words.giftCoins, rooms, ['app', 'room_id'])],
    [ids.receivers]: [compared(received.coins, receivers, ['app', 'user_id'])],
    [ids.sessions]: [sessions('room_stats', rooms.variables)],
    ...Object.fromEntries(
      byLabel.flatMap(({ tag }, index) => [
        [ids.firstLabel + index, [bars(words.giftCoins, '1d', rooms, [tag], day)]],
        [ids.firstLabelWeeks + index, [bars(words.giftCoins, '1d', rooms, [tag], week)]],
        [ids.firstLabelMonths + index, [largestOfEach(inMonths, '1mo', rooms, [tag], day)]],
      ]),
    ),
  };
}

type WindowOf = (context: Context) => (timeMs: number) => number;

/** All of them: there are fewer than any table has room for. */
function largestOfEach(
  shown: readonly words.CounterWords[],
  tier: Tier,
  { endpoint, variables }: From,
  by: readonly string[],
  windowOf: WindowOf,
): Expectation {
  return (context) =>
    grouped(chosen(context.truth[tier], context, endpoint, variables), { by, windowOf: windowOf(context) }, (some) =>
      Object.fromEntries(shown.map(({ delta }) => [delta, sumOf(some, delta)])),
    );
}

/** As the tier has them: a day on which labels changed is two rows. */
function newestDays(
  shown: readonly words.CounterWords[],
  { endpoint, variables }: From,
  tags: readonly string[],
): Expectation {
  return (context) =>
    chosen(context.truth['1d'], context, endpoint, variables).flatMap((row) =>
      grouped([row], { by: tags, windowOf: () => row.timeMs }, (some) =>
        Object.fromEntries(shown.map(({ delta }) => [delta, sumOf(some, delta)])),
      ),
    );
}
