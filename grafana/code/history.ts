import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { DashboardBuilder, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { type CounterWords, giftCoins, viewers } from './counter-words.ts';
import { dashboardOf } from './dashboard-frame.ts';
import { periodRow, receiverRanking, roomRanking } from './history-periods.ts';
import { columnOf, inMonths, labelMonths, monthWords, receiverRow, roomRow, weekWords } from './history-tables.ts';
import { legendOfLabel } from './legend.ts';
import { panelIds } from './panel-ids.ts';
import { table, timeSeries } from './panels.ts';
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

/** Days, weeks and months, each from its own tier. */
export function historyDashboard(settings: GrafanaSettings): DashboardBuilder {
  const { timezone } = settings;
  const labels = labelVariables(settings);
  const rooms = [appVariable, ...labels, roomVariable];
  const variables = [...rooms, receiverVariable];
  const days = `Days of ${timezone}, from midnight to midnight; those that have ended and whose beginning lies in the range.`;
  const ofRooms = { variables: rooms, timezone };
  const ofReceivers = { variables, timezone };

  const bars = (
    id: number,
    title: string,
    counter: CounterWords,
    { window, by }: { readonly window: 'day' | 'week'; readonly by: Variable },
  ) => {
    const { legend, displayName } = legendOfLabel(by.tag);
    return timeSeries({
      id,
      title,
      description: `${counter.meaning} Every one, growth in gaps included. ${window === 'week' ? weekWords(timezone) : days}`,
      unit: 'locale',
      width: 12,
      interval: tierInterval['1d'],
      style: 'stacked bars',
      ...(displayName !== undefined && { displayName }),
      queries: [
        {
          source: '1d',
          format: 'time_series',
          ...(legend !== undefined && { legend }),
          text: calendarSum(counter, 'room_stats', rooms, { window, by: [by.tag], timezone }),
        },
      ],
    });
  };

  return dashboardOf(
    {
      name: 'history',
      title: 'livetally: History',
      description:
        'Days, weeks, months and sessions, from the tiers of days and months. What rooms report is not told apart by receiver: the choice of receivers narrows the panels of receivers alone.',
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
        periodRow(ofRooms, ofReceivers),
        {
          title: 'Days, weeks and months',
          panels: [
            bars(ids.coinsPerDay, 'Gift coins by day', giftCoins, { window: 'day', by: appVariable }),
            bars(ids.viewersPerDay, 'Viewer entries by day', viewers, { window: 'day', by: appVariable }),
            bars(ids.coinsPerWeek, 'Gift coins by week', giftCoins, { window: 'week', by: appVariable }),
            monthTable(rooms, timezone),
          ],
        },
        roomRow(ofRooms),
        receiverRow(ofReceivers),
        ...labels.map((label, index) => ({
          title: `${label.title} by day, week and month`,
          isCollapsed: true,
          panels: [
            bars(ids.firstLabel + index, `Gift coins by day and ${label.title}`, giftCoins, {
              window: 'day',
              by: label,
            }),
            bars(ids.firstLabelWeeks + index, `Gift coins by week and ${label.title}`, giftCoins, {
              window: 'week',
              by: label,
            }),
            labelMonths(ids.firstLabelMonths + index, label, ofRooms),
          ],
        })),
        {
          title: 'Rooms, receivers and sessions',
          panels: [
            roomRanking(ofRooms),
            receiverRanking(ofReceivers),
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
    description: `Everything that was counted, over all rooms, growth in gaps included. ${monthWords(timezone)} Viewer entries are entries, never people.`,
    unit: 'locale',
    width: 12,
    queries: [{ source: '1mo', format: 'table', text: monthlySums(inMonths, 'room_stats', variables, timezone) }],
    columns: [{ name: 'Time', title: 'Month', unit: 'time:YYYY-MM' }, ...inMonths.map(columnOf)],
  });
}
