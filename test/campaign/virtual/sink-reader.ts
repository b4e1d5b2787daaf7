import { tiers } from '../../../src/model/window.ts';
import type { PointReader } from '../../../src/verify/influxql.ts';
import { contentText, type PlainPoint, seriesText } from '../../../src/verify/point-sums.ts';
import { placeOf, type SimulatedSink } from './simulated-sink.ts';

type Entry = { readonly point: PlainPoint; readonly app: string };

/** What a bucket of the simulated database answers to verify, as it is now. */
export function createSinkReader(sink: SimulatedSink, place: string): PointReader {
  const tier = tiers.find((one) => placeOf(one) === place);
  const byMeasurement = new Map<string, Entry[]>();
  for (const [key, fields] of sink.points(tier)) {
    const { measurement, ...entry } = toEntry(key, contentText(fields));
    const own = byMeasurement.get(measurement);
    if (own === undefined) byMeasurement.set(measurement, [entry]);
    else own.push(entry);
  }
  for (const entries of byMeasurement.values()) entries.sort((a, b) => a.point.timeMs - b.point.timeMs);

  return {
    place,
    keepMs: async () => (tier === undefined ? sink.keepMs : Number.POSITIVE_INFINITY),
    readPoints: async (measurement, apps, { fromMs, toMs }) => {
      const entries = byMeasurement.get(measurement) ?? [];
      const found: PlainPoint[] = [];
      for (let index = firstFrom(entries, fromMs); index < entries.length; index++) {
        const entry = entries[index];
        if (entry === undefined || entry.point.timeMs >= toMs) break;
        if (apps.includes(entry.app)) found.push(entry.point);
      }
      return found;
    },
  };
}

/** A key is the measurement and the tags with commas between them, then the time. No name or value here has a comma in it. */
function toEntry(key: string, content: string): Entry & { readonly measurement: string } {
  const end = key.lastIndexOf(' ');
  const [measurement = '', ...parts] = key.slice(0, end).split(',');
  const tags = parts.map((part) => {
    const [name = '', value = ''] = part.split('=');
    return [name, value] as const;
  });
  const app = tags.find(([name]) => name === 'app')?.[1] ?? '';
  const point = { series: seriesText(measurement, tags), timeMs: Number(key.slice(end + 1)), content };
  return { measurement, app, point };
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
