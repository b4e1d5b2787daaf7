import { describe, expect, test } from 'vitest';
import { places } from './expected-points.ts';
import { passingFaults } from './fault-catalogue.ts';
import { keepToDate, keepToSizes } from './obedience.ts';
import { meetEveryFault, runSinkSeed, shipThroughFaults } from './sink-faults.ts';

const clean = { lost: 0, doubled: 0, wrong: 0 };
const none = () => false;

describe('what waits for the sink arrives once, and nothing else does, after', () => {
  test('every fault of the network and of proxies, one after the other', { timeout: 60_000 }, async () => {
    const shipped = await shipThroughFaults(async ({ run, proxy }) => {
      for (const fault of passingFaults.values()) {
        proxy.meet(fault);
        await run.commit(60, (index) => index === 0 || index === 30 || index === 58);
        await run.settled();
        expect(proxy.unmet).toBe(0);
      }
    });
    expect(shipped).toMatchObject(clean);
    expect(shipped.points).toBe(60 * passingFaults.size);
  });

  test('faults at the sinks of the tiers in turn', { timeout: 60_000 }, async () => {
    const faults = [...passingFaults.keys()].filter((_, index) => index % 4 === 0);
    const meetings = faults.map((fault, index) => ({ fault, place: places[1 + (index % 4)] ?? 'raw' }));
    const shipped = await shipThroughFaults((faulty) => meetEveryFault(faulty, meetings), { tiers: true });
    expect(shipped).toMatchObject(clean);
    expect(shipped.rewritten).toBeGreaterThan(50);
  });

  test('a limit of the size of a batch that lasts', { timeout: 60_000 }, async () => {
    expect(await shipThroughFaults(keepToSizes, { tiers: true })).toMatchObject(clean);
  });

  test('a date at which the server may be asked again, which is kept to', async () => {
    expect(await shipThroughFaults((faulty) => keepToDate(faulty, 'raw'))).toMatchObject(clean);
  });

  test('a time in which nobody listened', async () => {
    const shipped = await shipThroughFaults(async ({ run, proxy }) => {
      await proxy.refuse();
      await run.commit(500, none);
      await expect.poll(() => run.told.length, { timeout: 10_000 }).toBe(1);
      await proxy.accept();
      await run.commit(20, none);
    });
    expect(shipped).toMatchObject(clean);
    // Once for each outage: on a machine that is too busy there may be more of them.
    const kinds = shipped.told.map(({ kind }) => kind);
    expect(kinds.length).toBeGreaterThan(0);
    expect(kinds).toEqual(kinds.map((_, index) => (index % 2 === 0 ? 'sink_down' : 'sink_up')));
    expect(kinds.at(-1)).toBe('sink_up');
  });

  test.each([
    ['first', 0],
    ['one in the middle', 50],
    ['last', 98],
  ])('a bad point that is the %s of its batch', async (_, bad) => {
    const shipped = await shipThroughFaults(async ({ run, proxy }) => {
      await proxy.refuse();
      await run.commit(100, (index) => index === bad);
    });
    expect(shipped).toMatchObject(clean);
    expect(shipped.told).toContainEqual(expect.objectContaining({ kind: 'rejected', rows: 1 }));
  });

  test.each([1, 4])('a mixture of everything, seed %i', async (seed) => {
    expect(await runSinkSeed(seed)).toMatchObject(clean);
  });
});
