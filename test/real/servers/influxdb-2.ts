import { join } from 'node:path';
import { type InfluxqlRow, queryInfluxql } from './influxql.ts';
import { readJson, readText, stringAt } from './json-answer.ts';
import { requireServer } from './locate.ts';
import type { SmallDisk } from './small-disk.ts';
import { type ServerProcess, spawnServer } from './spawn-server.ts';

export interface Influxdb2 {
  readonly server: ServerProcess;
  readonly url: string;
  readonly org: string;
  readonly orgId: string;
  readonly bucket: string;
  /** An all-access token. */
  readonly token: string;
  /** Writes line protocol with times in milliseconds, into the bucket `live` unless told otherwise. */
  write(lines: string, options?: { readonly bucket?: string }): Promise<void>;
  /** Queries the bucket `live` unless told otherwise; times are in epoch milliseconds. */
  influxql(query: string, options?: { readonly bucket?: string }): Promise<InfluxqlRow[]>;
  /** Data of any age is kept unless `retentionSeconds` is given; the server takes an hour at the least. */
  createBucket(
    name: string,
    options?: { readonly retentionSeconds?: number; readonly shardSeconds?: number | undefined },
  ): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const org = 'livetally';
const bucket = 'live';
const token = 'token-of-the-tests';

/** Starts InfluxDB 2.9.1 and sets it up. `retentionSeconds` is that of the bucket `live`. */
export async function startInfluxdb2(
  options: { readonly retentionSeconds?: number } & StartOptions = {},
): Promise<Influxdb2> {
  const server = await startFreshInfluxdb2(options);
  try {
    return await setUp(server, options.retentionSeconds ?? 0);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

export type StartOptions = {
  /** So long after the last write to a shard it is as on the disk as it gets: InfluxDB itself takes ten minutes and four hours. */
  readonly compactAfterSeconds?: number;
  /** All its data lies there, and stays when the server ends. */
  readonly disk?: SmallDisk;
};

/** Starts InfluxDB 2.9.1, which nobody has set up. */
export async function startFreshInfluxdb2({ compactAfterSeconds, disk }: StartOptions = {}): Promise<ServerProcess> {
  const coldDurations = ['--storage-cache-snapshot-write-cold-duration', '--storage-compact-full-write-cold-duration'];
  return await spawnServer({
    name: 'influxdb-2.9.1',
    binary: requireServer('influxdb-2.9.1'),
    argumentsAt: ({ port, directory }) => [
      ...['--http-bind-address', `127.0.0.1:${port}`],
      ...['--bolt-path', join(disk?.folder ?? directory, 'influxd.bolt')],
      ...['--sqlite-path', join(disk?.folder ?? directory, 'influxd.sqlite')],
      ...['--engine-path', join(disk?.folder ?? directory, 'engine')],
      '--reporting-disabled',
      ...(compactAfterSeconds === undefined
        ? []
        : coldDurations.flatMap((option) => [option, `${compactAfterSeconds}s`])),
    ],
    healthPath: '/health',
    disk,
  });
}

async function setUp(server: ServerProcess, retentionPeriodSeconds: number): Promise<Influxdb2> {
  const { url } = server;
  const headers = { authorization: `Token ${token}` };

  async function post(path: string, body: object): Promise<unknown> {
    return await readJson(await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }));
  }

  const user = { username: 'livetally', password: 'password-of-the-tests' };
  const orgId = stringAt(
    await post('/api/v2/setup', { ...user, org, bucket, token, retentionPeriodSeconds }),
    'org.id',
  );
  return {
    server,
    url,
    org,
    orgId,
    bucket,
    token,
    async write(lines, options = {}) {
      const query = new URLSearchParams({ org, bucket: options.bucket ?? bucket, precision: 'ms' });
      await readText(await fetch(`${url}/api/v2/write?${query}`, { method: 'POST', headers, body: lines }));
    },
    async influxql(query, options = {}) {
      return await queryInfluxql({ url, headers, database: options.bucket ?? bucket }, query);
    },
    async createBucket(name, options = {}) {
      const { retentionSeconds: everySeconds = 0, shardSeconds: shardGroupDurationSeconds } = options;
      const retentionRules = [{ everySeconds, shardGroupDurationSeconds }];
      await post('/api/v2/buckets', { orgID: orgId, name, retentionRules });
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
    },
  };
}
