import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppTraffic, documentedLimits } from '../../../src/simulator/traffic.ts';

function createTraffic({ limits = {}, refusedCount = false } = {}) {
  return new AppTraffic({ ...documentedLimits, ...limits }, refusedCount);
}

describe('the traffic of an app', () => {
  test('lets exactly the limit through in any sliding second of a flood, and refuses the rest with 60007', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 30 }), { minLength: 100, maxLength: 600 }), (pauses) => {
        const traffic = createTraffic({ limits: { room_stats: 40 } });
        const admitted: number[] = [];
        let nowMs = 0;
        for (const pauseMs of pauses) {
          nowMs += pauseMs;
          const before = admitted.filter((at) => at > nowMs - 1000).length;
          const code = traffic.admit('room_stats', nowMs, 0);
          expect(code).toBe(before < 40 ? 0 : 60007);
          if (code === 0) admitted.push(nowMs);
        }
      }),
    );
  });

  test('limits each endpoint by itself, with the documented limits by default', () => {
    const traffic = createTraffic();
    const flood = (endpoint: 'room_stats' | 'gift_count') =>
      Array.from({ length: 300 }, () => traffic.admit(endpoint, 5, 0)).filter((code) => code === 0).length;
    expect(flood('room_stats')).toBe(100);
    expect(flood('gift_count')).toBe(200);
  });

  test('answers 60011 when both endpoints together exceed the limit of the app', () => {
    const traffic = createTraffic({ limits: { app: 3 } });
    expect(traffic.admit('room_stats', 0, 0)).toBe(0);
    expect(traffic.admit('gift_count', 1, 0)).toBe(0);
    expect(traffic.admit('room_stats', 2, 0)).toBe(0);
    expect(traffic.admit('gift_count', 3, 0)).toBe(60011);
    expect(traffic.admit('gift_count', 1000, 0)).toBe(0);
  });

  test('gives less where another program uses part of the limit', () => {
    const traffic = createTraffic();
    const codes = Array.from({ length: 50 }, () => traffic.admit('room_stats', 0, 70));
    expect(codes.filter((code) => code === 0)).toHaveLength(30);
  });

  test('lets a steady flood have the limit unless refused requests count; then it gets nothing until it pauses', () => {
    const admittedOf = (traffic: AppTraffic) =>
      Array.from({ length: 1500 }, (_, index) => traffic.admit('room_stats', index * 2, 0)).filter(
        (code) => code === 0,
      );
    expect(admittedOf(createTraffic())).toHaveLength(300);
    const strict = createTraffic({ refusedCount: true });
    expect(admittedOf(strict)).toHaveLength(100);
    expect(strict.admit('room_stats', 2998 + 1000, 0)).toBe(0);
  });

  test('refuses nothing for having been read late: what may have arrived a second before does not count', () => {
    const traffic = createTraffic({ limits: { room_stats: 2 } });
    expect(traffic.admit('room_stats', 300, 0, 0)).toBe(0);
    expect(traffic.admit('room_stats', 300, 0, 100)).toBe(0);
    expect(traffic.admit('room_stats', 999, 0, 999)).toBe(60007);
    expect(traffic.admit('room_stats', 1000, 0, 1000)).toBe(0);
    expect(traffic.admit('room_stats', 1050, 0, 1050)).toBe(60007);
  });

  test('reports requests, codes, faults, the worst sliding second and the use of the limit', () => {
    const traffic = createTraffic({ limits: { room_stats: 10 } });
    for (let index = 0; index < 40; index++) {
      const atMs = 500 + index * 50;
      traffic.arrive('room_stats', atMs);
      const code = traffic.admit('room_stats', atMs, 0);
      traffic.answer('room_stats', code, index === 0 ? 'silence' : undefined);
    }
    expect(traffic.report(1400000000)).toEqual({
      sdkAppId: 1400000000,
      endpoints: {
        room_stats: {
          limit: 10,
          requests: 40,
          limited: 20,
          byCode: { 0: 19, 60007: 20 },
          byFault: { silence: 1 },
          worstSlidingSecond: 20,
          worstSlidingSecondAsRead: 20,
          longestUnreadMs: 0,
          firstArrivalMs: 500,
          lastArrivalMs: 2450,
          perSecond: 20,
          utilisation: 2,
        },
        gift_count: {
          limit: 200,
          requests: 0,
          limited: 0,
          byCode: {},
          byFault: {},
          worstSlidingSecond: 0,
          worstSlidingSecondAsRead: 0,
          longestUnreadMs: 0,
          firstArrivalMs: undefined,
          lastArrivalMs: undefined,
          perSecond: 0,
          utilisation: 0,
        },
      },
    });
  });
});
