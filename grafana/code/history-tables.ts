import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Endpoint } from '../../src/model/target.ts';
import { type CounterWords, giftCoins, giftsSent, likes, messages, received, viewers } from './counter-words.ts';
import { linkToReceiver, linkToRoom, type Row } from './dashboard-frame.ts';
import { panelIds } from './panel-ids.ts';
import { type Column, table, tagColumn } from './panels.ts';
import { largestOfEach, mostWeeks } from './queries.ts';
import { quoted, type Variable, where } from './selection.ts';

const ids = panelIds.history;
/** What is paid out by: every digit. */
export const inMonths = [giftCoins, giftsSent, viewers, likes, messages] as const;
const inWeeks = [giftCoins, giftsSent, viewers] as const;
const ofReceivers = [received.coins, received.gifts] as const;

const rowsAtMost = { days: 1000, week: 50, month: 500 } as const;
const entries = 'Viewer entries are entries, never people or how many watched.';

export type Shown = { readonly variables: readonly Variable[]; readonly timezone: string };

export function roomRow(shown: Shown): Row {
  const of = { ...shown, measurement: 'room_stats' } as const;
  const columns = [tagColumn('room_id', 'Room', linkToRoom), tagColumn('app', 'App')];
  return {
    title: 'Rooms by day, week and month',
    isCollapsed: true,
    panels: [
      dayTable(ids.daysByRoom, 'Days by room', inWeeks, { ...of, columns }),
      windowTable(ids.weeksByRoom, 'Weeks by room', inWeeks, { ...of, columns, window: 'week' }),
      windowTable(ids.monthsByRoom, 'Months by room', inMonths, { ...of, columns, window: 'month' }),
    ],
  };
}

export function receiverRow(shown: Shown): Row {
  const of = { ...shown, measurement: 'gift_count' } as const;
  const receiver = tagColumn('user_id', 'Receiver', linkToReceiver);
  const columns = [receiver, tagColumn('app', 'App')];
  const inRooms = [receiver, tagColumn('room_id', 'Room', linkToRoom), tagColumn('app', 'App')];
  return {
    title: 'Receivers by day, week and month',
    isCollapsed: true,
    panels: [
      dayTable(ids.daysByReceiver, 'Days by receiver', ofReceivers, { ...of, columns: inRooms }),
      windowTable(ids.weeksByReceiver, 'Weeks by receiver', ofReceivers, { ...of, columns, window: 'week' }),
      windowTable(ids.monthsByReceiver, 'Months by receiver', ofReceivers, { ...of, columns, window: 'month' }),
    ],
  };
}

export function labelMonths(id: number, label: Variable, shown: Shown): Builder<Panel> {
  const columns = [tagColumn(label.tag, label.title)];
  return windowTable(id, `Months by ${label.title}`, inMonths, {
    ...shown,
    measurement: 'room_stats',
    columns,
    window: 'month',
  });
}

type Content = Shown & { readonly measurement: Endpoint; readonly columns: readonly Column[] };

/** Rows of the tier as they are, the newest alone: to add them up, or to find the largest of each day, takes seconds with a thousand rooms. */
function dayTable(
  id: number,
  title: string,
  counters: readonly CounterWords[],
  { variables, timezone, measurement, columns }: Content,
): Builder<Panel> {
  const names = [...columns.map(({ name }) => name), ...counters.map(({ delta }) => delta)].map(quoted);
  const text =
    `SELECT ${names.join(', ')} FROM ${quoted(measurement)} ` +
    `WHERE ${where(variables)} ORDER BY time DESC LIMIT ${rowsAtMost.days}`;
  return table({
    id,
    title,
    description: `Days of ${timezone} that have ended and whose beginning lies in the range, the newest ${rowsAtMost.days} rows at most: choose some to see further back. Growth in gaps included; a day on which labels changed has a row for each. ${wordsOf(measurement)}`,
    unit: 'locale',
    width: 12,
    height: 10,
    queries: [{ source: '1d', format: 'table', text }],
    columns: [{ name: 'Time', title: 'Day', unit: 'time:YYYY-MM-DD' }, ...columns, ...counters.map(columnOf)],
    sortedBy: 'Time',
  });
}

function windowTable(
  id: number,
  title: string,
  counters: readonly [CounterWords, ...CounterWords[]],
  { variables, timezone, measurement, columns, window }: Content & { readonly window: 'week' | 'month' },
): Builder<Panel> {
  const limit = rowsAtMost[window];
  const by = columns.map(({ name }) => name);
  // A month is one window, at its first midnight.
  const cut = window === 'week' ? 'week' : 'day';
  const text = largestOfEach(counters, measurement, { variables, by, limit, window: cut, timezone });
  const windows =
    window === 'week' ? `${weekWords(timezone)} The last ${mostWeeks} of the range.` : monthWords(timezone);
  return table({
    id,
    title,
    description: `${windows} The ${limit} with most ${counters[0].title.toLowerCase()} in each ${window}. Growth in gaps included. ${wordsOf(measurement)}`,
    unit: 'locale',
    width: window === 'week' ? 12 : 24,
    height: 10,
    queries: [{ source: window === 'week' ? '1d' : '1mo', format: 'table', text }],
    columns: [
      window === 'week'
        ? { name: 'Time', title: 'Week from', unit: 'time:YYYY-MM-DD' }
        : { name: 'Time', title: 'Month', unit: 'time:YYYY-MM' },
      ...columns,
      ...counters.map(columnOf),
    ],
    sortedBy: 'Time',
  });
}

export function weekWords(timezone: string): string {
  return `Weeks begin on Monday and hold the days of ${timezone} that have ended and whose beginning lies in the range; the first and the last may be parts. Where clocks change, the weeks of winter lie an hour early, on Sunday.`;
}

export function monthWords(timezone: string): string {
  return `Calendar months of ${timezone} that have ended and whose beginning lies in the range.`;
}

function wordsOf(measurement: Endpoint): string {
  return measurement === 'room_stats'
    ? entries
    : 'Gifts that watched receivers got; senders are counted by room and session only.';
}

export function columnOf({ delta, title }: CounterWords): Column {
  return { name: delta, title };
}
