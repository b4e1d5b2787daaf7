import { systemClock } from '../../../src/system-clock.ts';
import type { BenchContext, Figure } from '../figure.ts';
import { measureInfluxdb } from '../shows/measure-influxdb.ts';
import { measureStore } from '../shows/measure-store.ts';
import type { Extent } from '../shows/show-points.ts';
import { dayMs, type Shows } from '../shows/shows.ts';

/** Every show with a room of its own: what 400 days of 5,000 new ones a day do to the store, to InfluxDB and to the dashboards' variables. */
export const shows: Figure = {
  name: 'shows',
  async run(context: BenchContext) {
    const { perDay, days, ...extent } = context.isQuick ? quick : full;
    // InfluxDB takes nothing that is older than what a bucket keeps, so these days end today.
    const endMs = Math.floor(systemClock.wallMs() / dayMs) * dayMs;
    const past: Shows = { perDay, days, firstMs: endMs - days * dayMs };
    return [...(await measureStore(past, context)), ...(await measureInfluxdb(past, extent, context))];
  },
};

type Size = Extent & Pick<Shows, 'perDay' | 'days'>;

/**
 * Each day, week or month of a bucket is a shard of its own, so a few tell what all of them take. Days have them all, since that is what
 * History reads; whole are those among which it offers rooms.
 */
const full: Size = {
  perDay: 5000,
  days: 400,
  held: { raw: 1, '5m': 3, '1h': 14, '1d': 400, '1mo': 62 },
  wholeDays: 42,
};
const quick: Size = { perDay: 500, days: 40, held: { raw: 1, '5m': 3, '1h': 14, '1d': 40, '1mo': 40 }, wholeDays: 40 };
