import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { spikesOf } from './annotations.ts';
import { type CounterWords, giftCoins, giftsSent, likes, messages, viewers } from './counter-words.ts';
import { dashboardOf, linkToRoom } from './dashboard-frame.ts';
import { panelIds } from './panel-ids.ts';
import { stat, table, tagColumn, timeSeries } from './panels.ts';
import { finestInterval, largest, sums } from './queries.ts';
import { inGap, seenPerMinute, watched } from './rates.ts';
import { appVariable, choicesBefore, labelVariables, quoted, where } from './selection.ts';
import type { GrafanaSettings } from './settings.ts';
import { offer } from './variables.ts';

const ids = panelIds.live;
const measurement = 'room_stats';
/** InfluxDB's time goes with the rooms times the points drawn: with a thousand rooms, a second for a day. */
const maxPoints = 150;

/** What happens now, over all rooms. */
export function liveDashboard(settings: GrafanaSettings): DashboardBuilder {
  const labels = labelVariables(settings);
  const variables = [appVariable, ...labels];
  const interval = finestInterval(settings.intervalMs);

  const rate = (counter: CounterWords, id: number, width: number) =>
    timeSeries({
      id,
      title: `${counter.title} per minute`,
      description: `${counter.meaning} Over all rooms, by the minute in which livetally saw them; what grew in gaps is left out. A room that is polled less often than every minute brings the growth of all of its interval in one of them: right in sum, but uneven. The newest minute is still filling.`,
      unit: 'locale',
      width,
      interval,
      maxPoints,
      queries: [
        {
          source: 'raw',
          text: seenPerMinute(counter, measurement, variables),
          format: 'time_series',
          legend: counter.title,
        },
      ],
    });

  const total = (counter: CounterWords, id: number) =>
    stat({
      id,
      title: counter.title,
      description: `${counter.meaning} Everything that was counted in the range, over all rooms, to the last one; growth in gaps included.`,
      unit: 'locale',
      width: 6,
      height: 4,
      queries: [
        { source: 'raw', text: sums({ [counter.title]: counter.delta }, measurement, variables), format: 'table' },
      ],
    });

  const topRooms = (counter: CounterWords, id: number) =>
    table({
      id,
      title: `Top rooms by ${counter.title.toLowerCase()} per minute`,
      description: `${counter.meaning} The 15 rooms in which most came in a minute of the time observed, over the last 5 minutes; a click leads to the room.`,
      unit: 'locale',
      width: 12,
      height: 12,
      timeFrom: '5m',
      queries: [
        {
          source: 'raw',
          format: 'table',
          text: largest(
            {
              // Over the time between samples, so that a show that has just begun, or a coarse schedule, is not rated too low.
              rate: `sum(${quoted(counter.delta)}) * 60000.0 / sum(${quoted('gap_ms')})`,
              total: `last(${quoted(counter.total)})`,
            },
            measurement,
            { variables, by: ['app', 'room_id'], limit: 15, condition: watched },
          ),
        },
      ],
      columns: [
        { name: 'rate', title: 'Per minute', decimals: 0, hasBar: true },
        tagColumn('app', 'App'),
        tagColumn('room_id', 'Room', linkToRoom),
        { name: 'total', title: 'In total, this session' },
      ],
      sortedBy: 'rate',
    });

  return dashboardOf(
    {
      name: 'live',
      title: 'livetally: Live',
      description:
        'What happens now, over all rooms. Reads the raw samples; spikes of the last six hours of the range are marked, from the tier of 5 minutes.',
      from: 'now-1h',
      refresh: '30s',
      variables: variables.map((variable, index) =>
        offer({ variable, after: choicesBefore(variables, index), source: 'raw', measurement, hasAll: true }),
      ),
      annotations: spikesOf(settings, variables),
      rows: [
        {
          title: 'In the range',
          panels: [
            total(giftCoins, ids.giftCoinsInRange),
            total(giftsSent, ids.giftsSentInRange),
            total(viewers, ids.viewersInRange),
            stat({
              id: ids.giftCoinsInGaps,
              title: 'Gift coins grown in gaps',
              description:
                'The part of the gift coins beside that grew while livetally did not look (it was down, or the room did not answer). They are real, but nobody saw in which minute they came, so the curves below leave them out.',
              unit: 'locale',
              width: 6,
              height: 4,
              queries: [
                {
                  source: 'raw',
                  text: sums({ 'in gaps': giftCoins.delta }, measurement, variables, inGap),
                  format: 'table',
                },
              ],
            }),
          ],
        },
        {
          title: 'Per minute',
          panels: [
            rate(giftCoins, ids.giftCoins, 12),
            rate(viewers, ids.viewers, 12),
            rate(giftsSent, ids.giftsSent, 8),
            rate(likes, ids.likesReceived, 8),
            rate(messages, ids.msgCount, 8),
          ],
        },
        {
          title: 'Rooms',
          panels: [
            topRooms(giftCoins, ids.topRoomsByCoins),
            topRooms(viewers, ids.topRoomsByViewers),
            timeSeries({
              id: ids.roomsAnswering,
              title: 'Rooms that answer',
              description:
                'Rooms of which at least one sample arrived in the time. A room without a show does not exist for Tencent and does not answer.',
              unit: 'locale',
              width: 24,
              interval,
              // Each room is looked at twice.
              maxPoints: 100,
              queries: [
                {
                  source: 'raw',
                  format: 'time_series',
                  legend: 'rooms',
                  text:
                    `SELECT count(${quoted('samples')}) FROM (SELECT count(${quoted('delay_ms')}) AS ${quoted('samples')} FROM ${quoted(measurement)} ` +
                    `WHERE ${where(variables)} GROUP BY time($__interval), "app", "room_id" fill(none)) ` +
                    'WHERE $timeFilter GROUP BY time($__interval) fill(0)',
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
