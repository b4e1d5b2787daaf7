import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { InfluxdbConfig } from '../../../src/config/config.ts';
import { startFakeInfluxdb } from '../../contract/sink-fake-influxdb.ts';
import { type CampaignPart, formatCount } from '../campaign-part.ts';
import { createDice, type Dice } from '../dice.ts';
import { passingFaults } from './fault-catalogue.ts';
import { createHurriedClock } from './hurried-clock.ts';
import { type Comparison, compare, openShipping, type ShippingRun, textOf } from './shipping-run.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** Seconds of back-off and time-out pass in a hundredth. */
const hurry = 100;

/** What a run may have of its own. */
export type Overrides = { readonly batchSize?: number; readonly gzip?: boolean };

export type Faulty = { readonly run: ShippingRun; readonly proxy: TcpProxy };

/** A store that ships through the proxy into a server that behaves as 2.9.1 does; afterwards what it holds is compared. */
export async function shipThroughFaults(
  misfortune: (faulty: Faulty) => Promise<void>,
  overrides: Overrides = {},
): Promise<Comparison & { readonly points: number; readonly told: ShippingRun['told'] }> {
  await using resources = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'livetally-sink-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const server = resources.use(
    await startFakeInfluxdb({ version: '2.9.1', authorization: 'Token token-of-the-tests' }),
  );
  server.createPlace('live');
  // Another writer has got hold of the field of the bad points, as a float.
  server.write('live', `room_stats,room_id=other likes_received_delta=1.5 ${Date.now()}`);
  const proxy = resources.use(await startTcpProxy(Number(new URL(server.url).port)));
  const run = resources.use(
    await openShipping({
      path: join(folder, 'store.db'),
      clock: createHurriedClock(hurry),
      influxdb: influxdbAt(proxy.port, overrides),
    }),
  );
  await misfortune({ run, proxy });
  proxy.always(undefined);
  await proxy.accept();
  await run.settled();
  const held = server.pointsOf('live').filter(({ tags }) => tags.get('room_id') !== 'other');
  return { ...compare(run, held.map(textOf)), points: run.committed.size, told: run.told };
}

export function influxdbAt(port: number, overrides: Overrides = {}): InfluxdbConfig {
  return {
    ...{ kind: 'v2', url: `http://127.0.0.1:${port}`, org: 'livetally', bucket: 'live', token: 'token-of-the-tests' },
    ...{ keepMs: Number.POSITIVE_INFINITY, tiers: false, batchSize: 100, gzip: false, timeoutMs: 10_000 },
    ...overrides,
  };
}

/** A few episodes of any kind, with bad points in places that chance chooses. */
async function suffer({ run, proxy }: Faulty, dice: Dice): Promise<void> {
  const faults = [...passingFaults.values()];
  for (let episodes = 2 + dice.below(6); episodes > 0; episodes--) {
    const kind = dice.below(8);
    const few = Array.from({ length: 1 + dice.below(4) }, () => dice.pickAny(faults)).filter(
      (one) => one !== undefined,
    );
    if (kind === 0) await proxy.refuse();
    else if (kind === 1) proxy.always(few[0]);
    else proxy.meet(...few);
    const badOneIn = dice.oneIn(3) ? 1 + dice.below(60) : Number.POSITIVE_INFINITY;
    await run.commit(1 + dice.below(dice.oneIn(5) ? 1_500 : 120), () => dice.below(badOneIn) === 0);
    await delay(dice.below(40));
    proxy.always(undefined);
    await proxy.accept();
    if (dice.oneIn(3)) await run.settled();
  }
}

export async function runSinkSeed(seed: number): Promise<Comparison & { readonly points: number }> {
  const dice = createDice(seed);
  const overrides = { gzip: dice.oneIn(2), batchSize: dice.pick([1, 7, 100, 1_000]) };
  return await shipThroughFaults((faulty) => suffer(faulty, dice), overrides);
}

export const sinkFaults: CampaignPart = {
  name: 'sink',
  summary: 'a sink behind a network that does everything networks do: every point arrives once',
  async run({ seed: first, count = 1_000, log }) {
    const total = { points: 0, lost: 0, doubled: 0, wrong: 0 };
    const findings: string[] = [];
    for (let seed = first; seed < first + count; seed++) {
      if ((seed - first) % 100 === 99) log(`${seed - first + 1} of ${count}`);
      try {
        const { points, lost, doubled, wrong } = await runSinkSeed(seed);
        total.points += points;
        total.lost += lost;
        total.doubled += doubled;
        total.wrong += wrong;
        if (lost + doubled + wrong > 0) findings.push(`seed ${seed}: ${lost} lost, ${doubled} doubled, ${wrong} false`);
      } catch (error) {
        total.wrong++;
        findings.push(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    const howMany = `${formatCount(count, 'runs')}, ${formatCount(total.points, 'points')}`;
    return [
      { test: 'sink faults over a proxy, between a real store and a server like 2.9.1', howMany, ...total, findings },
    ];
  },
};
