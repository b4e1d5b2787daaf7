import { setTimeout as delay } from 'node:timers/promises';
import type { Point } from '../../src/model/point.ts';
import { shardSeconds } from '../../src/setup/wanted.ts';
import { createInfluxdbSink, type InfluxdbApi } from '../../src/sink/influxdb.ts';
import type { Sink } from '../../src/sink/sink.ts';
import { systemClock } from '../../src/system-clock.ts';
import { type Influxdb1, startInfluxdb1 } from '../real/servers/influxdb-1.ts';
import { type Influxdb2, startInfluxdb2 } from '../real/servers/influxdb-2.ts';
import type { InfluxqlRow } from '../real/servers/influxql.ts';
import { type Past, type Place, places, pointsOf } from './past.ts';

/** A real InfluxDB that holds a past, in the buckets or databases that livetally ships to. */
export type PastDatabase = {
  query(place: Place, influxql: string): Promise<InfluxqlRow[]>;
  /** Writes every point of the past, or those of some places. */
  load(past: Past, wanted?: readonly Place[]): Promise<void>;
  write(batches: Iterable<Batch>): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

type Batch = { readonly place: Place; readonly points: readonly Point[] };

export type PastServer = 'influxdb-2.9.1' | 'influxdb-1.8.10';

export async function startPastDatabase(server: PastServer): Promise<PastDatabase> {
  return server === 'influxdb-2.9.1'
    ? await pastDatabaseIn(await startInfluxdb2())
    : await pastDatabase1In(await startInfluxdb1({ version: '1.8.10' }));
}

export const nameOf = (place: Place) => (place === 'raw' ? 'live' : `live_${place}`);

/** Takes the server over. Shards are as long as setup makes them, which goes by the retention. */
export async function pastDatabaseIn(
  influxdb: Influxdb2,
  retentionSeconds: Partial<Readonly<Record<Place, number>>> = {},
): Promise<PastDatabase> {
  const { url, org, token } = influxdb;
  for (const place of places) {
    if (place === 'raw') continue;
    const seconds = retentionSeconds[place] ?? 0;
    const keepMs = seconds === 0 ? Number.POSITIVE_INFINITY : 1000 * seconds;
    const shards = shardSeconds({ tier: place, keepMs });
    await influxdb.createBucket(nameOf(place), { retentionSeconds: seconds, shardSeconds: shards });
  }
  const write = (batches: Iterable<Batch>) =>
    writeAll(batches, url, (place) => ({ version: 2, org, token, bucket: nameOf(place) }));
  return {
    query: (place, influxql) => influxdb.influxql(influxql, { bucket: nameOf(place) }),
    load: (past, wanted) => write(pointsOf(past, wanted)),
    write,
    [Symbol.asyncDispose]: () => influxdb[Symbol.asyncDispose](),
  };
}

/** The same of version 1. */
export async function pastDatabase1In(influxdb: Influxdb1): Promise<PastDatabase> {
  const { url } = influxdb;
  const login = { username: undefined, password: undefined };
  for (const place of places) if (place !== 'raw') await influxdb.influxql(`CREATE DATABASE "${nameOf(place)}"`);
  const write = (batches: Iterable<Batch>) =>
    writeAll(batches, url, (place) => ({ version: 1, database: nameOf(place), ...login }));
  return {
    query: (place, influxql) => influxdb.influxql(influxql, { database: nameOf(place) }),
    load: (past, wanted) => write(pointsOf(past, wanted)),
    write,
    [Symbol.asyncDispose]: () => influxdb[Symbol.asyncDispose](),
  };
}

/** Through livetally's own sink, so that names are escaped and integers typed as they are in earnest; two batches in flight. */
async function writeAll(batches: Iterable<Batch>, url: string, apiOf: (place: Place) => InfluxdbApi): Promise<void> {
  const sinks = new Map(
    places.map((place) => [
      place,
      createInfluxdbSink({ name: place, url, api: apiOf(place), gzip: false, clock: systemClock }),
    ]),
  );
  const left = batches[Symbol.iterator]();
  const writeInTurn = async () => {
    for (let next = left.next(); next.done !== true; next = left.next()) {
      const sink = sinks.get(next.value.place);
      if (sink !== undefined) await writeBatch(sink, next.value.points);
    }
  };
  try {
    await Promise.all([writeInTurn(), writeInTurn()]);
  } finally {
    for (const sink of sinks.values()) sink.close();
  }
}

/** A server that is too busy is asked again: whatever it has taken by then is the same points. */
async function writeBatch(sink: Sink, points: readonly Point[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await sink.write(points, AbortSignal.timeout(60_000));
    if (outcome.status === 'written') return;
    if (outcome.status !== 'unavailable' || attempt === attempts) {
      throw new Error(`${sink.name}: ${JSON.stringify(outcome)}`);
    }
    await delay(1000);
  }
}

const attempts = 10;
