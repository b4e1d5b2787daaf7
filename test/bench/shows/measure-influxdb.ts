import { type Place, places } from '../../grafana/past.ts';
import { nameOf, type PastDatabase, pastDatabaseIn } from '../../grafana/past-database.ts';
import { type Influxdb2, startInfluxdb2 } from '../../real/servers/influxdb-2.ts';
import type { BenchContext, Measurement } from '../figure.ts';
import { settle, sizeOfBucket } from './show-buckets.ts';
import { measureOffers } from './show-offers.ts';
import { type Extent, pointsOfShows } from './show-points.ts';
import { keepDays } from './show-store.ts';
import type { Shows } from './shows.ts';

const daySeconds = 86_400;
const progressMs = 15_000;
/** Of a room and its receiver; days have a series of sessions for each besides. */
const seriesOfShow: Readonly<Record<Place, number>> = { raw: 2, '5m': 2, '1h': 2, '1d': 4, '1mo': 2 };
/**
 * What a show may take in each bucket, in bytes. A series has up to 26 fields, and in each shard InfluxDB spends a hundred bytes to
 * say which, however few points there are.
 */
const mostBytes: Readonly<Record<Place, number>> = {
  raw: 15_000,
  '5m': 10_000,
  '1h': 8_000,
  '1d': 14_000,
  '1mo': 8_000,
};

/** The shows as livetally ships them, in buckets as `setup` makes them: what each tier costs, and what the variables take. */
export async function measureInfluxdb(
  shows: Shows,
  extent: Extent,
  { log }: BenchContext,
): Promise<readonly Measurement[]> {
  // A day longer than livetally would keep them, so that nothing runs out while this is measured.
  const seconds = (place: Place) => (Number.isFinite(keepDays[place]) ? (keepDays[place] + 1) * daySeconds : 0);
  const influxdb = await startInfluxdb2({ retentionSeconds: seconds('raw'), compactAfterSeconds: 20 });
  await using database = await pastDatabaseIn(influxdb, { '5m': seconds('5m'), '1h': seconds('1h') });
  const points = await load(database, shows, extent, log);
  log('compacting');
  await settle(influxdb);
  const sizes: Measurement[] = [];
  for (const place of places) sizes.push(await measureBucket(influxdb, shows, place, points.get(place) ?? 0));
  return [...sizes, ...(await measureOffers(database, shows, log))];
}

async function load(database: PastDatabase, shows: Shows, extent: Extent, log: BenchContext['log']) {
  const points = new Map<Place, number>();
  let toldMs = performance.now();
  function* counted() {
    for (const batch of pointsOfShows(shows, extent)) {
      points.set(batch.place, (points.get(batch.place) ?? 0) + batch.points.length);
      if (performance.now() - toldMs > progressMs) {
        toldMs = performance.now();
        log(`points in InfluxDB: ${[...points].map(([place, count]) => `${place} ${inWords(count)}`).join(', ')}`);
      }
      yield batch;
    }
  }
  await database.write(counted());
  return points;
}

async function measureBucket(
  influxdb: Influxdb2,
  { perDay, days }: Shows,
  place: Place,
  points: number,
): Promise<Measurement> {
  const { series, bytes } = await sizeOfBucket(influxdb, nameOf(place));
  const shows = series / seriesOfShow[place];
  const bytesPerShow = bytes / shows;
  const keptDays = Math.min(days, keepDays[place]);
  const kept = keptDays * perDay;
  const what = Number.isFinite(keepDays[place]) ? `kept ${keptDays} d` : `of ${keptDays} d, kept for ever`;
  return {
    figure: `shows: ${nameOf(place)}, disk of a show`,
    bound: { kind: 'at_most', value: mostBytes[place] },
    value: bytesPerShow,
    unit: 'B',
    livetally: `${inWords(points)} points, ${inWords(series)} series, ${(bytes / 1e6).toFixed(0)} MB, measured with ${inWords(shows)} shows`,
    beside: `${inWords(kept)} shows ${what}: ${inWords(kept * seriesOfShow[place])} series, ${((kept * bytesPerShow) / 1e9).toFixed(1)} GB`,
  };
}

function inWords(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
