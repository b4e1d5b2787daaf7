import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Influxdb2 } from '../../real/servers/influxdb-2.ts';
import { isRecord, readJson, readText } from '../../real/servers/json-answer.ts';

export type BucketSize = { readonly series: number; readonly bytes: number };

const settledSeconds = 15;
const settleWithinSeconds = 900;

/** Waits until nothing is left in InfluxDB's log and no compaction changes what its buckets take. */
export async function settle({ server }: Influxdb2): Promise<void> {
  let before = -1;
  let same = 0;
  for (let second = 0; second < settleWithinSeconds; second++) {
    const [data, log] = await Promise.all([
      bytesOf(engineFolder(server, 'data')),
      bytesOf(engineFolder(server, 'wal')),
    ]);
    same = data === before && log < 2 ** 20 ? same + 1 : 0;
    if (same === settledSeconds) return;
    before = data;
    await delay(1000);
  }
  throw new Error(`InfluxDB was still compacting ${settleWithinSeconds} s after the last write`);
}

/** By InfluxDB's own count of series, and the blocks of the disk that the bucket's data and indexes take. */
export async function sizeOfBucket(influxdb: Influxdb2, name: string): Promise<BucketSize> {
  const id = await idOfBucket(influxdb, name);
  const metrics = await readText(await fetch(`${influxdb.url}/metrics`));
  const line = new RegExp(`^storage_bucket_series_num\\{bucket="${id}"\\} (\\S+)$`, 'm').exec(metrics);
  return { series: Number(line?.[1]), bytes: await bytesOf(engineFolder(influxdb.server, 'data', id)) };
}

async function idOfBucket({ url, token }: Influxdb2, name: string): Promise<string> {
  const headers = { authorization: `Token ${token}` };
  const answer = await readJson(await fetch(`${url}/api/v2/buckets?${new URLSearchParams({ name })}`, { headers }));
  const buckets: unknown = isRecord(answer) ? answer['buckets'] : undefined;
  const first: unknown = Array.isArray(buckets) ? buckets[0] : undefined;
  const id = isRecord(first) ? first['id'] : undefined;
  if (typeof id === 'string') return id;
  throw new Error(`InfluxDB knows no bucket ${name}`);
}

function engineFolder({ directory }: Influxdb2['server'], ...parts: readonly string[]): string {
  return join(directory, 'engine', ...parts);
}

/** Files come and go while InfluxDB compacts. */
async function bytesOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names.map(async (name) => {
    const { blocks } = await stat(join(folder, name)).catch(() => ({ blocks: 0 }));
    return blocks * 512;
  });
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}
