import { counters } from '../../src/model/measurement.ts';
import { type Point, samplePoint, sessionPoint, windowPoint } from '../../src/model/point.ts';
import type { Series } from '../../src/model/target.ts';
import type { Tier, Window } from '../../src/model/window.ts';
import type { Place } from '../grafana/past.ts';
import { pastSample } from './past-samples.ts';

/** Rooms on air without end, a receiver in each: samples of the last hours, windows of the last days, a session a day. */
export type Extent = {
  readonly rooms: number;
  readonly rawHours: number;
  readonly days: number;
  /** Where everything ends: a midnight of UTC, the first of a month. */
  readonly endMs: number;
};

export const manyRooms = { roomId: (index: number) => `room-${index}`, userId: (index: number) => `user-${index}` };

const intervalMs = 15_000;
const minuteMs = 60_000;
const dayMs = 86_400_000;
const batchPoints = 5000;

export function* pointsOfManyRooms(extent: Extent): Generator<{ place: Place; points: Point[] }> {
  const allSeries = Array.from({ length: extent.rooms }, (_, index) => seriesOf(index)).flat();
  const { endMs, days, rawHours } = extent;
  yield* batches('raw', rawPoints(allSeries, rawHours * 240, endMs));
  const receivers = allSeries.filter(({ target }) => target.endpoint === 'gift_count');
  yield* batches('5m', windowPoints(allSeries, '5m', endMs - dayMs, endMs));
  yield* batches('1h', windowPoints(receivers, '1h', endMs - dayMs, endMs));
  yield* batches('1d', windowPoints(allSeries, '1d', endMs - days * dayMs, endMs));
  yield* batches('1d', sessionPoints(allSeries, endMs - days * dayMs, endMs));
  yield* batches('1mo', windowPoints(allSeries, '1mo', endMs - days * dayMs, endMs));
}

function seriesOf(index: number): readonly Series[] {
  const place = { app: 'main', roomId: manyRooms.roomId(index) };
  return [
    { target: { endpoint: 'room_stats', ...place }, labels: {} },
    { target: { endpoint: 'gift_count', ...place, userId: manyRooms.userId(index) }, labels: {} },
  ];
}

function* rawPoints(allSeries: readonly Series[], rounds: number, endMs: number): Generator<Point> {
  for (let round = 0; round < rounds; round++) {
    const startMs = endMs - (rounds - round) * intervalMs;
    for (const [place, series] of allSeries.entries()) {
      yield samplePoint(series, pastSample(series, place, round, startMs, intervalMs));
    }
  }
}

function* windowPoints(allSeries: readonly Series[], tier: Tier, fromMs: number, untilMs: number): Generator<Point> {
  for (let startMs = fromMs; startMs < untilMs; startMs = endOf(tier, startMs)) {
    for (const [place, series] of allSeries.entries())
      yield windowPoint(series, windowAt(series, place, startMs, endOf(tier, startMs)));
  }
}

function endOf(tier: Tier, startMs: number): number {
  if (tier !== '1mo') return startMs + { '5m': 5 * minuteMs, '1h': 60 * minuteMs, '1d': dayMs }[tier];
  const start = new Date(startMs);
  return Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1);
}

function windowAt({ target }: Series, place: number, startMs: number, endMs: number): Window {
  const values = counters[target.endpoint].map((_, index) => (place * 37 + index + startMs / minuteMs) % 100_000);
  const zeros = values.map(() => 0);
  // The best minute: more than the mean one, and no spike.
  const peaks = values.map((value) => Math.ceil((1.5 * value * minuteMs) / (endMs - startMs)));
  const covered = { samples: (endMs - startMs) / intervalMs, coveredMs: endMs - startMs };
  return { startMs, endMs, ...covered, totals: values, deltas: values, gapDeltas: zeros, peaks };
}

function* sessionPoints(allSeries: readonly Series[], fromMs: number, untilMs: number): Generator<Point> {
  for (let dayStartMs = fromMs; dayStartMs < untilMs; dayStartMs += dayMs) {
    for (const [place, series] of allSeries.entries()) {
      const startMs = dayStartMs + 3 * place;
      const { totals, peaks, samples, coveredMs } = windowAt(series, place, dayStartMs, dayStartMs + dayMs);
      const openings = totals.map(() => 0);
      const endMs = dayStartMs + dayMs - intervalMs;
      yield sessionPoint(series, { startMs, endMs, samples, coveredMs, totals, peaks, openings, isConfirmed: true });
    }
  }
}

function* batches(place: Place, all: Iterable<Point>): Generator<{ place: Place; points: Point[] }> {
  let points: Point[] = [];
  for (const point of all) {
    points.push(point);
    if (points.length < batchPoints) continue;
    yield { place, points };
    points = [];
  }
  yield { place, points };
}
