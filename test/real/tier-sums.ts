import { counters } from '../../src/model/measurement.ts';
import { endpoints } from '../../src/model/target.ts';
import { type Tier, tiers } from '../../src/model/window.ts';
import { type Place, textOf } from '../campaign/sink/expected-points.ts';
import type { PastDatabase } from '../grafana/past-database.ts';
import { daysOf } from './midnights.ts';
import { tagsAndFields } from './stored-points.ts';

type Bounds = { readonly startMs: number; readonly endMs: number };

type Windows = readonly Bounds[] | { readonly within: Bounds; readonly everyMinutes: number };

/** For every series and window: the sums of all deltas in it and the last of all totals, by what it is of. */
type Sums = ReadonlyMap<string, string>;

export type Disagreement = {
  readonly windows: string;
  readonly place: Place;
  readonly of: string;
  readonly raw: string;
};

export type TierSums = {
  /** How many windows of each kind were compared, over all series. */
  readonly compared: Readonly<Record<string, number>>;
  /** Where a place says anything else than raw. */
  readonly disagreements: readonly Disagreement[];
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Has the server sum up what it holds of raw and of every tier: in each window of a tier, in spans of them, and in all of the time.
 * In windows that are not made of whole ones of a tier, that tier is not asked. `spanOf` chooses one of so many windows in a row.
 */
export async function compareTiers(
  database: PastDatabase,
  options: {
    readonly within: Bounds;
    readonly timezone: string;
    readonly spanOf: (windows: number) => readonly [first: number, last: number];
  },
): Promise<TierSums> {
  const compared: Record<string, number> = {};
  const disagreements: Disagreement[] = [];
  const check = async (name: string, windows: Windows, others: readonly Place[]) => {
    const raw = await sumsIn(database, 'raw', windows);
    compared[name] = raw.size;
    for (const place of others) {
      const sums = await sumsIn(database, place, windows);
      for (const of of new Set([...raw.keys(), ...sums.keys()])) {
        if (raw.get(of) !== sums.get(of)) {
          disagreements.push({ windows: name, place, of: `${of}: ${sums.get(of)}`, raw: String(raw.get(of)) });
        }
      }
    }
  };

  const { within, timezone, spanOf } = options;
  const { midnights, firsts } = daysOf(timezone, within.startMs - 32 * dayMs, within.endMs + 32 * dayMs);
  const hasSamples = (window: Bounds) => window.endMs > within.startMs && window.startMs < within.endMs;
  const days = between(midnights).filter(hasSamples);
  const months = between(firsts).filter(hasSamples);
  const hours = {
    startMs: Math.floor(within.startMs / hourMs) * hourMs,
    endMs: Math.ceil(within.endMs / hourMs) * hourMs,
  };
  // In some zones a day begins within an hour of UTC.
  const ifWhole: readonly Place[] = midnights.every((midnight) => midnight % hourMs === 0) ? ['1h'] : [];
  await check('5 minutes', { within: hours, everyMinutes: 5 }, ['5m']);
  await check('hours', { within: hours, everyMinutes: 60 }, ['5m', '1h']);
  await check('days', days, ['5m', ...ifWhole, '1d']);
  await check('months', months, ['5m', ...ifWhole, '1d', '1mo']);
  const spans = (windows: readonly Bounds[]) =>
    Array.from({ length: 12 }, () => {
      const [first, last] = spanOf(windows.length);
      return { startMs: windows[first]?.startMs ?? 0, endMs: windows[last]?.endMs ?? 0 };
    });
  await check('spans of days', spans(days), ['5m', ...ifWhole, '1d']);
  await check('spans of months', spans(months), ['5m', ...ifWhole, '1d', '1mo']);
  await check('all', [{ startMs: months[0]?.startMs ?? 0, endMs: months.at(-1)?.endMs ?? 0 }], tiers);
  return { compared, disagreements };
}

function between(instants: readonly number[]): readonly Bounds[] {
  return instants.slice(1).map((endMs, index) => ({ startMs: instants[index] ?? 0, endMs }));
}

/** So many statements in one request. */
const mostStatements = 50;

async function sumsIn(database: PastDatabase, place: 'raw' | Tier, windows: Windows): Promise<Sums> {
  const sums = new Map<string, string>();
  for (const measurement of endpoints) {
    const columns = counters[measurement].flatMap(({ delta, total }) => [
      `sum(${delta}) AS ${delta}`,
      `last(${total}) AS ${total}`,
    ]);
    const select = ({ startMs, endMs }: Bounds, group: string) =>
      `SELECT ${columns} FROM ${measurement} WHERE time >= ${startMs}ms AND time < ${endMs}ms GROUP BY ${group}`;
    const statements =
      'within' in windows
        ? [select(windows.within, `time(${windows.everyMinutes}m), * fill(none)`)]
        : windows.map((bounds) => select(bounds, '*'));
    for (let start = 0; start < statements.length; start += mostStatements) {
      const text = statements.slice(start, start + mostStatements).join('; ');
      for (const { time, ...row } of await database.query(place, text)) {
        const { key, fields } = textOf({ measurement, ...tagsAndFields(row), timeMs: Number(time) });
        sums.set(key, fields);
      }
    }
  }
  return sums;
}
