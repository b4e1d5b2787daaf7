import { InfluxDB, Point } from '@influxdata/influxdb-client';
import * as z from 'zod';
import { samplePoint } from '../../src/model/point.ts';
import { pastSample, seriesOf } from './past-samples.ts';

/**
 * What a backlog is drained beside: a program that only makes the points and writes them with the client in its one safe mode, as fast as it
 * can. It reads no store and remembers nothing.
 */
const { influxdb, rooms, receivers, rounds, firstMs, intervalSeconds } = z
  .object({
    influxdb: z.object({ url: z.string(), org: z.string(), bucket: z.string(), token: z.string() }),
    rooms: z.number(),
    receivers: z.number(),
    intervalSeconds: z.number(),
    rounds: z.number(),
    firstMs: z.number(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const batchPoints = 5000;
const batchesInFlight = 3;

function* batches(): Generator<Point[]> {
  const intervalMs = intervalSeconds * 1000;
  const allSeries = seriesOf({ rooms, receivers, intervalSeconds });
  let batch: Point[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [place, series] of allSeries.entries()) {
      const { measurement, tags, fields, timeMs } = samplePoint(
        series,
        pastSample(series, place, round, firstMs + round * intervalMs, intervalMs),
      );
      const point = new Point(measurement).timestamp(timeMs);
      for (const [name, value] of tags) point.tag(name, value);
      for (const [name, value] of fields) point.intField(name, value);
      batch.push(point);
      if (batch.length === batchPoints) {
        yield batch;
        batch = [];
      }
    }
  }
  yield batch;
}

const { url, org, bucket, token } = influxdb;
const client = new InfluxDB({ url, token });
const toWrite = batches();
const writeInTurn = async () => {
  const options = { batchSize: batchPoints + 1, flushInterval: 0, maxRetries: 0 };
  const writeApi = client.getWriteApi(org, bucket, 'ms', options);
  for (const batch of toWrite) {
    writeApi.writePoints(batch);
    await writeApi.flush();
  }
};
await Promise.all(Array.from({ length: batchesInFlight }, writeInTurn));
