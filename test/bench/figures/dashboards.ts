import { type Dashboard, isInfluxql, panelsOf } from '../../grafana/dashboard-file.ts';
import { expandInfluxql, intervalOf, parseDuration, type View } from '../../grafana/expand.ts';
import type { Place } from '../../grafana/past.ts';
import { type PastDatabase, startPastDatabase } from '../../grafana/past-database.ts';
import { benchDashboard, medianMs, placeOf } from '../dashboard-queries.ts';
import type { Figure, Measurement } from '../figure.ts';
import { manyRooms, pointsOfManyRooms } from '../many-rooms.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const slowest = 5;

/** How long InfluxDB takes for each query of the dashboards, with a thousand rooms that are on air all day. */
export const dashboards: Figure = {
  name: 'dashboards',
  async run({ isQuick, log }) {
    const extent = isQuick
      ? { rooms: 1000, rawHours: 2, days: 90, endMs: midnightMs }
      : { rooms: 1000, rawHours: 24, days: 365, endMs: midnightMs };
    await using database = await startPastDatabase('influxdb-2.9.1');
    log(`${extent.rooms} rooms, ${extent.rawHours} h of samples every 15 s, ${extent.days} days of windows`);
    await database.write(pointsOfManyRooms(extent));
    const day = { fromMs: midnightMs - extent.rawHours * hourMs, toMs: midnightMs };
    const year = { fromMs: midnightMs - extent.days * dayMs, toMs: midnightMs };
    const room = { values: [manyRooms.roomId(7)] };
    const views: readonly { readonly dashboard: Dashboard; readonly what: string; readonly view: View }[] = [
      { dashboard: benchDashboard('live'), what: `${extent.rawHours} h`, view: { ...day, variables: { app: all } } },
      {
        dashboard: benchDashboard('room'),
        what: `${extent.rawHours} h, one room`,
        view: { ...day, variables: { app: all, room } },
      },
      {
        dashboard: benchDashboard('receiver'),
        what: `${extent.rawHours} h, ${tenReceivers.values.length} receivers`,
        view: { ...day, variables: { app: all, room: all, receiver: tenReceivers } },
      },
      {
        dashboard: benchDashboard('history'),
        what: `${extent.days} days`,
        view: { ...year, variables: { app: all, room: all, receiver: all } },
      },
    ];
    const measurements: Measurement[] = [];
    for (const { dashboard, what, view } of views) {
      log(`the queries of ${dashboard.title} over ${what}`);
      for (const query of queriesOf(dashboard, view)) {
        measurements.push(
          await measure(database, query, `${dashboard.title.replace('livetally: ', '')}, ${what}: ${query.name}`),
        );
      }
    }
    const byTime = measurements.toSorted((a, b) => b.value - a.value);
    for (const { figure, value } of byTime.slice(slowest, 3 * slowest)) log(`${figure}: ${value.toFixed(0)} ms`);
    log(`${measurements.length} queries, the slowest ${slowest} in the table`);
    return byTime.slice(0, slowest);
  },
};

/** Of UTC, so that days are days; long past, as InfluxDB does not care. */
const midnightMs = Date.UTC(2026, 5, 1);
const all = { all: '.*' };
/** The dashboard has no choice of all: each receiver is a line. */
const tenReceivers = { values: Array.from({ length: 10 }, (_, index) => manyRooms.userId(index)) };

type BenchQuery = { readonly name: string; readonly place: Place; readonly text: string; readonly count: string };

function queriesOf(dashboard: Dashboard, view: View): readonly BenchQuery[] {
  const query = (name: string, uid: string, text: string, shown: View, intervalMs: number): BenchQuery => {
    const place = placeOf(uid);
    const measurement = /FROM "(room_stats|gift_count|session)"/.exec(text)?.[1] ?? '';
    const field = place === 'raw' ? 'delay_ms' : 'samples';
    const count = `SELECT count("${field}") FROM "${measurement}" WHERE $timeFilter`;
    return {
      name,
      place,
      text: expandInfluxql(text, shown, intervalMs),
      count: expandInfluxql(count, shown, intervalMs),
    };
  };
  return [
    ...panelsOf(dashboard).flatMap(({ title, targets, timeFrom, interval, maxDataPoints }) => {
      const shown = timeFrom === undefined ? view : { ...view, fromMs: view.toMs - parseDuration(timeFrom) };
      return targets
        .filter(isInfluxql)
        .map((target) =>
          query(title, target.datasource.uid, target.query, shown, intervalOf(shown, { interval, maxDataPoints })),
        );
    }),
    ...dashboard.templating.list.map(({ name, datasource, query: { query: text } }) =>
      query(`variable ${name}`, datasource.uid, text, view, 60_000),
    ),
    ...dashboard.annotations.list.map(({ name, target }) =>
      query(`annotation ${name}`, target.datasource.uid, target.query, view, 60_000),
    ),
  ];
}

async function measure(
  database: PastDatabase,
  { place, text, count }: BenchQuery,
  figure: string,
): Promise<Measurement> {
  const tookMs = await medianMs(() => database.query(place, text));
  const countMs = await medianMs(() => database.query(place, count));
  return {
    figure,
    bound: { kind: 'at_most', value: 1000 },
    value: tookMs,
    unit: 'ms',
    livetally: `${(tookMs / countMs).toFixed(1)} times the bare count`,
    beside: `${countMs.toFixed(0)} ms, SELECT count() of the same data`,
  };
}
