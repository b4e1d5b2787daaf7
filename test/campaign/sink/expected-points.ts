import { type Point, samplePoint, sessionPoint, windowPoint } from '../../../src/model/point.ts';
import type { Sample } from '../../../src/model/sample.ts';
import type { Series } from '../../../src/model/target.ts';
import { type Tier, tiers } from '../../../src/model/window.ts';
import { createRollUp } from '../../../src/roll-up/roll-up.ts';
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

/** What the samples come to in a place, reckoned from all of them at once. */
export function expectedPoints({ series, taken }: SampledRooms, place: Place): readonly ExpectedPoint[] {
  const points = series.flatMap((one, index) => pointsOf(one, taken[index] ?? [], place));
  return points.map((point) => ({ ...textOf(point), isBad: isBad(point) }));
}

/** The other writer has made this field a float in every place; sessions are a measurement of their own. */
function isBad({ measurement, fields }: Point): boolean {
  return measurement === 'room_stats' && fields.some(([name]) => name === 'likes_received_delta');
}

const rollUp = createRollUp({ timezone: reportingZone, closeAfterMs: sessionCloseAfterMs });

function pointsOf(series: Series, samples: readonly Sample[], place: Place): readonly Point[] {
  if (place === 'raw') return samples.map((sample) => samplePoint(series, sample));
  if (samples.length === 0) return [];
  return [...windowsOf(series, samples, place), ...(place === '1d' ? sessionsOf(series, samples) : [])];
}

function windowsOf(series: Series, samples: readonly Sample[], tier: Tier): readonly Point[] {
  const added = rollUp.addToWindows(undefined, samples);
  const rest = added.state === undefined ? [] : rollUp.endWindows(added.state, farFutureMs).ended;
  const own = [...added.ended, ...rest].filter((ended) => ended.tier === tier);
  const counted = own.reduce((sum, { window }) => sum + window.samples, 0);
  if (counted !== samples.length) throw new Error(`${counted} of ${samples.length} samples are in windows of ${tier}`);
  return own.map(({ window }) => windowPoint(series, window));
}

function sessionsOf(series: Series, samples: readonly Sample[]): readonly Point[] {
  const added = rollUp.addToSession(
    undefined,
    samples.map((sample) => ({ seriesId: 0, sample })),
  );
  const last = rollUp.endSession(added.state, farFutureMs).ended;
  return [...added.ended, ...last].map(({ session }) => sessionPoint(series, session));
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
