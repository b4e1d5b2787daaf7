import { counters } from './measurement.ts';
import type { Sample } from './sample.ts';
import type { Series } from './target.ts';

/** What a sink writes. The same sample always makes the same point, so writing it again changes nothing. */
export type Point = {
  readonly measurement: string;
  readonly tags: readonly (readonly [name: string, value: string])[];
  /** Safe integers. */
  readonly fields: readonly (readonly [name: string, value: number])[];
  /** Epoch milliseconds. */
  readonly timeMs: number;
};

export function toPoint(series: Series, sample: Sample): Point {
  const { target, labels } = series;
  const tags: [string, string][] = [
    ['app', target.app],
    ['room_id', target.roomId],
  ];
  if (target.endpoint === 'gift_count') tags.push(['user_id', target.userId]);
  for (const name in labels) tags.push([name, labels[name] ?? '']);
  const fields: [string, number][] = [];
  for (const [index, counter] of counters[target.endpoint].entries()) {
    const total = sample.totals[index];
    const delta = sample.deltas[index];
    if (total !== undefined) fields.push([counter.total, total]);
    if (delta !== undefined) fields.push([counter.delta, delta]);
  }
  fields.push(['session', sample.sessionMs], ['delay_ms', sample.delayMs]);
  if (sample.gapMs !== undefined) fields.push(['gap_ms', sample.gapMs]);
  return { measurement: target.endpoint, tags, fields, timeMs: sample.dueMs };
}
