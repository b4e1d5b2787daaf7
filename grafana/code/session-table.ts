import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { counters, sessionMeasurement } from '../../src/model/measurement.ts';
import type { Endpoint } from '../../src/model/target.ts';
import { wordsOf } from './counter-words.ts';
import { linkToRoom } from './dashboard-frame.ts';
import { type Column, table, tagColumn } from './panels.ts';
import { quoted, type Variable, where } from './selection.ts';

const rowsAtMost = 500;

/** Closed sessions that began in the range, the newest first: totals, peaks, and how much of them was really observed. */
export function sessionTable({
  id,
  of,
  variables,
}: {
  readonly id: number;
  readonly of: Endpoint;
  readonly variables: readonly Variable[];
}): Builder<Panel> {
  const words = counters[of].map(({ total }) => wordsOf(of, total));
  // Rooms and receivers share the measurement; a receiver's session is one that names the receiver.
  const condition = of === 'gift_count' ? `"user_id" != ''` : `"user_id" = ''`;
  const tags = of === 'gift_count' ? ['user_id', 'room_id', 'app'] : ['room_id', 'app'];
  const fields = [
    ...tags,
    'duration_ms',
    ...words.flatMap(({ total, peak }) => [total, peak]),
    'samples',
    'confirmed',
  ].map(quoted);
  const text =
    `SELECT ${fields.join(', ')}, "covered_ms" / "duration_ms" AS "observed" FROM ${quoted(sessionMeasurement)} ` +
    `WHERE ${where(variables, condition)} ORDER BY time DESC LIMIT ${rowsAtMost}`;
  const columns: Column[] = [
    { name: 'Time', title: 'Start', unit: 'dateTimeAsIso' },
    ...tags.map((name) => columnOf(name)),
    { name: 'duration_ms', title: 'Length', unit: 'dtdurationms' },
    ...words.flatMap(({ total, peak, title }) => [
      { name: total, title: title.replace(/^New (.)/, (_, first: string) => first.toUpperCase()) },
      { name: peak, title: `${title}, best minute` },
    ]),
    { name: 'observed', title: 'Observed', unit: 'percentunit', decimals: 1 },
    { name: 'samples', title: 'Samples' },
    { name: 'confirmed', title: 'Confirmed' },
  ];
  return table({
    id,
    title: of === 'gift_count' ? 'Sessions of the receivers' : 'Sessions',
    description:
      `Sessions that began in the range and have closed, the newest ${rowsAtMost} at most. Totals are the highest that Tencent answered, what was there before livetally came included; the best minute leaves gaps out. ` +
      'Observed: the part of the length between first and last sample that was no gap. Confirmed 0: counters grew in a gap of it, so the room may have been made anew unseen. Viewer entries are entries, never people or how many watched.',
    unit: 'locale',
    width: 24,
    height: 12,
    queries: [{ source: '1d', format: 'table', text }],
    columns,
  });
}

function columnOf(name: string): Column {
  switch (name) {
    case 'room_id':
      return tagColumn(name, 'Room', linkToRoom);
    case 'user_id':
      return tagColumn(name, 'Receiver');
    default:
      return tagColumn(name, 'App');
  }
}
