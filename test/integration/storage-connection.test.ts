import { describe, expect, test } from 'vitest';
import type { InfluxdbConfig } from '../../src/config/config.ts';
import { connectStorage } from '../../src/storage-connection.ts';
import { openDatabase } from '../../src/store/database.ts';
import type { Registration } from '../../src/store/series-table.ts';
import type { StoreClient } from '../../src/store/store-client.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { damageRow } from './store/damage-row.ts';
import {
  commitRows,
  dayMs,
  forever,
  roomSeries,
  roundAt,
  sampleAt,
  startMs,
  TemporaryStore,
} from './store/temporary-store.ts';
import { startHttpServer } from './tencent/servers.ts';

const holder = { pid: 1, host: 'studio', command: 'livetally run' };

async function connect(store: TemporaryStore, influxdb?: InfluxdbConfig) {
  const clock = createVirtualClock({ wallMs: startMs });
  const lost: Error[] = [];
  const connection = await connectStorage(
    {
      store: { path: store.path, keepMs: dayMs, maxSizeBytes: 1e12 },
      reporting: { timezone: 'Etc/UTC', keepMs: { '5m': forever, '1h': forever, '1d': forever, '1mo': forever } },
      sessionCloseAfterMs: 30 * 60_000,
      influxdb,
      holder,
    },
    { clock, events: { commitProblem: () => {}, told: () => {}, lost: (error) => lost.push(error) } },
  );
  const [room] = await connection.store.register([roomSeries('room-1')]);
  if (room === undefined) throw new Error('one series gives one registration');
  return { clock, connection, lost, room };
}

function takeOneSample(store: StoreClient, room: Registration): void {
  store.append(room, store.beginRound(roundAt('room_stats', startMs), 1), sampleAt(startMs), 'state');
}

describe('the connection to the storage thread', () => {
  test('commits what was handed over when it is closed', async () => {
    using store = new TemporaryStore();
    const { connection, lost, room } = await connect(store);
    takeOneSample(connection.store, room);
    await connection.close({ shipWithinMs: 0 });
    using journal = store.open();
    expect(journal.status().committed.room_stats).toBe(1);
    expect(lost).toEqual([]);
  });

  test('ends its thread although the disk takes no sample, and says how many are lost', async () => {
    using store = new TemporaryStore();
    const { clock, connection, room } = await connect(store);
    {
      // As a full disk does, somebody else's transaction refuses every commit.
      using other = openDatabase(store.path, 1_000);
      other.exec('BEGIN IMMEDIATE');
      takeOneSample(connection.store, room);
      const closed = connection.close({ shipWithinMs: 0 });
      const refused = expect(closed).rejects.toThrow('1 sample could not be committed in 13 s and are lost');
      await clock.advance(13_000);
      await refused;
    }
    // The lock is given back only by a thread that has ended.
    using journal = store.open();
    expect(journal.status().committed.room_stats).toBe(0);
  });

  test('says how many samples it had not committed when the store is lost', async () => {
    using store = new TemporaryStore();
    const { clock, connection, lost, room } = await connect(store);
    {
      using other = openDatabase(store.path, 1_000);
      other.exec('DROP TABLE room_stats');
    }
    takeOneSample(connection.store, room);
    await clock.advance(100);
    await expect.poll(() => lost.map(({ message }) => message)).toHaveLength(1);
    expect(lost[0]?.message).toMatch(/is damaged; .*; 1 sample had not been committed and will count as cut off$/);
    expect(await connection.close({ shipWithinMs: 0 })).toBeUndefined();
  });

  test('says what is damaged, and how to go on, when the store is lost because of its books', async () => {
    using store = new TemporaryStore();
    const { connection, lost } = await connect(store);
    damageRow(store.path, 'sink_count', "delivered = 'x'");
    const words = /store.db is damaged; put a backup in its place, .*the store holds text where an integer belongs/;
    await expect(connection.store.status()).rejects.toThrow(words);
    expect(lost[0]?.message).toMatch(words);
    expect(await connection.close({ shipWithinMs: 0 })).toBeUndefined();
  });

  test('lives through a backlog in batches of 20,000 points that the sink is slow to take', async () => {
    using store = new TemporaryStore();
    {
      using journal = store.open();
      commitRows(journal, roomSeries('room-1', { team: 'music', host: 'a-name-as-people-have' }), { count: 60_000 });
    }
    await using influxdb = await startHttpServer((response) => {
      setTimeout(() => response.writeHead(204).end(), 500);
    });
    const { connection, lost } = await connect(store, {
      kind: 'v2',
      url: influxdb.baseUrl,
      org: 'livetally',
      bucket: 'live',
      token: 'token',
      keepMs: Number.POSITIVE_INFINITY,
      tiers: true,
      batchSize: 20_000,
      gzip: false,
      timeoutMs: 10_000,
    });
    const delivered = async () => (await connection.store.status()).sinks[0]?.delivered;
    await expect.poll(delivered, { timeout: 20_000, interval: 200 }).toBe(60_000);
    await connection.close({ shipWithinMs: 0 });
    expect(lost).toEqual([]);
  });
});
