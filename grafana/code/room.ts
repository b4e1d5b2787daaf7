import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { sessionsOf } from './annotations.ts';
import {
  type CounterWords,
  giftCoins,
  giftsSent,
  likes,
  messages,
  received,
  senders,
  viewers,
} from './counter-words.ts';
import { dashboardOf, linkToReceiver } from './dashboard-frame.ts';
import { panelIds } from './panel-ids.ts';
import { stat, table, tagColumn, timeSeries } from './panels.ts';
import { finestInterval, largest, sums } from './queries.ts';
import { inGap, ratePerMinute } from './rates.ts';
import { appVariable, choicesBefore, labelVariables, quoted, roomVariable, type Variable, where } from './selection.ts';
import type { GrafanaSettings } from './settings.ts';
import { offer } from './variables.ts';

const ids = panelIds.room;
const shown = [giftCoins, viewers, giftsSent, likes, messages, senders];
/** Another app may have a room of the same RoomId. */
const legend = '$tag_room_id, $tag_app';

/** One room, or a few side by side. */
export function roomDashboard(settings: GrafanaSettings): DashboardBuilder {
  const selectors = [appVariable, ...labelVariables(settings)];
  const variables = [...selectors, roomVariable];
  const interval = finestInterval(settings.intervalMs);

  const rate = (counter: CounterWords, id: number) =>
    timeSeries({
      id,
      title: `${counter.title} per minute`,
      description: `${counter.meaning} By room, in a minute of the time observed. Points are growth after a gap, as the mean over the gap: real, but nobody saw in which minute it came. Nothing is drawn where livetally did not look or the room did not exist.`,
      unit: 'locale',
      width: 8,
      interval,
      points: '/in a gap$/',
      queries: [
        {
          source: 'raw',
          format: 'time_series',
          legend,
          text: ratePerMinute(counter, 'room_stats', variables),
        },
        {
          source: 'raw',
          format: 'time_series',
          legend: `${legend}, in a gap`,
          text: ratePerMinute(counter, 'room_stats', variables, { condition: inGap }),
        },
      ],
    });

  const total = (counter: CounterWords, id: number) =>
    timeSeries({
      id,
      title: `${counter.title} since the session began`,
      description: `${counter.meaning} By room, as Tencent answered it: it falls to zero where the room was made anew, and dips where an answer was stale.`,
      unit: 'locale',
      width: 8,
      interval,
      queries: [
        {
          source: 'raw',
          format: 'time_series',
          legend,
          text:
            `SELECT last(${quoted(counter.total)}) FROM "room_stats" WHERE ${where(variables)} ` +
            'GROUP BY time($__interval), "app", "room_id" fill(null)',
        },
      ],
    });

  return dashboardOf(
    {
      name: 'room',
      title: 'livetally: Room',
      description: 'One room or a few side by side. Reads the raw samples, good for a day; sessions from the day tier.',
      from: 'now-3h',
      refresh: '30s',
      variables: variables.map((variable, index) =>
        offer({
          variable,
          after: choicesBefore(variables, index),
          source: 'raw',
          measurement: 'room_stats',
          hasAll: variable !== roomVariable,
        }),
      ),
      annotations: [sessionsOf(variables)],
      rows: [
        {
          title: 'Now',
          panels: [
            table({
              id: ids.totals,
              title: 'In total since the session began',
              description:
                'The last answer of each room in the range: what its counters show since it was made, what was there before livetally met it included. Viewer entries are entries, never how many are watching.',
              unit: 'locale',
              width: 24,
              height: 6,
              queries: [
                {
                  source: 'raw',
                  format: 'table',
                  text:
                    `SELECT "app", "room_id", "session", ${shown.map(({ total: name }) => quoted(name)).join(', ')} FROM (` +
                    `SELECT last("session") AS "session", ${shown.map(({ total: name }) => `last(${quoted(name)}) AS ${quoted(name)}`).join(', ')} ` +
                    `FROM "room_stats" WHERE ${where(variables)} GROUP BY "app", "room_id")`,
                },
              ],
              columns: [
                tagColumn('room_id', 'Room'),
                tagColumn('app', 'App'),
                { name: 'session', title: 'Session since', unit: 'dateTimeAsIso' },
                ...shown.map((counter) => ({
                  name: counter.total,
                  title: counter === senders ? 'Gift senders' : counter.title,
                })),
              ],
            }),
          ],
        },
        { title: 'Per minute', panels: shown.map((counter) => rate(counter, idOf(counter.key))) },
        {
          title: 'Since the session began',
          panels: shown.map((counter) => total(counter, idOf(`${counter.key}Total`))),
        },
        {
          title: 'Receivers',
          panels: [
            timeSeries({
              id: ids.receivers,
              title: 'Coins per minute by receiver, beside the room’s',
              description:
                'In a minute of the time observed. Bars: coins that each watched receiver got. Line: gift coins of the rooms together. What lies between went to nobody on the watchlist, or was not yet answered.',
              unit: 'locale',
              width: 12,
              interval,
              style: 'stacked bars',
              line: '/^all gift coins$/',
              queries: [
                {
                  source: 'raw',
                  format: 'time_series',
                  legend: '$tag_user_id, $tag_app',
                  text: ratePerMinute(received.coins, 'gift_count', variables, { addedUpBy: ['app', 'user_id'] }),
                },
                {
                  source: 'raw',
                  format: 'time_series',
                  legend: 'all gift coins',
                  text: ratePerMinute(giftCoins, 'room_stats', variables, { addedUpBy: [] }),
                },
              ],
            }),
            table({
              id: ids.receiversTable,
              title: 'Receivers in the range',
              description:
                'What each watched receiver of the rooms got in the range, growth in gaps included; at most 100, the largest first. A click leads to the receiver.',
              unit: 'locale',
              width: 7,
              queries: [
                {
                  source: 'raw',
                  format: 'table',
                  text: largest(
                    { coins: `sum(${quoted(received.coins.delta)})`, gifts: `sum(${quoted(received.gifts.delta)})` },
                    'gift_count',
                    { variables, by: ['app', 'room_id', 'user_id'], limit: 100 },
                  ),
                },
              ],
              columns: [
                tagColumn('user_id', 'Receiver', linkToReceiver),
                { name: 'coins', title: 'Coins', hasBar: true },
                { name: 'gifts', title: 'Gifts' },
                tagColumn('room_id', 'Room'),
                tagColumn('app', 'App'),
              ],
              sortedBy: 'coins',
            }),
            stat({
              id: ids.unaccounted,
              title: 'Coins that no watched receiver accounts for',
              description:
                'All gift coins of the rooms in the range, those of their watched receivers, and the difference: gifts to people who are not on the watchlist. Rooms and receivers are polled at different instants, so it may be off by a few seconds of gifts.',
              unit: 'locale',
              width: 5,
              queries: [
                { source: 'raw', format: 'table', text: sums({ room: giftCoins.delta }, 'room_stats', variables) },
                { source: 'raw', format: 'table', text: watchedCoins(variables) },
              ],
              transformations: [
                { id: 'concatenate', options: { frameNameMode: 'drop' } },
                {
                  id: 'calculateField',
                  options: {
                    mode: 'reduceRow',
                    reduce: { reducer: 'sum', include: ['room', 'taken off'] },
                    alias: 'unaccounted for',
                    replaceFields: false,
                  },
                },
                {
                  id: 'organize',
                  options: { excludeByName: { 'taken off': true }, indexByName: {}, renameByName: {} },
                },
              ],
            }),
          ],
        },
      ],
    },
    settings,
  );
}

/**
 * Where no receiver is watched this answers nothing, and a difference with nothing is nothing in Grafana, where a sum is that of the rest: so
 * the coins are there with their sign turned as well.
 */
function watchedCoins(variables: readonly Variable[]): string {
  const coins = `sum(${quoted(received.coins.delta)})`;
  return `SELECT ${coins} AS "watched receivers", -1 * ${coins} AS "taken off" FROM "gift_count" WHERE ${where(variables)}`;
}

function idOf(key: string): number {
  const found = Object.entries(ids).find(([name]) => name === key);
  if (found === undefined) throw new RangeError(`no id for the panel ${key} of the dashboard Room`);
  return found[1];
}
