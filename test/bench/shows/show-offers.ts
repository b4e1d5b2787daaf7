import { expandInfluxql, type View } from '../../grafana/expand.ts';
import type { Place } from '../../grafana/past.ts';
import type { PastDatabase } from '../../grafana/past-database.ts';
import { benchDashboard, medianMs, placeOf } from '../dashboard-queries.ts';
import type { BenchContext, Measurement } from '../figure.ts';
import { dayMs, label, type Shows } from './shows.ts';

const usual = [
  { name: 'live', days: 1 },
  { name: 'room', days: 1 },
  { name: 'receiver', days: 1 },
  { name: 'history', days: 30 },
  { name: 'history', days: 365 },
] as const;

const all = { all: '.*' };
const variables = { app: all, [`label_${label}`]: all, room: all, receiver: all };

/** How long each variable of each dashboard takes to be offered, with everything chosen, over the ranges that people look at. */
export async function measureOffers(
  database: PastDatabase,
  { firstMs, days: daysInAll }: Shows,
  log: BenchContext['log'],
): Promise<readonly Measurement[]> {
  const toMs = firstMs + daysInAll * dayMs;
  const measurements: Measurement[] = [];
  const counts = new Map<string, number>();
  async function countMs(place: Place, measurement: string, view: View): Promise<number> {
    const field = place === 'raw' ? 'delay_ms' : 'samples';
    const query = expandInfluxql(`SELECT count("${field}") FROM "${measurement}" WHERE $timeFilter`, view, 60_000);
    const key = `${place} ${query}`;
    const known = counts.get(key);
    if (known !== undefined) return known;
    // Once: where days are counted it takes long enough to be told from noise.
    const startMs = performance.now();
    await database.query(place, query);
    const tookMs = performance.now() - startMs;
    counts.set(key, tookMs);
    return tookMs;
  }
  for (const { name, days } of usual) {
    const view = { fromMs: toMs - Math.min(days, daysInAll) * dayMs, toMs, variables };
    log(`the variables of ${name} over ${days} days`);
    for (const variable of benchDashboard(name, [label]).templating.list) {
      const place = placeOf(variable.datasource.uid);
      const query = expandInfluxql(variable.query.query, view, 60_000);
      const measurement = /FROM "(room_stats|gift_count)"/.exec(query)?.[1] ?? '';
      let offered = 0;
      const tookMs = await medianMs(async () => {
        offered = (await database.query(place, query)).length;
      });
      const countedMs = await countMs(place, measurement, view);
      measurements.push({
        figure: `shows: ${name}, ${days} d: variable ${variable.name}`,
        bound: { kind: 'at_most', value: 1000 },
        value: tookMs,
        unit: 'ms',
        livetally: `${offered.toLocaleString('en-US')} offered, ${(tookMs / countedMs).toFixed(3)} times the bare count`,
        beside: `${countedMs.toFixed(0)} ms, SELECT count() of the same data`,
      });
    }
  }
  return measurements;
}
