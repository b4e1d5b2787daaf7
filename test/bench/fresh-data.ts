import { systemClock } from '../../src/system-clock.ts';
import type { Influxdb2 } from '../real/servers/influxdb-2.ts';
import type { Workload } from './workload.ts';

/** What is older is not looked for. */
const longestMs = 120_000;

/** Age of the newest sample in InfluxDB, of that target where it is oldest: what a dashboard of all rooms would show. */
export async function readFreshAgeMs(influxdb: Influxdb2, { rooms, receivers }: Workload): Promise<number> {
  const since = `time > now() - ${longestMs}ms`;
  const newest = await influxdb.influxql(
    `SELECT last(total_viewers) FROM room_stats WHERE ${since} GROUP BY room_id;
     SELECT last(total_count) FROM gift_count WHERE ${since} GROUP BY room_id, user_id`,
  );
  const nowMs = systemClock.wallMs();
  if (newest.length < rooms + receivers) return longestMs;
  return nowMs - newest.reduce((oldest, { time }) => Math.min(oldest, Number(time)), nowMs);
}
