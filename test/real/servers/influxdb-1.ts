import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type InfluxqlRow, queryInfluxql } from './influxql.ts';
import { readText } from './json-answer.ts';
import { requireServer } from './locate.ts';
import type { SmallDisk } from './small-disk.ts';
import { type ServerPlace, type ServerProcess, spawnServer } from './spawn-server.ts';

export interface Influxdb1 {
  readonly server: ServerProcess;
  readonly url: string;
  readonly database: string;
  /** Writes line protocol with times in milliseconds, into the database `live` unless told otherwise. */
  write(lines: string, options?: { readonly database?: string }): Promise<void>;
  /** Queries the database `live` unless told otherwise; times are in epoch milliseconds. */
  influxql(query: string, options?: { readonly database?: string }): Promise<InfluxqlRow[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

const database = 'live';

type Options = {
  readonly version: '1.8.10' | '1.6.7';
  readonly hasAuthentication?: boolean;
  /** Writes of more are answered with 413; 25 MB where left out, as InfluxDB itself has it. */
  readonly maxBodyBytes?: number;
  /** All its data lies there, and stays when the server ends. */
  readonly disk?: SmallDisk;
};

/**
 * Starts InfluxDB 1 and creates the database `live`. Only 1.8 knows `/api/v2/write`. With authentication it knows one user, the
 * administrator `root` with the password `it's a secret`, and `influxql` and `write` are refused.
 */
export async function startInfluxdb1(options: Options): Promise<Influxdb1> {
  const { hasAuthentication = false, disk } = options;
  const name = `influxdb-${options.version}` as const;
  const server = await spawnServer({
    name,
    binary: requireServer(name),
    argumentsAt: ({ directory }) => ['run', '-config', configPath(directory)],
    healthPath: '/ping',
    prepare: async (place) => await writeFile(configPath(place.directory), configText(place, options)),
    disk,
  });
  const { url } = server;

  async function influxql(query: string, queryOptions: { readonly database?: string } = {}): Promise<InfluxqlRow[]> {
    return await queryInfluxql({ url, database: queryOptions.database ?? database }, query);
  }

  try {
    // The first user can be made by anybody, and only he can do the rest.
    if (hasAuthentication) await influxql(`CREATE USER root WITH PASSWORD 'it\\'s a secret' WITH ALL PRIVILEGES`);
    else await influxql(`CREATE DATABASE "${database}"`);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return {
    server,
    url,
    database,
    influxql,
    async write(lines, writeOptions = {}) {
      const query = new URLSearchParams({ db: writeOptions.database ?? database, precision: 'ms' });
      await readText(await fetch(`${url}/write?${query}`, { method: 'POST', body: lines }));
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
    },
  };
}

function configPath(directory: string): string {
  return join(directory, 'influxdb.conf');
}

function configText({ port, directory }: ServerPlace, options: Options): string {
  const { hasAuthentication = false, maxBodyBytes = 25_000_000, disk } = options;
  const data = disk?.folder ?? directory;
  return `reporting-disabled = true
bind-address = "127.0.0.1:0" # backup and restore, unused

[meta]
dir = "${join(data, 'meta')}"

[data]
dir = "${join(data, 'data')}"
wal-dir = "${join(data, 'wal')}"
query-log-enabled = false

[http]
bind-address = "127.0.0.1:${port}"
auth-enabled = ${hasAuthentication}
log-enabled = false
max-body-size = ${maxBodyBytes}

[monitor]
store-enabled = false
`;
}
