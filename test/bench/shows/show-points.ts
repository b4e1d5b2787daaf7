import { type Point, samplePoint, sessionPoint, windowPoint } from '../../../src/model/point.ts';
import { createRollUp, type RollUp } from '../../../src/roll-up/roll-up.ts';
import { type Place, places } from '../../grafana/past.ts';
import { closeAfterMs, dayMs, minuteMs, type Show, type Shows, samplesOf, showsOf } from './shows.ts';

export type Extent = {
  /** Of how many days, from the last back, each place gets its points. */
  readonly held: Readonly<Record<Place, number>>;
  /** Those with all of their shows; days before have every tenth. */
  readonly wholeDays: number;
};

const thinning = 10;

/** New series take InfluxDB longest of all: a batch of more of them would not be done before it gives up. */
const batchPoints = 2000;

/** What livetally ships of the shows, made by the product's roll-up, in the order of the days; windows that have not ended at the last midnight are left out. */
export function* pointsOfShows(shows: Shows, extent: Extent): Generator<{ place: Place; points: Point[] }> {
  const endMs = shows.firstMs + shows.days * dayMs;
  const rollUp = createRollUp({ timezone: 'Etc/UTC', closeAfterMs });
  const batches = new Map<Place, Point[]>();
  for (let day = 0; day < shows.days; day++) {
    const wanted: ReadonlySet<Place> = new Set(places.filter((place) => day >= shows.days - extent.held[place]));
    const isWhole = day >= shows.days - extent.wholeDays;
    for (const [index, show] of showsOf(shows, day).entries()) {
      if (!isWhole && (day + index) % thinning > 0) continue;
      for (const [place, point] of pointsOfShow(show, { rollUp, endMs, intervalMs: intervalMsFor(wanted) })) {
        if (!wanted.has(place)) continue;
        const points = batches.get(place) ?? [];
        batches.set(place, points);
        if (points.push(point) < batchPoints) continue;
        batches.delete(place);
        yield { place, points };
      }
    }
  }
  for (const [place, points] of batches) yield { place, points };
}

/** As livetally polls where samples are wanted; elsewhere as rarely as still gives the same number of windows: points are what costs. */
function intervalMsFor(wanted: ReadonlySet<Place>): number {
  if (wanted.has('raw')) return minuteMs / 4;
  return wanted.has('5m') ? 5 * minuteMs : 30 * minuteMs;
}

type Making = { readonly rollUp: RollUp; readonly intervalMs: number; readonly endMs: number };

function* pointsOfShow(show: Show, { rollUp, intervalMs, endMs }: Making): Generator<readonly [Place, Point]> {
  for (const [place, series] of show.series.entries()) {
    const samples = samplesOf(show, place, intervalMs);
    for (const sample of samples) yield ['raw', samplePoint(series, sample)];
    const open = rollUp.addToWindows(undefined, samples);
    const last = open.state === undefined ? [] : rollUp.endWindows(open.state, endMs).ended;
    for (const { tier, window } of [...open.ended, ...last]) yield [tier, windowPoint(series, window)];
    const { state } = rollUp.addToSession(
      undefined,
      samples.map((sample) => ({ seriesId: 0, sample })),
    );
    for (const { session } of rollUp.endSession(state, endMs).ended) yield ['1d', sessionPoint(series, session)];
  }
}
