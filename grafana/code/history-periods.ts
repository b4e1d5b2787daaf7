import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Endpoint } from '../../src/model/target.ts';
import { type CounterWords, giftCoins, giftsSent, received, viewers } from './counter-words.ts';
import { linkToReceiver, linkToRoom, type Row } from './dashboard-frame.ts';
import type { Shown } from './history-tables.ts';
import { panelIds } from './panel-ids.ts';
import { type Column, stat, table, tagColumn } from './panels.ts';
import { compared, describePeriods, type Period, sumIn } from './periods.ts';
import type { Query } from './query-target.ts';

const ids = panelIds.history;

export function periodRow(ofRooms: Shown, ofReceivers: Shown): Row {
  const periods = describePeriods(ofRooms.timezone);
  const sum = (period: Period, fields: Readonly<Record<string, string>>, measurement: Endpoint): Query => {
    const shown = measurement === 'room_stats' ? ofRooms : ofReceivers;
    return { source: '1d', format: 'table', text: sumIn(period, fields, measurement, shown) };
  };
  const comparison = (id: number, title: string, counter: CounterWords, measurement: Endpoint) =>
    stat({
      id,
      title,
      description: `${counter.meaning} ${periods} Growth in gaps included.`,
      unit: 'locale',
      width: 5,
      height: 5,
      queries: [
        sum('now', { 'this period': counter.delta }, measurement),
        sum('before', { 'the one before': counter.delta }, measurement),
      ],
    });
  return {
    title: 'This period against the one before',
    panels: [
      comparison(ids.giftCoins, giftCoins.title, giftCoins, 'room_stats'),
      comparison(ids.giftsSent, giftsSent.title, giftsSent, 'room_stats'),
      comparison(ids.viewers, viewers.title, viewers, 'room_stats'),
      comparison(ids.receivedCoins, 'Coins of receivers', received.coins, 'gift_count'),
      stat({
        id: ids.giftCoinsInGaps,
        title: 'Gift coins grown in gaps',
        description: `The part of this period's gift coins that grew while livetally did not look: real, but nobody saw when in the gap they came. ${periods}`,
        unit: 'locale',
        width: 4,
        height: 5,
        queries: [sum('now', { 'in gaps': giftCoins.gapDelta }, 'room_stats')],
      }),
    ],
  };
}

export function roomRanking(shown: Shown): Builder<Panel> {
  return ranking(ids.rooms, 'Rooms by gift coins', giftCoins, {
    ...shown,
    measurement: 'room_stats',
    column: tagColumn('room_id', 'Room', linkToRoom),
  });
}

export function receiverRanking(shown: Shown): Builder<Panel> {
  return ranking(ids.receivers, 'Receivers by coins', received.coins, {
    ...shown,
    measurement: 'gift_count',
    column: tagColumn('user_id', 'Receiver', linkToReceiver),
  });
}

function ranking(
  id: number,
  title: string,
  counter: CounterWords,
  { measurement, variables, timezone, column }: Shown & { readonly measurement: Endpoint; readonly column: Column },
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
