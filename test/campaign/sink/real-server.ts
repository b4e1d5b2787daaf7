import { createWorkspace } from '../../e2e/livetally-process.ts';
import { startInfluxdb1 } from '../../real/servers/influxdb-1.ts';
import { startInfluxdb2 } from '../../real/servers/influxdb-2.ts';
import type { InfluxqlRow } from '../../real/servers/influxql.ts';
import type { SmallDisk } from '../../real/servers/small-disk.ts';
import type { ServerProcess } from '../../real/servers/spawn-server.ts';
import { readPoints } from '../../real/stored-points.ts';
import type { PointText } from './expected-points.ts';
import { createHurriedClock } from './hurried-clock.ts';
import { compare, openShipping, type ShippingRun } from './shipping-run.ts';
import { influxdbAt, type Shipped } from './sink-faults.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** What the campaign needs of a real InfluxDB, of whichever version. */
export type RealInfluxdb = AsyncDisposable & {
  readonly server: ServerProcess;
  write(lines: string): Promise<void>;
  influxql(query: string): Promise<readonly InfluxqlRow[]>;
};

export type RealVersion = '2.9.1' | '1.8.10';

export type Surroundings = { readonly influxdb: RealInfluxdb; readonly proxy: TcpProxy; readonly run: ShippingRun };

export type RealOptions = {
  readonly version?: RealVersion;
  readonly batchSize?: number;
  /** The server's data lie there. */
  readonly disk?: SmallDisk;
  /** Of 1.8.10, which answers 413 to more. */
  readonly maxBodyBytes?: number;
};

/** Real time, but back-off and time-outs of seconds pass in a tenth: a real server takes its time. */
export const hurryAtRealServers = 10;

/** The real store, shipping through the proxy into a real server, where another writer has got hold of a field. */
export async function shipToRealServer(
  misfortune: (surroundings: Surroundings) => Promise<void>,
  { version = '2.9.1', batchSize = 100, ...options }: RealOptions = {},
): Promise<Shipped> {
  await using folder = await createWorkspace();
  await using influxdb = await start(version, options);
  await influxdb.write(`room_stats,room_id=other likes_received_delta=1.5 ${Date.now()}`);
  await using proxy = await startTcpProxy(influxdb.server.port);
  await using run = await openShipping({
    path: folder.path('store.db'),
    clock: createHurriedClock(hurryAtRealServers),
    // Both know the write API of version 2.
    influxdb: influxdbAt(proxy.port, { batchSize }),
  });
  await misfortune({ influxdb, proxy, run });
  proxy.always(undefined);
  await proxy.accept();
  await run.finished();
  const points = await readOwnPoints(influxdb);
  return { ...compare(run, points), points: run.expected('raw').length, rewritten: run.rewritten(), told: run.told };
}

async function start(version: RealVersion, options: Pick<RealOptions, 'disk' | 'maxBodyBytes'>): Promise<RealInfluxdb> {
  switch (version) {
    case '2.9.1':
      return await startInfluxdb2(options);
    case '1.8.10':
      return await startInfluxdb1({ version, ...options });
    default:
      return version satisfies never;
  }
}

/** Without what the other writer has written. */
async function readOwnPoints(influxdb: RealInfluxdb): Promise<readonly PointText[]> {
  const query = (influxql: string) => influxdb.influxql(influxql.replace(' GROUP', " WHERE room_id != 'other' GROUP"));
  return await readPoints(query, ['room_stats', 'gift_count']);
}
