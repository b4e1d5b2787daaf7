import { type Counter, counters, sessionMeasurement, tagNames } from './measurement.ts';
import type { Sample, Totals } from './sample.ts';
import type { Series } from './target.ts';
import type { Session, Window } from './window.ts';

/** What a sink writes. The same sample always makes the same point, so writing it again changes nothing. */
export type Point = {
  readonly measurement: string;
  readonly tags: readonly (readonly [name: string, value: string])[];
  /** Safe integers. */
  readonly fields: readonly (readonly [name: string, value: number])[];
  /** Epoch milliseconds. */
  readonly timeMs: number;
};

type Field = [name: string, value: number];

export function samplePoint(series: Series, sample: Sample): Point {
  const fields: Field[] = [];
  let index = 0;
  for (const counter of counters[series.target.endpoint]) {
    const total = sample.totals[index];
    const delta = sample.deltas[index];
    if (total !== undefined) fields.push([counter.total, total]);
    if (delta !== undefined) fields.push([counter.delta, delta]);
    index++;
  }
  fields.push(['session', sample.sessionMs], ['delay_ms', sample.delayMs]);
  if (sample.gapMs !== undefined) fields.push(['gap_ms', sample.gapMs], ['in_gap', sample.inGap ? 1 : 0]);
  return { measurement: series.target.endpoint, tags: tagsOf(series), fields, timeMs: sample.dueMs };
}

/** The sample that a point was made of; undefined for a point that `samplePoint` has not made. */
export function sampleOfPoint({
  measurement,
  tags,
  fields,
  timeMs,
}: Point): { series: Series; sample: Sample } | undefined {
  const series = seriesOf(measurement, new Map(tags));
  const values = new Map(fields);
  const [sessionMs, delayMs, gapMs] = ['session', 'delay_ms', 'gap_ms'].map((name) => values.get(name));
  const isSound = [timeMs, ...values.values()].every((value) => Number.isSafeInteger(value) && value >= 0);
  if (series === undefined || sessionMs === undefined || delayMs === undefined || !isSound) return undefined;
  const own = counters[series.target.endpoint];
  return {
    series,
    sample: {
      ...{ dueMs: timeMs, delayMs, gapMs, inGap: values.get('in_gap') === 1, sessionMs },
      totals: own.map(({ total }) => values.get(total)),
      deltas: own.map(({ delta }) => values.get(delta)),
    },
  };
}

function seriesOf(measurement: string, tags: ReadonlyMap<string, string>): Series | undefined {
  const [app, roomId, userId] = tagNames.map((name) => tags.get(name));
  if (app === undefined || roomId === undefined) return undefined;
  const labels = Object.fromEntries([...tags].filter(([name, value]) => !isTagName(name) && value !== ''));
  if (measurement === 'room_stats') return { target: { endpoint: measurement, app, roomId }, labels };
  if (measurement !== 'gift_count' || userId === undefined) return undefined;
  return { target: { endpoint: measurement, app, roomId, userId }, labels };
}

function isTagName(name: string): boolean {
  return tagNames.some((one) => one === name);
}

/** Lies at the start of the window, as InfluxQL puts it. */
export function windowPoint(series: Series, window: Window): Point {
  const fields: Field[] = [];
  addKnown(fields, series, 'total', window.totals);
  addKnown(fields, series, 'delta', window.deltas);
  addKnown(fields, series, 'gapDelta', window.gapDeltas);
  addKnown(fields, series, 'peak', window.peaks);
  fields.push(['samples', window.samples], ['covered_ms', window.coveredMs]);
  return { measurement: series.target.endpoint, tags: tagsOf(series), fields, timeMs: window.startMs };
}

/** Lies at the start of the session: written again when the session goes on after all, it is the same point. */
export function sessionPoint(series: Series, session: Session): Point {
  const fields: Field[] = [];
  addKnown(fields, series, 'total', session.totals);
  addKnown(fields, series, 'opening', session.openings);
  addKnown(fields, series, 'peak', session.peaks);
  fields.push(
    ['end', session.endMs],
    ['duration_ms', session.endMs - session.startMs],
    ['samples', session.samples],
    ['covered_ms', session.coveredMs],
    ['confirmed', session.isConfirmed ? 1 : 0],
  );
  return { measurement: sessionMeasurement, tags: tagsOf(series), fields, timeMs: session.startMs };
}

function tagsOf({ target, labels }: Series): Point['tags'] {
  const tags: [string, string][] = [
    ['app', target.app],
    ['room_id', target.roomId],
  ];
  if (target.endpoint === 'gift_count') tags.push(['user_id', target.userId]);
  for (const name in labels) tags.push([name, labels[name] ?? '']);
  return tags;
}

/** Made for every point that is shipped: no list in between. */
function addKnown(fields: Field[], { target }: Series, name: Exclude<keyof Counter, 'apiField'>, values: Totals): void {
  let index = 0;
  for (const counter of counters[target.endpoint]) {
    const value = values[index];
    if (value !== undefined) fields.push([counter[name], value]);
    index++;
  }
}
