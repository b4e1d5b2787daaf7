import { setTimeout as delay } from 'node:timers/promises';
import { passingFaults } from './fault-catalogue.ts';
import { type RealOptions, type RealVersion, type Surroundings, shipToRealServer } from './real-server.ts';
import type { Shipped } from './sink-faults.ts';

/** Something that befalls a real server, or the way to it. */
export type RealFault = {
  readonly name: string;
  readonly version: RealVersion;
  ship(): Promise<Shipped>;
  /** Whether it has really happened, by what an operator was told. */
  isTold(told: Shipped['told']): boolean;
};

const none = () => false;
const places = { first: 0, 'in the middle': 500, last: 998 } as const;

export const realFaults: readonly RealFault[] = [
  {
    name: 'every fault of the network and of proxies, one after the other',
    version: '2.9.1',
    ship: () => shipToRealServer(meetAll),
    isTold: (told) => told.filter(({ kind }) => kind === 'sink_down').length > 20,
  },
  {
    name: 'each write that was done being answered with a reset',
    version: '2.9.1',
    ship: () => shipToRealServer(loseAnswers),
    isTold: hasGoneDown,
  },
  ...Object.entries(places).map(
    ([place, bad]): RealFault => ({
      name: `a bad point that is ${place} in its batch`,
      version: '2.9.1',
      ship: () => shipToRealServer((surroundings) => sendBadPoint(surroundings, bad), { batchSize: 1_000 }),
      isTold: (told) => told.some((event) => event.kind === 'rejected' && event.rows === 1),
    }),
  ),
  {
    name: 'a stop, a kill, and a kill in the middle of writes',
    version: '2.9.1',
    ship: () => shipToRealServer(stopAndKill),
    isTold: hasGoneDown,
  },
  tooLarge('batches above what it takes', { batchSize: 1_000, maxBodyBytes: 20_000 }),
  // Go hangs up on what is sent behind a quarter of a megabyte that it has not asked for.
  tooLarge('batches far above what it takes', { batchSize: 5_000, maxBodyBytes: 100_000 }),
];

function hasGoneDown(told: Shipped['told']): boolean {
  return told.some(({ kind }) => kind === 'sink_down');
}

async function meetAll({ proxy, run }: Surroundings): Promise<void> {
  for (const [name, fault] of passingFaults) {
    proxy.meet(fault);
    await run.commit(130, (index) => index === 0 || index === 64 || index === 128);
    await run.settled();
    if (proxy.unmet > 0) throw new Error(`${name} was not met`);
  }
  await proxy.refuse();
  await run.commit(1_000, none);
}

async function loseAnswers({ proxy, run }: Surroundings): Promise<void> {
  proxy.always({ kind: 'cut_answer', afterBytes: 0 });
  await run.commit(2_000, none);
  await delay(3_000);
}

async function sendBadPoint({ proxy, run }: Surroundings, bad: number): Promise<void> {
  await proxy.refuse();
  await run.commit(1_000, (index) => index === bad);
}

async function stopAndKill({ influxdb, run }: Surroundings): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL', 'SIGKILL'] as const) {
    await run.commit(3_000, none);
    await influxdb.server.stop(signal);
    await run.commit(500, none);
    await influxdb.server.restart();
  }
}

/** InfluxDB 1 has `max-body-size`, and answers 413 to more, unless that is compressed. It is no outage: nobody is told of one. */
function tooLarge(name: string, options: RealOptions & { readonly maxBodyBytes: number }): RealFault {
  return {
    name: `${name} (413)`,
    version: '1.8.10',
    ship: () =>
      shipToRealServer(
        async ({ influxdb, proxy, run }) => {
          await proxy.refuse();
          await run.commit(12_000, none);
          await proxy.accept();
          await run.settled();
          await run.commit(500, none);
          await run.settled();
          const [statistics] = await influxdb.influxql("SHOW STATS FOR 'httpd'");
          const refused = Number(statistics?.['clientError']);
          if (!(refused > 3)) throw new Error(`the server has refused ${refused} requests`);
        },
        { ...options, version: '1.8.10' },
      ),
    // The connections that were refused at first.
    isTold: (told) => told.filter(({ kind }) => kind === 'sink_down').length <= 1,
  };
}
