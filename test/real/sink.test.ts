import { describe } from 'vitest';
import type { InfluxdbApi } from '../../src/sink/influxdb.ts';
import { describeSink } from '../contract/sink-contract.ts';
import type { SinkServer, SinkServerTraits, StoredPoint } from '../contract/sink-server.ts';
import { describeShipping } from '../contract/sink-shipping-contract.ts';
import { startInfluxdb1 } from './servers/influxdb-1.ts';
import { startInfluxdb2 } from './servers/influxdb-2.ts';
import type { InfluxqlRow } from './servers/influxql.ts';
import { missingServers, type ServerName } from './servers/locate.ts';
import type { ServerProcess } from './servers/spawn-server.ts';
import { startVictoriaMetrics } from './servers/victoria-metrics.ts';

function lifeOf(server: ServerProcess, stopSignal: NodeJS.Signals) {
  return {
    url: server.url,
    stop: async () => await server.stop(stopSignal),
    start: async () => await server.restart(),
    [Symbol.asyncDispose]: async () => await server[Symbol.asyncDispose](),
  };
}

const everyTag = 'GROUP BY *';

/** With `GROUP BY *` the tags come beside the fields, and are the only strings among them. */
function pointOfRow({ time, ...columns }: InfluxqlRow): StoredPoint {
  const tags: Record<string, string> = {};
  const fields: Record<string, number> = {};
  for (const [name, value] of Object.entries(columns)) {
    if (typeof value === 'string') tags[name] = value;
    if (typeof value === 'number') fields[name] = value;
  }
  return { tags, fields, timeMs: Number(time) };
}

async function openInfluxdb2(): Promise<SinkServer> {
  const influxdb = await startInfluxdb2();
  const { org, token } = influxdb;
  return {
    ...lifeOf(influxdb.server, 'SIGKILL'),
    apiOf: (bucket, credentials) => ({
      ...{ version: 2, org, bucket },
      token: credentials === 'right' ? token : 'wrong-secret',
    }),
    createPlace: async (bucket, { keepHours } = {}) =>
      await influxdb.createBucket(bucket, keepHours === undefined ? {} : { retentionSeconds: keepHours * 3_600 }),
    write: async (bucket, lines) => await influxdb.write(lines, { bucket }),
    read: async (bucket, measurement) =>
      (await influxdb.influxql(`SELECT * FROM "${measurement}" ${everyTag}`, { bucket })).map(pointOfRow),
  };
}

async function openInfluxdb1(version: '1.8.10' | '1.6.7', apiVersion: 1 | 2): Promise<SinkServer> {
  const influxdb = await startInfluxdb1({ version });
  return {
    ...lifeOf(influxdb.server, 'SIGKILL'),
    apiOf: (place): InfluxdbApi =>
      apiVersion === 1
        ? { version: 1, database: place, username: undefined, password: undefined }
        : { version: 2, org: '', bucket: place, token: undefined },
    async createPlace(place, { keepHours } = {}) {
      const retention = keepHours === undefined ? '' : `WITH DURATION ${keepHours}h`;
      await influxdb.influxql(`CREATE DATABASE "${place}" ${retention}`);
    },
    write: async (database, lines) => await influxdb.write(lines, { database }),
    read: async (database, measurement) =>
      (await influxdb.influxql(`SELECT * FROM "${measurement}" ${everyTag}`, { database })).map(pointOfRow),
  };
}

/** A measurement and a field become the name of a metric, the place a label. */
async function openVictoriaMetrics(): Promise<SinkServer> {
  const victoriaMetrics = await startVictoriaMetrics();
  return {
    // Killed, it would lose what it took in its last second or so, although it had said yes.
    ...lifeOf(victoriaMetrics.server, 'SIGTERM'),
    apiOf: (bucket) => ({ version: 2, org: '', bucket, token: undefined }),
    createPlace: async () => {},
    write: async (_, lines) => await victoriaMetrics.write(lines),
    async read(place, measurement) {
      const points = new Map<
        string,
        { tags: Record<string, string>; fields: Record<string, number>; timeMs: number }
      >();
      for (const series of await victoriaMetrics.exportSeries(`{__name__=~"${measurement}_.*",db="${place}"}`)) {
        const { __name__: metric = '', db: _place, ...tags } = series.metric;
        for (const [index, timeMs] of series.timestamps.entries()) {
          const key = JSON.stringify([Object.entries(tags).sort(), timeMs]);
          const point = points.get(key) ?? { tags, fields: {}, timeMs };
          point.fields[metric.slice(measurement.length + 1)] = series.values[index] ?? Number.NaN;
          points.set(key, point);
        }
      }
      return [...points.values()];
    },
  };
}

const influxdbTraits = { refusesPoints: true, knowsCredentials: false, knowsPlaces: true };

const servers: readonly [
  name: string,
  program: ServerName,
  traits: SinkServerTraits,
  open: () => Promise<SinkServer>,
][] = [
  ['InfluxDB 2.9.1', 'influxdb-2.9.1', { ...influxdbTraits, knowsCredentials: true }, openInfluxdb2],
  ['InfluxDB 1.8.10, API version 2', 'influxdb-1.8.10', influxdbTraits, () => openInfluxdb1('1.8.10', 2)],
  ['InfluxDB 1.8.10, API version 1', 'influxdb-1.8.10', influxdbTraits, () => openInfluxdb1('1.8.10', 1)],
  ['InfluxDB 1.6.7', 'influxdb-1.6.7', influxdbTraits, () => openInfluxdb1('1.6.7', 1)],
  [
    'VictoriaMetrics',
    'victoria-metrics',
    { refusesPoints: false, knowsCredentials: false, knowsPlaces: false },
    openVictoriaMetrics,
  ],
];

for (const [name, program, traits, open] of servers) {
  describe.skipIf(missingServers([program]).length > 0)('real servers', () => {
    describeSink(name, traits, open);
    describeShipping(name, traits, open);
  });
}
