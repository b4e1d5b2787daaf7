import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  type AnnotationEventFieldMapping,
  AnnotationEventFieldMappingBuilder,
  AnnotationEventFieldSource,
  AnnotationQueryBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { SpikeBounds } from '../../src/config/alerts-schema.ts';
import { sessionMeasurement } from '../../src/model/measurement.ts';
import { roomsOf } from './alerts/rooms.ts';
import { type CounterWords, giftCoins, giftsSent, viewers } from './counter-words.ts';
import { dataSource, type Source, targetOf } from './query-target.ts';
import { narrowedTo, quoted, rangeEndMs, rangeStartMs, type Variable } from './selection.ts';
import type { GrafanaSettings } from './settings.ts';

/** Windows of 5 minutes that a room's own past is taken from: half an hour. */
const pastWindows = 6;
/** How far back from the end of the range marks are looked for: in a day of a thousand rooms it would take seconds, and show a wall of them. */
const markedHours = 6;

/**
 * The windows of the last hours of the range in which a room stands out of its own past half hour. From the tier of 5 minutes, which knows the best minute of each
 * window: samples of a thousand rooms minute by minute would take seconds for an hour. So a mark comes when its window has ended;
 * what Grafana marks by itself, where an alert rule of the panel fires, comes at once. Rooms and bounds are those of the rules.
 */
export function spikesOf(
  { alerts }: GrafanaSettings,
  variables: readonly Variable[],
): readonly AnnotationQueryBuilder[] {
  const { others, overridden } = roomsOf(alerts.overrides);
  const sets = [{ rooms: others, spikes: alerts.spikes }].concat(
    overridden.map(({ rooms, override }) => ({ rooms, spikes: override.spikes })),
  );
  return sets.flatMap(({ rooms, spikes }) => {
    const marks = (name: string, color: string, counter: CounterWords, bounds: SpikeBounds) =>
      annotation(
        `${name}${rooms.words}`,
        color,
        '5m',
        spikeText(counter, bounds, [...narrowedTo(variables), ...rooms.conditions]),
      );
    return [
      marks('Coin spikes', 'orange', giftCoins, spikes.coins),
      marks('Gift spikes', 'purple', giftsSent, spikes.gifts),
      marks('Entry spikes', 'blue', viewers, spikes.viewers),
    ];
  });
}

/**
 * A spike has a minute above the floor and above `factor` times the mean minute of the windows before. InfluxQL has no join, but
 * a moving average lies beside its own window, which is taken out of it again. Fields do not lie beside it: they are put through
 * an average of one point, which changes nothing. Grouping by time would cost ten times as much, and windows are points already;
 * of those that a change of labels has cut in two, InfluxDB takes one. Windows without samples are no windows, so a room needs half
 * an hour of its own before anything can stand out, and a show's beginning does not. The range begins that much earlier in the
 * inner query alone: a bound outside would be pushed into it. Both levels are grouped by the room: ungrouped, InfluxDB loses rows.
 */
function spikeText(counter: CounterWords, { floor, factor }: SpikeBounds, conditions: readonly string[]): string {
  const itself = (field: string) => `exponential_moving_average(${quoted(field)}, 1)`;
  const mean = `moving_average(${quoted(counter.delta)}, ${pastWindows + 1})`;
  const byRoom = 'GROUP BY "app", "room_id"';
  const lead = `${5 * (pastWindows + 2)}m`;
  const range = `time >= ${rangeStartMs}ms - ${lead} AND time >= ${rangeEndMs}ms - ${markedHours}h - ${lead} AND time <= ${rangeEndMs}ms`;
  const where = [range, ...conditions].join(' AND ');
  const past = `(${pastWindows + 1} * "mean" - "own") / ${5 * pastWindows}`;
  return (
    'SELECT "best" FROM (' +
    `SELECT ${itself(counter.peak)} AS "best", ${itself(counter.delta)} AS "own", ${mean} AS "mean" ` +
    `FROM "room_stats" WHERE ${where} ${byRoom}` +
    `) WHERE "best" > ${floor} AND "best" > ${factor} * (${past}) ${byRoom}`
  );
}

/** Sessions that have closed, from their start to their end, those that began up to a day before the range included. */
export function sessionsOf(variables: readonly Variable[]): AnnotationQueryBuilder {
  const conditions = [
    `time >= ${rangeStartMs}ms - 1d AND time <= ${rangeEndMs}ms`,
    `"end" >= ${rangeStartMs}`,
    `"user_id" = ''`,
    ...narrowedTo(variables),
  ];
  const text =
    `SELECT "end", "room_id" FROM ${quoted(sessionMeasurement)} ` +
    `WHERE ${conditions.join(' AND ')} ORDER BY time DESC LIMIT 200`;
  return annotation('Sessions', 'green', '1d', text, { timeEnd: fromField('end') });
}

/** Goes through Grafana's own mapping of columns to events, not through the data source's older one: that reads other names. */
function annotation(
  name: string,
  color: string,
  source: Source,
  text: string,
  mappings: Readonly<Record<string, Builder<AnnotationEventFieldMapping>>> = {},
): AnnotationQueryBuilder {
  const target: Builder<Dataquery> = targetOf({ source, text, format: 'table' }, 'Anno');
  return new AnnotationQueryBuilder()
    .name(name)
    .enable(true)
    .iconColor(color)
    .datasource(dataSource(source))
    .target(target)
    .mappings({ time: fromField('Time'), text: fromField('room_id'), ...mappings });
}

function fromField(column: string): Builder<AnnotationEventFieldMapping> {
  return new AnnotationEventFieldMappingBuilder().source(AnnotationEventFieldSource.Field).value(column);
}
