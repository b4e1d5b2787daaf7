import { Point as ClientPoint, InfluxDB } from '@influxdata/influxdb-client';
import * as z from 'zod';
import { type Point, samplePoint, windowPoint } from '../../src/model/point.ts';
import { tierPlace } from '../../src/model/tier-place.ts';
import { pastSample, pastWindow, seriesOf } from './past-samples.ts';

/**
 * What a backlog is drained beside: a program that only makes the points and writes them with the client in its one safe mode, as fast as it
 * can. It reads no store and remembers nothing.
 */
const { influxdb, rounds, firstMs, ...workload } = z
  .object({
    influxdb: z.object({ url: z.string(), org: z.string(), bucket: z.string(), token: z.string() }),
    rooms: z.number(),
    receivers: z.number(),
    intervalSeconds: z.number(),
    rounds: z.number(),
    firstMs: z.number(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const { url, org, bucket, token } = influxdb;
const batchPoints = 5000;
const batchesInFlight = 3;
const intervalMs = workload.intervalSeconds * 1000;
const allSeries = seriesOf(workload);
/** Rounds of a window; the windows of the longer tiers are too few to count. */
const windowRounds = [
  ['5m', 300_000 / intervalMs],
  ['1h', 3_600_000 / intervalMs],
] as const;

type PlacedPoint = { readonly place: string; readonly point: Point };
type Batch = { readonly place: string; readonly points: readonly ClientPoint[] };

function* pastPoints(): Generator<PlacedPoint> {
  for (let round = 0; round < rounds; round++) {
    const startMs = firstMs + round * intervalMs;
    for (const [index, series] of allSeries.entries()) {
      yield { place: bucket, point: samplePoint(series, pastSample(series, index, round, startMs, intervalMs)) };
    }
    for (const [tier, length] of windowRounds) {
      const span = { from: round + 1 - length, to: round + 1 };
      if (span.to % length !== 0) continue;
      const windowMs = firstMs + span.from * intervalMs;
      for (const [index, series] of allSeries.entries()) {
        const window = pastWindow(series, index, span, windowMs, intervalMs);
        yield { place: tierPlace(bucket, tier), point: windowPoint(series, window) };
      }
    }
  }
}

function* batches(): Generator<Batch> {
  const filling = new Map<string, ClientPoint[]>();
  for (const { place, point } of pastPoints()) {
    const points = filling.get(place) ?? [];
    filling.set(place, points);
    points.push(toClientPoint(point));
    if (points.length < batchPoints) continue;
    yield { place, points };
    filling.delete(place);
  }
  for (const [place, points] of filling) yield { place, points };
}

function toClientPoint({ measurement, tags, fields, timeMs }: Point): ClientPoint {
  const point = new ClientPoint(measurement).timestamp(timeMs);
  for (const [name, value] of tags) point.tag(name, value);
  for (const [name, value] of fields) point.intField(name, value);
  return point;
}

const client = new InfluxDB({ url, token });
const toWrite = batches();
const writeInTurn = async () => {
  const options = { batchSize: batchPoints + 1, flushInterval: 0, maxRetries: 0 };
  const places = [bucket, ...windowRounds.map(([tier]) => tierPlace(bucket, tier))];
  const writeApis = new Map(places.map((place) => [place, client.getWriteApi(org, place, 'ms', options)]));
  for (const { place, points } of toWrite) {
    const writeApi = writeApis.get(place);
    writeApi?.writePoints([...points]);
    await writeApi?.flush();
  }
};
await Promise.all(Array.from({ length: batchesInFlight }, writeInTurn));
