import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { DashboardBuilder, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Endpoint } from '../../src/model/target.ts';
import { type CounterWords, giftCoins, giftsSent, likes, messages, received, viewers } from './counter-words.ts';
import { dashboardOf, linkToReceiver, linkToRoom } from './dashboard-frame.ts';
import { panelIds } from './panel-ids.ts';
import { type Column, stat, table, tagColumn, timeSeries } from './panels.ts';
import { compared, describePeriods, sumIn } from './periods.ts';
import { calendarSum, monthlySums, tierInterval } from './queries.ts';
import {
  appVariable,
  choicesBefore,
  labelVariables,
  receiverVariable,
  roomVariable,
  type Variable,
} from './selection.ts';
import { sessionTable } from './session-table.ts';
import type { GrafanaSettings } from './settings.ts';
import { offer } from './variables.ts';

const ids = panelIds.history;
const inMonths = [giftCoins, giftsSent, viewers, likes, messages];

/** Days, weeks and months, each from its own tier. */
export function historyDashboard(settings: GrafanaSettings): DashboardBuilder {
  const { timezone } = settings;
  const labels = labelVariables(settings);
  const rooms = [appVariable, ...labels, roomVariable];
  const variables = [...rooms, receiverVariable];
  const days = `Days of ${timezone}, from midnight to midnight; those that have ended and whose beginning lies in the range.`;

  const periods = describePeriods(timezone);
  const inPeriods = { variables: rooms, timezone };

  const comparison = (id: number, counter: CounterWords) =>
    stat({
      id,
      title: counter.title,
      description: `${counter.meaning} ${periods} Growth in gaps included.`,
      unit: 'locale',
      width: 6,
      height: 5,
      queries: [
        {
          source: '1d',
          format: 'table',
          text: sumIn('now', { 'this period': counter.delta }, 'room_stats', inPeriods),
        },
        {
          source: '1d',
          format: 'table',
          text: sumIn('before', { 'the one before': counter.delta }, 'room_stats', inPeriods),
        },
      ],
    });

  const bars = (
    id: number,
    title: string,
    counter: CounterWords,
    { window, by, width }: { readonly window: 'day' | 'week'; readonly by: Variable; readonly width: number },
  ) =>
    timeSeries({
      id,
      title,
      description: `${counter.meaning} Every one, growth in gaps included. ${days}${window === 'week' ? ' Weeks begin on Monday; the first and the last may be parts. Where clocks change, the bars of winter lie an hour early, on Sunday.' : ''}`,
      unit: 'locale',
      width,
      interval: tierInterval['1d'],
      style: 'stacked bars',
      queries: [
        {
          source: '1d',
          format: 'time_series',
          legend: `$tag_${by.tag}`,
          text: calendarSum(counter, 'room_stats', rooms, { window, by: [by.tag], timezone }),
        },
      ],
    });

  return dashboardOf(
    {
      name: 'history',
      title: 'livetally: History',
      description: 'Days, weeks, months and sessions, from the tiers of days and months.',
      from: 'now-90d/d',
      variables: variables.map((variable, index) =>
        offer({
          variable,
          after: choicesBefore(variables, index),
          source: '1d',
          measurement: variable === receiverVariable ? 'gift_count' : 'room_stats',
          hasAll: true,
        }),
      ),
      rows: [
        {
          title: 'This period against the one before',
          panels: [
            comparison(ids.giftCoins, giftCoins),
            comparison(ids.giftsSent, giftsSent),
            comparison(ids.viewers, viewers),
            stat({
              id: ids.giftCoinsInGaps,
              title: 'Gift coins grown in gaps',
              description: `The part of this period's gift coins that grew while livetally did not look: real, but nobody saw when in the gap they came. ${periods}`,
              unit: 'locale',
              width: 6,
              height: 5,
              queries: [
                {
                  source: '1d',
                  format: 'table',
                  text: sumIn('now', { 'in gaps': giftCoins.gapDelta }, 'room_stats', inPeriods),
                },
              ],
            }),
          ],
        },
        {
          title: 'Days and weeks',
          panels: [
            bars(ids.coinsPerDay, 'Gift coins by day', giftCoins, { window: 'day', by: appVariable, width: 12 }),
            bars(ids.viewersPerDay, 'Viewer entries by day', viewers, { window: 'day', by: appVariable, width: 12 }),
            bars(ids.coinsPerWeek, 'Gift coins by week', giftCoins, { window: 'week', by: appVariable, width: 12 }),
            monthTable(rooms, timezone),
            ...labels.map((label, index) =>
              bars(ids.firstLabel + index, `Gift coins by day and ${label.title}`, giftCoins, {
                window: 'day',
                by: label,
                width: 24,
              }),
            ),
          ],
        },
        {
          title: 'Rooms, receivers and sessions',
          panels: [
            ranking(ids.rooms, 'Rooms by gift coins', giftCoins, {
              measurement: 'room_stats',
              ...inPeriods,
              column: tagColumn('room_id', 'Room', linkToRoom),
            }),
            ranking(ids.receivers, 'Receivers by coins', received.coins, {
              measurement: 'gift_count',
              variables,
              timezone,
              column: tagColumn('user_id', 'Receiver', linkToReceiver),
            }),
            sessionTable({ id: ids.sessions, of: 'room_stats', variables: rooms }),
          ],
        },
      ],
    },
    settings,
  );
}

/** What is paid out by: every digit, one row for each month. */
function monthTable(variables: readonly Variable[], timezone: string): Builder<Panel> {
  return table({
    id: ids.months,
    title: 'Months',
    description: `Everything that was counted in each calendar month of ${timezone}, growth in gaps included. Months that have ended and whose beginning lies in the range. Viewer entries are entries, never people.`,
    unit: 'locale',
    width: 12,
    queries: [{ source: '1mo', format: 'table', text: monthlySums(inMonths, 'room_stats', variables, timezone) }],
    columns: [
      { name: 'Time', title: 'Month', unit: 'time:YYYY-MM' },
      ...inMonths.map(({ delta, title }) => ({ name: delta, title })),
    ],
  });
}

function ranking(
  id: number,
  title: string,
  counter: CounterWords,
  {
    measurement,
    variables,
    timezone,
    column,
  }: {
    readonly measurement: Endpoint;
    readonly variables: readonly Variable[];
    readonly timezone: string;
    readonly column: Column;
  },
): Builder<Panel> {
  return table({
    id,
    title,
    description: `${counter.meaning} The 50 with most in this period, beside what they had in the one before. ${describePeriods(timezone)} Growth in gaps included; a click leads to the ${column.title.toLowerCase()}.`,
    unit: 'locale',
    width: 12,
    height: 12,
    queries: [
      {
        source: '1d',
        format: 'table',
        text: compared(counter, measurement, { variables, timezone, by: ['app', column.name], limit: 50 }),
      },
    ],
    columns: [
      column,
      tagColumn('app', 'App'),
      { name: 'now', title: 'This period', hasBar: true },
      { name: 'before', title: 'The one before' },
      { name: 'change', title: 'Change' },
    ],
    sortedBy: 'now',
  });
}
