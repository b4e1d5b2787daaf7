import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { InfluxdbConfig } from '../../../src/config/config.ts';
import { tierPlace } from '../../../src/model/tier-place.ts';
import { startFakeInfluxdb } from '../../contract/sink-fake-influxdb.ts';
import { createDice, type Dice } from '../dice.ts';
import { type Place, places, textOf } from './expected-points.ts';
import { lastingFaults, passingFaults } from './fault-catalogue.ts';
import { createHurriedClock } from './hurried-clock.ts';
import { type Comparison, compare, openShipping, type ShippingRun } from './shipping-run.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** Seconds of back-off and time-out pass in a hundredth. */
const hurry = 100;

/** What a run may have of its own. */
export type Overrides = { readonly batchSize?: number; readonly gzip?: boolean; readonly tiers?: boolean };

export type Faulty = { readonly run: ShippingRun; readonly proxy: TcpProxy };

export type Shipped = Comparison & {
  /** Over all places. */
  readonly points: number;
  readonly rewritten: number;
  readonly told: ShippingRun['told'];
};

/** Where a place is on the server. */
export function bucketOf(place: Place): string {
  return place === 'raw' ? 'live' : tierPlace('live', place);
}

/** A store that ships through the proxy into a server that behaves as 2.9.1 does; afterwards what it holds in each place is compared. */
export async function shipThroughFaults(
  misfortune: (faulty: Faulty) => Promise<void>,
  overrides: Overrides = {},
): Promise<Shipped> {
  await using resources = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'livetally-sink-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const server = resources.use(
    await startFakeInfluxdb({ version: '2.9.1', authorization: 'Token token-of-the-tests' }),
  );
  const compared = overrides.tiers === true ? places : (['raw'] as const);
  for (const place of compared) {
    server.createPlace(bucketOf(place));
    // Another writer has got hold of the field of the bad points, as a float.
    server.write(bucketOf(place), `room_stats,room_id=other likes_received_delta=1.5 ${Date.now()}`);
  }
  const proxy = resources.use(await startTcpProxy(Number(new URL(server.url).port)));
  const run = resources.use(
    await openShipping({
      path: join(folder, 'store.db'),
      clock: createHurriedClock(hurry),
      influxdb: influxdbAt(proxy.port, overrides),
      beginMs: Date.UTC(2020, 0, 31, 18, 23),
    }),
  );
  await misfortune({ run, proxy });
  proxy.always(undefined);
  await proxy.accept();
  await run.finished();
  const total = { lost: 0, doubled: 0, wrong: 0, points: 0 };
  for (const place of compared) {
    const held = server.pointsOf(bucketOf(place)).filter(({ tags }) => tags.get('room_id') !== 'other');
    const { lost, doubled, wrong } = compare(run, held.map(textOf), place);
    total.lost += lost;
    total.doubled += doubled;
    total.wrong += wrong;
    total.points += run.expected(place).length;
  }
  return { ...total, rewritten: run.rewritten(), told: run.told };
}

export function influxdbAt(port: number, overrides: Overrides = {}): InfluxdbConfig {
  return {
    ...{ kind: 'v2', url: `http://127.0.0.1:${port}`, org: 'livetally', bucket: 'live', token: 'token-of-the-tests' },
    ...{ keepMs: Number.POSITIVE_INFINITY, tiers: false, batchSize: 100, gzip: false, timeoutMs: 10_000 },
    ...overrides,
  };
}

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;

/** With tiers: until windows of 5 minutes end, sessions are closed that go on later, days and months end. */
const pauses = [0, 6 * minuteMs, 40 * minuteMs, 40 * minuteMs, dayMs, 33 * dayMs] as const;

/** A few episodes of any kind, with bad points in places that chance chooses. */
async function suffer({ run, proxy }: Faulty, dice: Dice): Promise<void> {
  const faults = [...passingFaults.values(), ...lastingFaults.values()];
  for (let episodes = 2 + dice.below(6); episodes > 0; episodes--) {
    const kind = dice.below(8);
    const few = Array.from({ length: 1 + dice.below(4) }, () => dice.pickAny(faults)).filter(
      (one) => one !== undefined,
    );
    if (kind === 0) await proxy.refuse();
    else if (kind === 1) proxy.always(few[0]);
    else if (kind < 5) proxy.meetAt(bucketOf(dice.pick(places)), ...few);
    else proxy.meet(...few);
    const badOneIn = dice.oneIn(3) ? 1 + dice.below(60) : Number.POSITIVE_INFINITY;
    if (dice.oneIn(3)) run.makeAnew(dice.below(20));
    await run.commit(1 + dice.below(dice.oneIn(5) ? 1_500 : 120), () => dice.below(badOneIn) === 0);
    run.pass(dice.pick(pauses));
    await delay(dice.below(40));
    // What lets smaller batches through does not end before they have passed.
    if (kind === 1 && few[0]?.kind === 'answer_to_large') await run.settled();
    proxy.always(undefined);
    await proxy.accept();
    if (dice.oneIn(3)) await run.settled();
  }
}

export async function runSinkSeed(seed: number): Promise<Shipped> {
  const dice = createDice(seed);
  const overrides = { gzip: dice.oneIn(2), batchSize: dice.pick([1, 7, 100, 1_000]), tiers: !dice.oneIn(4) };
  return await shipThroughFaults((faulty) => suffer(faulty, dice), overrides);
}

/** Each fault is met by each of the places, one after the other, while all have something to ship. */
export async function meetEveryFault(
  { run, proxy }: Faulty,
  meetings: readonly { readonly place: Place; readonly fault: string }[],
): Promise<void> {
  for (const { place, fault: name } of meetings) {
    const fault = passingFaults.get(name);
    if (fault === undefined) throw new Error(`no fault ${name}`);
    proxy.meetAt(bucketOf(place), fault);
    await run.commit(60, (index) => index === 0 || index === 30 || index === 58);
    // All windows have ended by the next commit, which rolls them up; sessions go on.
    run.pass(33 * dayMs);
    await run.commit(2, () => false);
    await metAll(proxy, `${name} at ${place}`);
    await run.settled();
  }
}

async function metAll(proxy: TcpProxy, name: string): Promise<void> {
  for (const deadline = performance.now() + 30_000; proxy.unmet > 0; await delay(2)) {
    if (performance.now() > deadline) throw new Error(`${name} was not met`);
  }
}
