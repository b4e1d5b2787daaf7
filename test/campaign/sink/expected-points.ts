import { type Point, samplePoint, sessionPoint, windowPoint } from '../../../src/model/point.ts';
import type { Sample } from '../../../src/model/sample.ts';
import type { Series } from '../../../src/model/target.ts';
import { type Tier, tiers } from '../../../src/model/window.ts';
import { createRollUp, type RollUp } from '../../../src/roll-up/roll-up.ts';
import type { SampledRooms } from './sampled-rooms.ts';

/** Where points go: that of the samples, and one for each tier; sessions lie with the days. */
export const places = ['raw', ...tiers] as const;
export type Place = (typeof places)[number];

/** Behind the end of every window and session. */
export const farFutureMs = Date.UTC(3000, 0);
export const reportingZone = 'Asia/Kolkata';
export const sessionCloseAfterMs = 30 * 60_000;

/** A point in one line, to be compared: measurement, tags and time, and the fields apart. */
export type PointText = { readonly key: string; readonly fields: string };

/** `isBad`: the server cannot take it. */
export type ExpectedPoint = PointText & { readonly isBad: boolean };

/** What the samples come to in a place, reckoned from all of them at once. Days and months are those of the time zone. */
export function expectedPoints(rooms: SampledRooms, place: Place, timezone = reportingZone): readonly ExpectedPoint[] {
  const { series, taken } = rooms;
  const rollUp = createRollUp({ timezone, closeAfterMs: sessionCloseAfterMs });
  const points = series.flatMap((one, index) => {
    const samples = taken[index] ?? [];
    return place === 'raw'
      ? samples.map((sample) => samplePoint(one, sample))
      : windowsOf(rollUp, { series: one, samples, tier: place });
  });
  if (place === '1d') points.push(...sessionsOf(rollUp, rooms));
  return points.map((point) => ({ ...textOf(point), isBad: isBad(point) }));
}

/** The other writer has made this field a float in every place; sessions are a measurement of their own. */
function isBad({ measurement, fields }: Point): boolean {
  return measurement === 'room_stats' && fields.some(([name]) => name === 'likes_received_delta');
}

function windowsOf(
  rollUp: RollUp,
  { series, samples, tier }: { readonly series: Series; readonly samples: readonly Sample[]; readonly tier: Tier },
): readonly Point[] {
  if (samples.length === 0) return [];
  const added = rollUp.addToWindows(undefined, samples);
  const rest = added.state === undefined ? [] : rollUp.endWindows(added.state, farFutureMs).ended;
  const own = [...added.ended, ...rest].filter((ended) => ended.tier === tier);
  const counted = own.reduce((sum, { window }) => sum + window.samples, 0);
  if (counted !== samples.length) throw new Error(`${counted} of ${samples.length} samples are in windows of ${tier}`);
  return own.map(({ window }) => windowPoint(series, window));
}

/** A session is that of a target, whatever its labels, and has those of its first sample. */
function sessionsOf(rollUp: RollUp, { series, taken }: SampledRooms): readonly Point[] {
  const all = taken.flatMap((samples, seriesId) => samples.map((sample) => ({ seriesId, sample })));
  const byTarget = Map.groupBy(all, ({ seriesId }) => JSON.stringify(series[seriesId]?.target));
  return [...byTarget.values()].flatMap((ofTarget) => {
    const inOrder = ofTarget.toSorted((one, other) => one.sample.dueMs - other.sample.dueMs);
    const added = rollUp.addToSession(undefined, inOrder);
    const last = rollUp.endSession(added.state, farFutureMs).ended;
    return [...added.ended, ...last].flatMap(({ seriesId, session }) => {
      const own = series[seriesId];
      return own === undefined ? [] : [sessionPoint(own, session)];
    });
  });
}

/** Tags and fields in the order of their names: servers have an order of their own. */
export function textOf(point: {
  readonly measurement: string;
  readonly tags: Iterable<readonly [string, string]>;
  readonly fields: Iterable<readonly [string, number | bigint]>;
  readonly timeMs: number;
}): PointText {
  const sorted = (pairs: Iterable<readonly [string, string | number | bigint]>) =>
    [...pairs].map(([name, value]) => `${name}=${value}`).sort();
  return {
    key: JSON.stringify([point.measurement, sorted(point.tags), point.timeMs]),
    fields: sorted(point.fields).join(),
  };
}
