import * as words from '../../grafana/code/counter-words.ts';
import { panelIds } from '../../grafana/code/panel-ids.ts';
import { appVariable, labelVariables, receiverVariable, roomVariable } from '../../grafana/code/selection.ts';
import {
  bars,
  type From,
  lasts,
  rate,
  rawSum,
  roomsAnswering,
  seen,
  sessions,
  tierRate,
  tierSum,
  topRooms,
} from './expect-queries.ts';
import { chosen, type Expectation, every, grouped, largestBy, lastOf, sumOf } from './expectations.ts';

/** What each query of a panel must answer, in the order of its queries. */
export type PanelExpectations = Readonly<Record<number, readonly Expectation[]>>;

const { received } = words;
const roomWords = [words.giftCoins, words.viewers, words.giftsSent, words.likes, words.messages, words.senders];

export function expectLive(labels: readonly string[]): PanelExpectations {
  const rooms: From = { endpoint: 'room_stats', variables: [appVariable, ...labelVariables({ labels })] };
  const ids = panelIds.live;
  return {
    [ids.giftCoins]: [seen(words.giftCoins, rooms)],
    [ids.viewers]: [seen(words.viewers, rooms)],
    [ids.giftsSent]: [seen(words.giftsSent, rooms)],
    [ids.likesReceived]: [seen(words.likes, rooms)],
    [ids.msgCount]: [seen(words.messages, rooms)],
    [ids.giftCoinsInRange]: [rawSum('Gift coins', words.giftCoins, rooms)],
    [ids.giftsSentInRange]: [rawSum('Gifts', words.giftsSent, rooms)],
    [ids.viewersInRange]: [rawSum('Viewer entries', words.viewers, rooms)],
    [ids.giftCoinsInGaps]: [rawSum('in gaps', words.giftCoins, rooms, true)],
    [ids.topRoomsByCoins]: [topRooms(words.giftCoins, rooms)],
    [ids.topRoomsByViewers]: [topRooms(words.viewers, rooms)],
    [ids.roomsAnswering]: [roomsAnswering(rooms)],
  };
}

export function expectRoom(labels: readonly string[]): PanelExpectations {
  const variables = [appVariable, ...labelVariables({ labels }), roomVariable];
  const rooms: From = { endpoint: 'room_stats', variables };
  const receivers: From = { endpoint: 'gift_count', variables };
  const ids = panelIds.room;
  const curves = (counter: words.CounterWords) => [rate(counter, rooms), rate(counter, rooms, { inGaps: true })];
  return {
    [ids.totals]: [
      (context) =>
        grouped(chosen(context.truth.raw, context, 'room_stats', variables), { by: ['app', 'room_id'] }, (some) => ({
          session: some.toSorted((a, b) => a.timeMs - b.timeMs).at(-1)?.sessionMs,
          ...Object.fromEntries(roomWords.map(({ total }) => [total, lastOf(some, total)])),
        })),
    ],
    [ids.giftCoins]: curves(words.giftCoins),
    [ids.viewers]: curves(words.viewers),
    [ids.giftsSent]: curves(words.giftsSent),
    [ids.likesReceived]: curves(words.likes),
    [ids.msgCount]: curves(words.messages),
    [ids.uniqueGiftSenders]: curves(words.senders),
    [ids.giftCoinsTotal]: [lasts(words.giftCoins, rooms)],
    [ids.viewersTotal]: [lasts(words.viewers, rooms)],
    [ids.giftsSentTotal]: [lasts(words.giftsSent, rooms)],
    [ids.likesReceivedTotal]: [lasts(words.likes, rooms)],
    [ids.msgCountTotal]: [lasts(words.messages, rooms)],
    [ids.uniqueGiftSendersTotal]: [lasts(words.senders, rooms)],
    [ids.receivers]: [
      rate(received.coins, receivers, { addedUpBy: ['app', 'user_id'] }),
      rate(words.giftCoins, rooms, { addedUpBy: [] }),
    ],
    [ids.receiversTable]: [
      (context) => {
        const all = grouped(
          chosen(context.truth.raw, context, 'gift_count', variables),
          { by: ['app', 'room_id', 'user_id'] },
          (some) => ({ coins: sumOf(some, received.coins.delta), gifts: sumOf(some, received.gifts.delta) }),
        );
        return largestBy('coins', 100, all);
      },
    ],
    [ids.unaccounted]: [
      rawSum('room', words.giftCoins, rooms),
      (context) => {
        const rows = chosen(context.truth.raw, context, 'gift_count', variables);
        return grouped(rows, {}, (some) => {
          const coins = sumOf(some, received.coins.delta);
          return coins === undefined ? {} : { 'watched receivers': coins, 'taken off': -coins };
        });
      },
    ],
  };
}

export function expectReceiver(labels: readonly string[]): PanelExpectations {
  const variables = [appVariable, ...labelVariables({ labels }), roomVariable, receiverVariable];
  const from: From = { endpoint: 'gift_count', variables };
  const ids = panelIds.receiver;
  return {
    [ids.coinsInRange]: [tierSum('Coins', received.coins.delta, '1h', from)],
    [ids.giftsInRange]: [tierSum('Gifts', received.gifts.delta, '1h', from)],
    [ids.coinsInGaps]: [tierSum('Coins grown in gaps', received.coins.gapDelta, '1h', from)],
    [ids.coinsPerMinute]: [tierRate(received.coins, from)],
    [ids.giftsPerMinute]: [tierRate(received.gifts, from)],
    [ids.newSendersPerMinute]: [tierRate(received.senders, from)],
    [ids.coinsPerHour]: [bars(received.coins, '1h', from, ['app', 'room_id'], ({ intervalMs }) => every(intervalMs))],
    [ids.rooms]: [
      (context) => {
        const all = grouped(
          chosen(context.truth['1h'], context, 'gift_count', variables),
          { by: ['app', 'room_id', 'user_id'] },
          (some) => ({
            coins: sumOf(some, received.coins.delta),
            gifts: sumOf(some, received.gifts.delta),
            gaps: sumOf(some, received.coins.gapDelta),
          }),
        );
        return largestBy('coins', 200, all);
      },
    ],
    [ids.sessions]: [sessions('gift_count', variables)],
  };
}
