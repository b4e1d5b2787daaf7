import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { type CounterWords, received } from './counter-words.ts';
import { dashboardOf, linkToRoom } from './dashboard-frame.ts';
import { panelIds } from './panel-ids.ts';
import { stat, table, tagColumn, timeSeries } from './panels.ts';
import { calendarSum, largest, sums, tierInterval } from './queries.ts';
import { windowRatePerMinute } from './rates.ts';
import { appVariable, choicesBefore, labelVariables, quoted, receiverVariable, roomVariable } from './selection.ts';
import { sessionTable } from './session-table.ts';
import type { GrafanaSettings } from './settings.ts';
import { offer } from './variables.ts';

const ids = panelIds.receiver;
const measurement = 'gift_count';
const wholeHours = 'Whole hours that lie in the range and have ended; growth in gaps included.';

/** What receivers got, over rooms and sessions. */
export function receiverDashboard(settings: GrafanaSettings): DashboardBuilder {
  const selectors = [appVariable, ...labelVariables(settings), roomVariable];
  const variables = [...selectors, receiverVariable];

  const total = (id: number, title: string, description: string, field: string) =>
    stat({
      id,
      title,
      description: `${description} ${wholeHours}`,
      unit: 'locale',
      width: 8,
      height: 4,
      queries: [{ source: '1h', format: 'table', text: sums({ [title]: field }, measurement, variables) }],
    });

  const rate = (id: number, counter: CounterWords) =>
    timeSeries({
      id,
      title: `${counter.title} per minute`,
      description: `${counter.meaning} By receiver and room, in a minute of the time observed, from windows of 5 minutes: the newest appears when it has ended. What grew in gaps is left out.`,
      unit: 'locale',
      width: 8,
      interval: tierInterval['5m'],
      queries: [
        {
          source: '5m',
          format: 'time_series',
          legend: '$tag_user_id in $tag_room_id, $tag_app',
          text: windowRatePerMinute(counter, measurement, variables),
        },
      ],
    });

  return dashboardOf(
    {
      name: 'receiver',
      title: 'livetally: Receiver',
      description:
        'Gifts that receivers got, over rooms and sessions. Reads the tiers of 5 minutes and 1 hour; sessions from the day tier.',
      from: 'now-24h',
      refresh: '5m',
      variables: variables.map((variable, index) =>
        offer({
          variable,
          after: choicesBefore(variables, index),
          source: '5m',
          measurement,
          hasAll: variable !== receiverVariable,
        }),
      ),
      rows: [
        {
          title: 'In the range',
          panels: [
            total(ids.coinsInRange, 'Coins', received.coins.meaning, received.coins.delta),
            total(ids.giftsInRange, 'Gifts', received.gifts.meaning, received.gifts.delta),
            total(
              ids.coinsInGaps,
              'Coins grown in gaps',
              'The part of the coins that grew while livetally did not look: real, but nobody saw when in the gap they came.',
              received.coins.gapDelta,
            ),
          ],
        },
        {
          title: 'Over time',
          panels: [
            rate(ids.coinsPerMinute, received.coins),
            rate(ids.giftsPerMinute, received.gifts),
            rate(ids.newSendersPerMinute, received.senders),
            timeSeries({
              id: ids.coinsPerHour,
              title: 'Coins by the hour and room',
              description: `${received.coins.meaning} Every coin, growth in gaps included, in the hour in which livetally saw it; hours of UTC.`,
              unit: 'locale',
              width: 24,
              interval: tierInterval['1h'],
              style: 'stacked bars',
              queries: [
                {
                  source: '1h',
                  format: 'time_series',
                  legend: '$tag_room_id, $tag_app',
                  text: calendarSum(received.coins, measurement, variables, {
                    window: 'interval',
                    by: ['app', 'room_id'],
                  }),
                },
              ],
            }),
          ],
        },
        {
          title: 'Rooms and sessions',
          panels: [
            table({
              id: ids.rooms,
              title: 'Rooms',
              description: `Where the receivers got them; at most 200 rows, the largest first. ${wholeHours} Senders are counted by room and session only: see the sessions.`,
              unit: 'locale',
              width: 24,
              queries: [
                {
                  source: '1h',
                  format: 'table',
                  text: largest(
                    {
                      coins: `sum(${quoted(received.coins.delta)})`,
                      gifts: `sum(${quoted(received.gifts.delta)})`,
                      gaps: `sum(${quoted(received.coins.gapDelta)})`,
                    },
                    measurement,
                    { variables, by: ['app', 'room_id', 'user_id'], limit: 200 },
                  ),
                },
              ],
              columns: [
                tagColumn('user_id', 'Receiver'),
                tagColumn('room_id', 'Room', linkToRoom),
                tagColumn('app', 'App'),
                { name: 'coins', title: 'Coins', hasBar: true },
                { name: 'gaps', title: 'of them in gaps' },
                { name: 'gifts', title: 'Gifts' },
              ],
              sortedBy: 'coins',
            }),
            sessionTable({ id: ids.sessions, of: 'gift_count', variables }),
          ],
        },
      ],
    },
    settings,
  );
}
