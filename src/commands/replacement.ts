import type { Config, InfluxdbConfig } from '../config/config.ts';
import { measurementOf, type StoredTable, storedTables } from '../model/stored-table.ts';
import type { Tier } from '../model/window.ts';
import { maskOf } from '../model/without-secrets.ts';
import { createCalendar } from '../roll-up/calendar.ts';
import { createInfluxdbApi } from '../setup/influxdb-api.ts';
import { createPointEraser, type PointEraser } from '../setup/point-eraser.ts';
import { destinationsOf } from '../shipping.ts';
import { authorizationOf } from '../sink/influxdb.ts';
import { placeOf, sinkName, toApi } from '../storage.ts';
import { readStore } from '../store/store-reader.ts';
import { answerMs, isLost, wholeSinceMs } from '../verify/known-time.ts';
import { UsageError } from './command.ts';

/** Epoch milliseconds; the end is not in it, and both may be infinite. */
type TimeRange = { readonly fromMs: number; readonly toMs: number };

export type Replacement = {
  readonly time: TimeRange;
  /** Of windows from the start of the one that the time begins in, where the store holds all since then. */
  timeOf(table: StoredTable): TimeRange;
  /** Deletes from InfluxDB what it holds of this time, of the apps that are configured or stored. */
  erase(): Promise<void>;
};

export type ReplacementOptions = {
  readonly config: Pick<Config, 'apps' | 'reporting' | 'store'>;
  readonly influxdb: InfluxdbConfig;
  readonly time: TimeRange;
};

/** A server marks what it deletes shard by shard. */
const timeoutMs = 10 * 60_000;
const minuteMs = 60_000;

/**
 * What the store can take the place of in InfluxDB: nothing from before the time that it holds whole, since that would be gone
 * for good. Deletes nothing yet, and throws where it could not.
 */
export async function planReplacement({ config, influxdb, time }: ReplacementOptions): Promise<Replacement> {
  const { apps, wholeMs, lost } = await lookAtStore(config);
  const { fromMs, toMs } = checked(time, wholeMs);
  const eraser = await openEraser(influxdb);
  const places = destinationsOf(sinkName, influxdb.tiers).map((destination) => ({
    ...destination,
    place: placeOf(influxdb, destination.tier),
  }));
  for (const { place } of places) await eraser.probe(place);

  const calendar = createCalendar(config.reporting.timezone);
  const timeOfTier = (tier: Tier | undefined): TimeRange => {
    const startMs = tier === undefined ? fromMs : calendar(tier, fromMs).startMs;
    return { fromMs: startMs < wholeMs ? fromMs : startMs, toMs };
  };
  return {
    time: { fromMs, toMs },
    timeOf: (table) => timeOfTier(places.find(({ tables }) => tables.includes(table))?.tier),
    erase: async () => {
      for (const { place, tier, tables } of places) {
        for (const measurement of new Set(tables.filter((table) => !lost.has(table)).map(measurementOf))) {
          for (const app of apps) await eraser.erase(place, { measurement, app, ...timeOfTier(tier) });
        }
      }
    },
  };
}

async function lookAtStore({ apps, store: { path } }: ReplacementOptions['config']) {
  return await readStore(path, async (store) => ({
    apps: new Set([...apps.map(({ name }) => name), ...store.apps()]),
    wholeMs: wholeSinceMs(store),
    lost: new Set(storedTables.map(({ name }) => name).filter((table) => isLost(store, table))),
  }));
}

function checked({ fromMs, toMs }: TimeRange, wholeMs: number): TimeRange {
  if (wholeMs >= toMs || wholeMs === Number.POSITIVE_INFINITY) {
    throw new UsageError('--replace: the store holds nothing whole of this time that could take the place of points.');
  }
  if (wholeMs > fromMs && fromMs !== Number.NEGATIVE_INFINITY) {
    const since = new Date(Math.ceil(wholeMs / minuteMs) * minuteMs).toISOString().replace(':00.000Z', 'Z');
    throw new UsageError(`--replace: the store does not hold all of the time before ${since}; give --from ${since}.`);
  }
  // What was not yet answered at an instant had been due before it.
  return { fromMs: Math.max(wholeMs, fromMs - answerMs), toMs };
}

async function openEraser(influxdb: InfluxdbConfig): Promise<PointEraser> {
  const { url } = influxdb;
  const authorization = authorizationOf(toApi(influxdb));
  const api = createInfluxdbApi({ url, timeoutMs, mask: maskOf(authorization) });
  const org = influxdb.kind === 'v2' ? influxdb.org : undefined;
  return await createPointEraser(api, { url, org, authorization });
}
