import { describe, expect, test } from 'vitest';
import type { InfluxdbConfig } from '../../src/config/config.ts';
import { createDice, type Dice } from '../campaign/dice.ts';
import { places } from '../campaign/sink/expected-points.ts';
import { passingFaults } from '../campaign/sink/fault-catalogue.ts';
import { createHurriedClock } from '../campaign/sink/hurried-clock.ts';
import { compare, openShipping, type ShippingRun } from '../campaign/sink/shipping-run.ts';
import { influxdbAt } from '../campaign/sink/sink-faults.ts';
import { startTcpProxy, type TcpProxy } from '../campaign/sink/tcp-proxy.ts';
import { createWorkspace } from '../e2e/livetally-process.ts';
import { type PastDatabase, pastDatabase1In, pastDatabaseIn } from '../grafana/past-database.ts';
import { startInfluxdb1 } from './servers/influxdb-1.ts';
import { startInfluxdb2 } from './servers/influxdb-2.ts';
import { missingServers } from './servers/locate.ts';
import type { ServerProcess } from './servers/spawn-server.ts';
import { readPoints } from './stored-points.ts';
import { compareTiers } from './tier-sums.ts';

/** Half an hour, three quarters with summer time, summer time that skips a midnight. */
const zones = ['Asia/Kolkata', 'Pacific/Chatham', 'Africa/Cairo'];
const dayMs = 86_400_000;
const days = 66;
const beginMs = Date.UTC(2025, 1, 28, 5, 23);
/** The clocks are changed in Chatham during the first outage, in Cairo during the second, and then each hour has samples. */
const changeDays = [36, 37, 55, 56];
const pace = { targets: 4, intervalMs: 40 * 60_000 };
const stepMs = pace.intervalMs / pace.targets;

type RealServer = {
  readonly process: ServerProcess;
  readonly database: PastDatabase;
  influxdbAt(port: number): InfluxdbConfig;
};

const servers = {
  'influxdb-2.9.1': async (): Promise<RealServer> => {
    const influxdb = await startInfluxdb2();
    const options = { tiers: true, batchSize: 1_000 };
    return {
      process: influxdb.server,
      database: await pastDatabaseIn(influxdb),
      influxdbAt: (port) => influxdbAt(port, options),
    };
  },
  'influxdb-1.8.10': async (): Promise<RealServer> => {
    const influxdb = await startInfluxdb1({ version: '1.8.10' });
    const { keepMs, timeoutMs } = influxdbAt(0);
    const options = {
      kind: 'v1',
      database: 'live',
      keepMs,
      timeoutMs,
      tiers: true,
      batchSize: 1_000,
      gzip: true,
    } as const;
    return {
      process: influxdb.server,
      database: await pastDatabase1In(influxdb),
      influxdbAt: (port) => ({ ...options, url: `http://127.0.0.1:${port}` }),
    };
  },
};

type Surroundings = {
  readonly server: ServerProcess;
  readonly proxy: TcpProxy;
  readonly run: ShippingRun;
  readonly dice: Dice;
};

/** Whole days with samples and days with few; whole weeks without the server, once because it was killed. */
async function liveThroughMonths({ server, proxy, run, dice }: Surroundings): Promise<void> {
  const faults = [...passingFaults.values()];
  for (let day = 0; day < days; day++) {
    if (day === 12) await proxy.refuse();
    if (day === 40) await proxy.accept();
    if (day === 48) await server.stop('SIGKILL');
    if (day === 58) await server.restart();
    const isUp = day < 12 || (day >= 40 && day < 48) || day >= 58;
    const fault = dice.pickAny(faults);
    if (isUp && dice.oneIn(3) && fault !== undefined) proxy.meet(fault);
    if (dice.oneIn(4)) run.makeAnew(1 + dice.below(3));
    if (dice.oneIn(5)) run.relabel(1 + dice.below(3));
    if (dice.oneIn(12)) await run.restart();
    const isWhole = changeDays.includes(day) || dice.oneIn(3);
    const samples = isWhole ? dayMs / stepMs : 1 + dice.below(dayMs / stepMs);
    await run.commit(samples, () => false);
    run.pass(dayMs - samples * stepMs);
    if (isUp && dice.oneIn(10)) await run.settled();
  }
}

describe.each(['influxdb-2.9.1', 'influxdb-1.8.10'] as const)('months on a real %s', (name) => {
  test.skipIf(missingServers([name]).length > 0).each(zones)(
    'sum up the same in raw and in every tier after outages, restarts, other labels and rooms made anew, in %s',
    async (timezone) => {
      const dice = createDice(zones.indexOf(timezone));
      await using resources = new AsyncDisposableStack();
      const folder = resources.use(await createWorkspace());
      const { process: server, database, influxdbAt: at } = await servers[name]();
      resources.use(database);
      const proxy = resources.use(await startTcpProxy(server.port));
      const run = resources.use(
        await openShipping({
          ...{ path: folder.path('store.db'), influxdb: at(proxy.port), beginMs, pace, timezone },
          clock: createHurriedClock(10),
        }),
      );
      await liveThroughMonths({ server, proxy, run, dice });
      await run.finished();

      for (const place of places) {
        const query = (influxql: string) => database.query(place, influxql);
        const held = await readPoints(query, ['room_stats', 'gift_count', ...(place === '1d' ? ['session'] : [])]);
        expect(compare(run, held, place), place).toEqual({ lost: 0, doubled: 0, wrong: 0 });
      }
      const { compared, disagreements } = await compareTiers(database, {
        within: { startMs: beginMs, endMs: beginMs + days * dayMs },
        timezone,
        spanOf: (windows) => {
          const first = dice.below(windows);
          return [first, first + dice.below(windows - first)];
        },
      });
      expect(disagreements).toEqual([]);
      expect(Math.min(...Object.values(compared))).toBeGreaterThanOrEqual(pace.targets);
      expect(compared['months']).toBeGreaterThanOrEqual(4 * pace.targets);
    },
  );
});
