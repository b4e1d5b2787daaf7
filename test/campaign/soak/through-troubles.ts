import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../../../src/simulator/fault.ts';
import type { BenchSimulator } from '../../bench/simulator.ts';
import type { Influxdb2 } from '../../real/servers/influxdb-2.ts';
import { readText } from '../../real/servers/json-answer.ts';
import type { ServerProcess } from '../../real/servers/spawn-server.ts';
import type { TcpProxy } from '../sink/tcp-proxy.ts';
import type { Episode, FaultPlan, SinkTrouble } from './fault-plan.ts';
import { type Glance, glance, type Watched } from './soak-watch.ts';

/** Metrics are made anew after a second. */
const glanceMs = 2_000;

type Watching = {
  readonly plan: FaultPlan;
  readonly seconds: number;
  readonly log: (line: string) => void;
  readonly watched: Watched;
};
type Surroundings = { readonly influxdb: Influxdb2; readonly proxy: TcpProxy; readonly simulator: BenchSimulator };

/** Lets the troubles of a plan come and go, and looks at the program all the time. */
export async function watchThrough(
  { plan, seconds, log, watched }: Watching,
  { influxdb, proxy, simulator }: Surroundings,
): Promise<readonly Glance[]> {
  const beganMs = performance.now();
  const untilSecond = (second: number) => delay(Math.max(0, beganMs + second * 1000 - performance.now()));
  const glances: Glance[] = [];
  async function watch(): Promise<void> {
    for (let second = 0; second <= seconds; second += glanceMs / 1000) {
      await untilSecond(second);
      const now = await glance(watched, beganMs);
      glances.push(now);
      if (second % 60 === 0) log(describe(now));
    }
  }
  async function suffer<Trouble>(
    side: string,
    episodes: readonly Episode<Trouble>[],
    begin: (trouble: Trouble) => Promise<void>,
    end: (trouble: Trouble) => Promise<void>,
  ): Promise<void> {
    for (const { name, fromSecond, toSecond, trouble } of episodes) {
      await untilSecond(fromSecond);
      log(`${side}: ${name}, from second ${fromSecond} to ${toSecond}`);
      await begin(trouble);
      await untilSecond(toSecond);
      await end(trouble);
    }
  }
  await Promise.all([
    watch(),
    suffer(
      'influxdb',
      plan.sink,
      (trouble) => beginTrouble(trouble, influxdb, proxy),
      (trouble) => endTrouble(trouble, influxdb, proxy),
    ),
    suffer(
      'tencent',
      plan.upstream,
      (faults) => setFaults(simulator, faults),
      () => setFaults(simulator, []),
    ),
  ]);
  return glances;
}

function describe({ atSecond, residentBytes, descriptors, connections, logBytes, lagSeconds }: Glance): string {
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return (
    `${Math.round(atSecond / 60)} min: ${mebibytes(residentBytes)} resident, ${descriptors} descriptors, ` +
    `${connections} of them connections to the service, WAL of ${mebibytes(logBytes)}, event loop at most ${Math.round(1000 * lagSeconds)} ms late`
  );
}

async function beginTrouble(trouble: SinkTrouble, { server }: Influxdb2, proxy: TcpProxy): Promise<void> {
  switch (trouble.kind) {
    case 'refused':
      return await proxy.refuse();
    case 'connection':
      return proxy.always(trouble.fault);
    case 'restart':
      return await server.stop(trouble.signal);
    default:
      return trouble satisfies never;
  }
}

async function endTrouble(trouble: SinkTrouble, { server }: Influxdb2, proxy: TcpProxy): Promise<void> {
  switch (trouble.kind) {
    case 'refused':
      return await proxy.accept();
    case 'connection':
      return proxy.always(undefined);
    case 'restart':
      return await bringBack(server);
    default:
      return trouble satisfies never;
  }
}

/** After a kill it reads its own log first, which a busy machine may take longer for than it is given. */
async function bringBack(server: ServerProcess, attempts = 3): Promise<void> {
  try {
    await server.restart();
  } catch (error) {
    if (attempts <= 1) throw error;
    await bringBack(server, attempts - 1);
  }
}

async function setFaults({ server }: BenchSimulator, faults: readonly Fault[]): Promise<void> {
  await readText(await fetch(`${server.url}/simulator/faults`, { method: 'POST', body: JSON.stringify(faults) }));
}
