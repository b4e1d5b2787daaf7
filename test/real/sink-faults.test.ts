import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/system-clock.ts';
import { passingFaults } from '../campaign/sink/fault-catalogue.ts';
import { shipToRealServer } from '../campaign/sink/real-server.ts';
import { missingServers } from './servers/locate.ts';

const clean = { lost: 0, doubled: 0, wrong: 0 };
const none = () => false;

describe.skipIf(missingServers(['influxdb-2.9.1']).length > 0)('a real InfluxDB 2.9.1 behind a proxy', () => {
  test('has every point once after every fault of the network and of proxies, one after the other', async () => {
    const shipped = await shipToRealServer(async ({ proxy, run }) => {
      for (const fault of passingFaults.values()) {
        proxy.meet(fault);
        await run.commit(130, (index) => index === 0 || index === 64 || index === 128);
        await run.settled();
        expect(proxy.unmet).toBe(0);
      }
      await proxy.refuse();
      await run.commit(1_000, none);
    });
    expect(shipped).toMatchObject(clean);
    expect(shipped.told.filter(({ kind }) => kind === 'sink_down').length).toBeGreaterThan(20);
  });

  test('has every point once although each write that was done was answered with a reset', async () => {
    const shipped = await shipToRealServer(async ({ proxy, run }) => {
      proxy.always({ kind: 'cut_answer', afterBytes: 0 });
      await run.commit(2_000, none);
      await new Promise((resolve) => systemClock.after(3_000, () => resolve(undefined)));
    });
    expect(shipped).toMatchObject(clean);
  });

  test.each([
    ['first', 0],
    ['in the middle', 500],
    ['last', 998],
  ])('has all but the bad point that is %s in its batch', async (_, bad) => {
    const shipped = await shipToRealServer(
      async ({ proxy, run }) => {
        await proxy.refuse();
        await run.commit(1_000, (index) => index === bad);
      },
      { batchSize: 1_000 },
    );
    expect(shipped).toMatchObject(clean);
    expect(shipped.told).toContainEqual(expect.objectContaining({ kind: 'rejected', rows: 1 }));
  });

  test('has every point once after it was restarted, killed, and killed in the middle of writes', async () => {
    const shipped = await shipToRealServer(async ({ influxdb, run }) => {
      for (const signal of ['SIGTERM', 'SIGKILL', 'SIGKILL'] as const) {
        await run.commit(3_000, none);
        await influxdb.server.stop(signal);
        await run.commit(500, none);
        await influxdb.server.restart();
      }
    });
    expect(shipped).toMatchObject(clean);
  });
});
