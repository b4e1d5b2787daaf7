import type { Endpoint } from '../../src/model/target.ts';
import type { CounterWords } from './counter-words.ts';
import { quoted, type Variable, where } from './selection.ts';

/** Growth that was watched. What grew while nobody looked has no minute that it belongs to, and would look like a spike. */
export const watched = `${quoted('in_gap')} = 0`;
export const inGap = `${quoted('in_gap')} = 1`;

/**
 * What a counter grows by in a minute, over all rooms, in the minute in which it was seen. To rate it by the time observed, InfluxDB would have
 * to look at each of a thousand rooms twice, in every panel.
 */
export function seenPerMinute(counter: CounterWords, measurement: Endpoint, variables: readonly Variable[]): string {
  return (
    `SELECT sum(${quoted(counter.delta)}) / ($__interval_ms / 60000) FROM ${quoted(measurement)} ` +
    `WHERE ${where(variables, watched)} GROUP BY time($__interval) fill(null)`
  );
}

const targetTags = { room_stats: ['app', 'room_id'], gift_count: ['app', 'room_id', 'user_id'] } as const;

/**
 * What the counter of each target grew by in a minute of the time observed: a target on a slow schedule brings the growth of many minutes at
 * once, and a show that has just begun has not filled its minute. `addedUpBy`: one series for each value of these tags, the rates of their
 * targets added up.
 */
export function ratePerMinute(
  counter: CounterWords,
  measurement: Endpoint,
  variables: readonly Variable[],
  { addedUpBy, condition = watched }: { readonly addedUpBy?: readonly string[]; readonly condition?: string } = {},
): string {
  const byTarget = ['time($__interval)', ...targetTags[measurement].map(quoted)].join(', ');
  const ofTargets =
    `SELECT sum(${quoted(counter.delta)}) * 60000.0 / sum(${quoted('gap_ms')}) AS ${quoted('rate')} FROM ${quoted(measurement)} ` +
    `WHERE ${where(variables, condition)} GROUP BY ${byTarget}`;
  if (addedUpBy === undefined) return `${ofTargets} fill(null)`;
  const groups = ['time($__interval)', ...addedUpBy.map(quoted)].join(', ');
  return `SELECT sum(${quoted('rate')}) AS ${quoted('rate')} FROM (${ofTargets} fill(none)) WHERE $timeFilter GROUP BY ${groups} fill(null)`;
}

/** The same of each target from windows, which say themselves what of their growth was watched, and how long. */
export function windowRatePerMinute(
  counter: CounterWords,
  measurement: Endpoint,
  variables: readonly Variable[],
): string {
  const growth = `(sum(${quoted(counter.delta)}) - sum(${quoted(counter.gapDelta)}))`;
  const byTarget = ['time($__interval)', ...targetTags[measurement].map(quoted)].join(', ');
  return (
    `SELECT ${growth} * 60000.0 / sum(${quoted('covered_ms')}) AS ${quoted('rate')} FROM ${quoted(measurement)} ` +
    `WHERE ${where(variables, `${quoted('covered_ms')} > 0`)} GROUP BY ${byTarget} fill(null)`
  );
}
