import type { Point } from '../../../src/model/point.ts';
import { tiers } from '../../../src/model/window.ts';
import type { WholePointReader } from '../../../src/verify/influxql.ts';
import { plainPoint } from '../../../src/verify/point-sums.ts';
import type { TimeRange } from '../../../src/verify/verified-store.ts';
import { placeOf, type SimulatedSink } from './simulated-sink.ts';

type Entry = { readonly point: Point; readonly app: string };

/** What a bucket of the simulated database answers to verify and recall, as it is now. */
export function createSinkReader(sink: SimulatedSink, place: string): WholePointReader {
  const tier = tiers.find((one) => placeOf(one) === place);
  const byMeasurement = new Map<string, Entry[]>();
  for (const [key, fields] of sink.points(tier)) {
    const entry = toEntry(key, fields);
    const own = byMeasurement.get(entry.point.measurement);
    if (own === undefined) byMeasurement.set(entry.point.measurement, [entry]);
    else own.push(entry);
  }
  for (const entries of byMeasurement.values()) entries.sort((a, b) => a.point.timeMs - b.point.timeMs);

  async function readWholePoints(measurement: string, apps: readonly string[], { fromMs, toMs }: TimeRange) {
    const entries = byMeasurement.get(measurement) ?? [];
    const found: Point[] = [];
    for (let index = firstFrom(entries, fromMs); index < entries.length; index++) {
      const entry = entries[index];
      if (entry === undefined || entry.point.timeMs >= toMs) break;
      if (apps.includes(entry.app)) found.push(entry.point);
    }
    return found;
  }

  return {
    place,
    keepMs: async () => (tier === undefined ? sink.keepMs : Number.POSITIVE_INFINITY),
    readWholePoints,
    nextMs: async (measurement, apps, fromMs) => {
      const entries = byMeasurement.get(measurement) ?? [];
      return entries.slice(firstFrom(entries, fromMs)).find(({ app }) => apps.includes(app))?.point.timeMs;
    },
    readPoints: async (...asked) => (await readWholePoints(...asked)).map(plainPoint),
  };
}

/** A key is the measurement and the tags with commas between them, then the time. No name or value here has a comma in it. */
function toEntry(key: string, fields: Point['fields']): Entry {
  const end = key.lastIndexOf(' ');
  const [measurement = '', ...parts] = key.slice(0, end).split(',');
  const tags = parts.map((part) => {
    const [name = '', value = ''] = part.split('=');
    return [name, value] as const;
  });
  const app = tags.find(([name]) => name === 'app')?.[1] ?? '';
  return { point: { measurement, tags, fields, timeMs: Number(key.slice(end + 1)) }, app };
}

function firstFrom(entries: readonly Entry[], timeMs: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.point.timeMs ?? 0) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
