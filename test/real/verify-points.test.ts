import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleOfPoint } from '../../src/model/point.ts';
import type { Sample } from '../../src/model/sample.ts';
import type { StoredTable } from '../../src/model/stored-table.ts';
import { endpoints, type Series } from '../../src/model/target.ts';
import { createInfluxdbSink, type InfluxdbApi } from '../../src/sink/influxdb.ts';
import { systemClock } from '../../src/system-clock.ts';
import { createPointReader } from '../../src/verify/influxql.ts';
import { inShort } from '../integration/verify/in-short.ts';
import { destinations, hourMs, LivedStore } from '../integration/verify/lived-store.ts';
import { startInfluxdb1 } from './servers/influxdb-1.ts';
import { startInfluxdb2 } from './servers/influxdb-2.ts';
import { missingServers } from './servers/locate.ts';

type Server = AsyncDisposable & {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly api: (place: string) => InfluxdbApi;
  query(place: string, influxql: string): Promise<readonly unknown[]>;
  write(place: string, line: string): Promise<void>;
  /** Makes a place that keeps points for so long. */
  make(place: string, keepHours: number | undefined): Promise<void>;
};

const servers: Readonly<Record<'influxdb-2.9.1' | 'influxdb-1.8.10', () => Promise<Server>>> = {
  'influxdb-2.9.1': async () => {
    const { url, org, token, ...influxdb } = await startInfluxdb2();
    return {
      ...{ url, authorization: `Token ${token}`, api: (bucket) => ({ version: 2, org, bucket, token }) },
      query: (bucket, text) => influxdb.influxql(text, { bucket }),
      write: (bucket, line) => influxdb.write(line, { bucket }),
      make: (place, hours) =>
        influxdb.createBucket(place, hours === undefined ? {} : { retentionSeconds: hours * 3_600 }),
      [Symbol.asyncDispose]: () => influxdb[Symbol.asyncDispose](),
    };
  },
  'influxdb-1.8.10': async () => {
    const influxdb = await startInfluxdb1({ version: '1.8.10' });
    const { url } = influxdb;
    return {
      ...{ url, authorization: undefined },
      api: (database) => ({ version: 1, database, username: undefined, password: undefined }),
      query: (database, text) => influxdb.influxql(text, { database }),
      write: (database, line) => influxdb.write(line, { database }),
      make: async (place, hours) => {
        await influxdb.influxql(`CREATE DATABASE "${place}"${hours === undefined ? '' : ` WITH DURATION ${hours}h`}`);
      },
      [Symbol.asyncDispose]: () => influxdb[Symbol.asyncDispose](),
    };
  },
};

for (const name of ['influxdb-2.9.1', 'influxdb-1.8.10'] as const) {
  describe.skipIf(missingServers([name]).length > 0)(`verify against ${name}`, () => {
    let server: Server;
    let lived: LivedStore;

    beforeAll(async () => {
      server = await servers[name]();
      lived = new LivedStore();
      lived.live(4 * hourMs);
      for (const { name: place, tables } of destinations) {
        await server.make(place, undefined);
        for (const table of tables) await ship(lived, server, place, table);
      }
    }, 60_000);

    afterAll(async () => {
      lived[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    });

    const verify = () =>
      lived.verify({
        destinations: destinations.map(({ name: sink, tables }) => ({ sink, tables, reader: readerOf(server, sink) })),
      });

    test('every sample, window and session is found there as it was shipped', async () => {
      const { findings, notes, points } = await verify();
      expect([findings, notes]).toEqual([[], []]);
      expect(points).toBeGreaterThan(4 * 240 * 5);
    });

    test('points are read back as the samples that they were made of', async () => {
      const reader = readerOf(server, 'influxdb');
      for (const endpoint of endpoints) {
        const rows = lived.journal.readRows(endpoint, { fromId: 0, toId: 500 }, 500);
        const instants = rows.map(({ sample }) => sample.dueMs).sort((a, b) => a - b);
        const [firstMs = 0, secondMs] = [...new Set(instants)];
        const endMs = instants.at(-1) ?? 0;
        const points = await reader.readWholePoints(endpoint, ['main'], { fromMs: 0, toMs: endMs + 1 });
        const known = rows.map(({ seriesId, sample }) => ({ series: lived.journal.seriesOf(seriesId), sample }));
        expect(inOrder(points.map(sampleOfPoint))).toEqual(inOrder(known));
        expect(await reader.nextMs(endpoint, ['main'], 0)).toBe(firstMs);
        expect(await reader.nextMs(endpoint, ['main'], firstMs + 1)).toBe(secondMs);
        expect(await reader.nextMs(endpoint, ['main'], lived.nowMs + hourMs)).toBe(undefined);
        expect(await reader.nextMs(endpoint, ['another'], 0)).toBe(undefined);
      }
    });

    test('a point more, and a value that was written over, are named', async () => {
      const [point] = lived.journal.readPoints('room_stats', { fromId: 500, toId: 501 });
      const time = point?.point.timeMs ?? 0;
      await server.write('influxdb', `room_stats,app=main,room_id=room-2,team=music total_viewers=7i ${time + 1}`);
      await server.write(
        'influxdb_5m',
        `gift_count,app=main,room_id=room-1,user_id=anchor-1 samples=21i ${firstHourMs(lived)}`,
      );
      expect(inShort(await verify())).toEqual([
        'unknown_point room_stats in influxdb 1',
        'changed_point gift_count in influxdb_5m 1',
      ]);
    });

    test('how long it keeps points is asked of the server', async () => {
      await server.make('short', 49);
      expect(await readerOf(server, 'short').keepMs()).toBe(49 * hourMs);
      expect(await readerOf(server, 'influxdb').keepMs()).toBe(Number.POSITIVE_INFINITY);
    });

    test('a place that is missing is named, with what to do', async () => {
      const time = { fromMs: 0, toMs: 1 };
      await expect(readerOf(server, 'nowhere').readPoints('room_stats', ['main'], time)).rejects.toThrow(
        /nowhere at .* cannot be read: database not found.*; let me read$/,
      );
    });
  });
}

function readerOf({ url, authorization }: Server, place: string) {
  const signal = new AbortController().signal;
  return createPointReader({ url, place, authorization, howToAuthorize: 'let me read', clock: systemClock, signal });
}

type Entry = { readonly series?: Series | undefined; readonly sample: Sample } | undefined;

function inOrder(entries: readonly Entry[]): readonly Entry[] {
  const place = (entry: Entry) => `${entry?.sample.dueMs} ${JSON.stringify(entry?.series?.target)}`;
  return entries.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}

function firstHourMs({ journal }: LivedStore): number {
  const [point] = journal.readPoints('gift_count_5m', { fromId: 0, toId: 1 });
  return point?.point.timeMs ?? 0;
}

async function ship({ journal }: LivedStore, server: Server, place: string, table: StoredTable): Promise<void> {
  const sink = createInfluxdbSink({
    name: place,
    url: server.url,
    api: server.api(place),
    gzip: false,
    clock: systemClock,
  });
  for (const range of journal.waitingRanges(place, table)) {
    const points = [...journal.readPoints(table, range)].map(({ point }) => point);
    expect((await sink.write(points, new AbortController().signal)).status).toBe('written');
    journal.settle(place, table, range, []);
  }
  sink.close();
}
