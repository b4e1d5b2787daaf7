import { describe, expect, test } from 'vitest';
import type { Random } from '../../../src/model/random.ts';
import { ActiveFaults } from '../../../src/simulator/active-faults.ts';
import { createChance } from '../../../src/simulator/chance.ts';
import type { Fault } from '../../../src/simulator/fault.ts';

const chance = createChance(1);
const random: Random = (bound) => Math.floor(chance.uniform() * bound);
const request = { sdkAppId: 1400000000, endpoint: 'room_stats', roomId: 'room-0001' } as const;

function setFaults(...faults: Fault[]): ActiveFaults {
  const active = new ActiveFaults(random);
  active.set(faults, 1000);
  return active;
}

const strikes = (active: ActiveFaults, changes: object = {}, nowMs = 1000) =>
  active.strike({ ...request, ...changes }, nowMs).breaking !== undefined;

describe('active faults', () => {
  test('strike every request where no condition is given', () => {
    expect(strikes(setFaults({ kind: 'silence' }))).toBe(true);
  });

  test('strike only the endpoint, app and room they are for', () => {
    const active = setFaults({ kind: 'silence', endpoint: 'room_stats', sdkAppId: 1400000000, room: 'room-0001' });
    expect(strikes(active)).toBe(true);
    expect(strikes(active, { endpoint: 'gift_count' })).toBe(false);
    expect(strikes(active, { sdkAppId: 1 })).toBe(false);
    expect(strikes(active, { roomId: 'room-0002' })).toBe(false);
    expect(strikes(active, { roomId: undefined })).toBe(false);
  });

  test('strike as many requests as their count says, and tell how many that were', () => {
    const active = setFaults({ kind: 'silence', count: 2 });
    expect([strikes(active), strikes(active), strikes(active)]).toEqual([true, true, false]);
    expect(active.list()).toEqual([{ fault: { kind: 'silence', count: 2 }, struck: 2 }]);
  });

  test('strike only within their period, which begins when they are set', () => {
    const active = setFaults({ kind: 'silence', afterMs: 500, forMs: 100 });
    expect([1499, 1500, 1599, 1600].map((nowMs) => strikes(active, {}, nowMs))).toEqual([false, true, true, false]);
  });

  test('strike about their share of the requests', () => {
    const active = setFaults({ kind: 'silence', share: 0.1 });
    const struck = Array.from({ length: 10_000 }, () => strikes(active)).filter((isStruck) => isStruck).length;
    expect(struck).toBeGreaterThan(850);
    expect(struck).toBeLessThan(1150);
  });

  test('add their delays up, and let the first that breaks the answer break it', () => {
    const active = setFaults(
      { kind: 'latency', ms: 100 },
      { kind: 'code', code: 60007, count: 1 },
      { kind: 'truncated' },
      { kind: 'latency', ms: 50, spreadMs: 10 },
    );
    const { delayMs, breaking } = active.strike(request, 1000);
    expect(delayMs).toBeGreaterThanOrEqual(150);
    expect(delayMs).toBeLessThan(160);
    expect(breaking).toEqual({ kind: 'code', code: 60007, count: 1 });
    expect(active.strike(request, 1000).breaking).toEqual({ kind: 'truncated' });
    expect(active.list().map(({ struck }) => struck)).toEqual([2, 1, 1, 2]);
  });

  test('use part of the limit of the endpoint they throttle, and of no other', () => {
    const active = setFaults(
      { kind: 'throttle', perSecond: 60, endpoint: 'room_stats' },
      { kind: 'throttle', perSecond: 10, forMs: 100 },
    );
    expect(active.eaten(1400000000, 'room_stats', 1000)).toBe(70);
    expect(active.eaten(1400000000, 'gift_count', 1000)).toBe(10);
    expect(active.eaten(1400000000, 'room_stats', 1100)).toBe(60);
    expect(strikes(active)).toBe(false);
  });

  test('take the place of those that were set before', () => {
    const active = setFaults({ kind: 'silence' });
    active.set([], 2000);
    expect(strikes(active, {}, 2000)).toBe(false);
  });
});
