import { describe, expect, test } from 'vitest';
import type { Traffic } from '../../bench/simulator.ts';
import { findingsOf } from './judge-soak.ts';
import type { SoakRun } from './soak-run.ts';
import type { Glance } from './soak-watch.ts';

const seconds = 3_600;
const lane = { requests: 0, limited: 0, byCode: {}, worstSlidingSecond: 90 };
const traffic: Traffic = { room_stats: lane, gift_count: lane };

/** Every two seconds, with what is polled at 95 % of the limits. */
function glances(change: (glance: Glance) => Partial<Glance> = () => ({})): readonly Glance[] {
  return Array.from({ length: seconds / 2 + 1 }, (_, index) => {
    const atSecond = index * 2;
    const counts = { room_stats: 95 * atSecond, gift_count: 190 * atSecond };
    const glance = {
      ...{ atSecond, residentBytes: 150e6, descriptors: 60, connections: 20, logBytes: 4e6, lagSeconds: 0.03 },
      ...{ isSinkUp: atSecond < 100 || atSecond > 140, requests: counts, answered: counts },
    };
    return { ...glance, ...change(glance) };
  });
}

const verified = { lost: 0, doubled: 0, wrong: 0, findings: [], looked: { samples: 100, windows: 10, points: 110 } };
const calmRun: SoakRun = {
  plan: {
    sink: [{ name: 'refused', fromSecond: 100, toSecond: 140, trouble: { kind: 'refused' } }],
    upstream: [{ name: 'errors', fromSecond: 200, toSecond: 260, trouble: [] }],
  },
  allowed: { room_stats: 100, gift_count: 200 },
  glances: glances(),
  traffic,
  failedPolls: 3,
  waiting: 0,
  ended: { code: 0, signal: null, stdout: '', stderr: '' },
  verified,
};

/** As if no room had been asked for from `fromSecond` to `toSecond`. */
function withStandstill(fromSecond: number, toSecond: number): SoakRun {
  const stopped = ({ atSecond, requests }: Glance) =>
    atSecond > fromSecond && atSecond < toSecond ? { requests: { ...requests, room_stats: 95 * fromSecond } } : {};
  return { ...calmRun, glances: glances(stopped) };
}

describe('a soak', () => {
  test('without anything wrong has no findings', () => {
    expect(findingsOf(calmRun)).toEqual([]);
  });

  test('may ask less while Tencent has a trouble, and for a while after it', () => {
    const slow = glances(({ atSecond, requests }) => {
      const missed = Math.min(60, Math.max(0, atSecond - 200)) * 40;
      const counts = { room_stats: requests.room_stats - missed, gift_count: requests.gift_count - missed };
      return { requests: counts, answered: counts };
    });
    expect(findingsOf({ ...calmRun, glances: slow })).toEqual([]);
  });

  test.each<[string, SoakRun]>([
    [
      'room_stats: 101 requests in a second',
      { ...calmRun, traffic: { ...traffic, room_stats: { ...lane, worstSlidingSecond: 101 } } },
    ],
    [
      'answered a second while all is well',
      {
        ...calmRun,
        glances: glances(({ atSecond, answered }) => ({
          answered: { ...answered, room_stats: answered.room_stats - 3 * Math.max(0, atSecond - 500) },
        })),
      },
    ],
    [
      'requests a second while InfluxDB has troubles',
      {
        ...calmRun,
        glances: glances(({ atSecond, requests }) => {
          const missed = Math.min(40, Math.max(0, atSecond - 100)) * 10;
          return { requests: { ...requests, gift_count: requests.gift_count - missed } };
        }),
      },
    ],
    ['no request for 12 s from second 200 on', withStandstill(200, 214)],
    [
      'event loop was 1.5 s late at second 60',
      { ...calmRun, glances: glances(({ atSecond }) => (atSecond === 60 ? { lagSeconds: 1.5 } : {})) },
    ],
    [
      'WAL had 40000000 bytes at second 62',
      { ...calmRun, glances: glances(({ atSecond }) => (atSecond === 62 ? { logBytes: 4e7 } : {})) },
    ],
    [
      '1700 descriptors were open at second 64',
      { ...calmRun, glances: glances(({ atSecond }) => (atSecond === 64 ? { descriptors: 1_700 } : {})) },
    ],
    [
      'memory grew',
      {
        ...calmRun,
        glances: glances(({ atSecond }) => ({ residentBytes: 150e6 * (1 + 0.25 * (atSecond / seconds)) })),
      },
    ],
    [
      'descriptors beside connections in use grew',
      { ...calmRun, glances: glances(({ atSecond }) => ({ descriptors: 60 + Math.floor(atSecond / 120) })) },
    ],
    ['WAL grew', { ...calmRun, glances: glances(({ atSecond }) => ({ logBytes: 4e6 + 1_000 * atSecond })) }],
    ['ended with 1', { ...calmRun, ended: { ...calmRun.ended, code: 1 } }],
    ['ended with SIGKILL', { ...calmRun, ended: { ...calmRun.ended, code: null, signal: 'SIGKILL' } }],
    ['it wrote to stderr: oh', { ...calmRun, ended: { ...calmRun.ended, stderr: 'oh' } }],
    ['12 rows still waited', { ...calmRun, waiting: 12 }],
    [
      'of 100 samples only 99 are in InfluxDB',
      { ...calmRun, verified: { ...verified, looked: { samples: 100, windows: 10, points: 99 } } },
    ],
    ['no trouble of InfluxDB was felt', { ...calmRun, glances: glances(() => ({ isSinkUp: true })) }],
    ['no trouble of Tencent was felt', { ...calmRun, failedPolls: 0 }],
  ])('is found out: %s', (words, run) => {
    expect(findingsOf(run)).toEqual([expect.stringContaining(words)]);
  });

  test('takes connections that slow answers have opened for no growth', () => {
    const busier = glances(({ atSecond }) => ({
      descriptors: 60 + Math.floor(atSecond / 4),
      connections: 20 + Math.floor(atSecond / 4),
    }));
    expect(findingsOf({ ...calmRun, glances: busier })).toEqual([]);
  });

  test('of a time without calm says that it cannot tell', () => {
    const always = [{ name: 'errors', fromSecond: 0, toSecond: seconds, trouble: [] }];
    expect(findingsOf({ ...calmRun, plan: { ...calmRun.plan, upstream: always } })).toContainEqual(
      expect.stringContaining('nothing can be said of the use'),
    );
  });
});
