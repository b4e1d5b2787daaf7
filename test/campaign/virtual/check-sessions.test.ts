import { describe, expect, test } from 'vitest';
import type { Sample, Totals } from '../../../src/model/sample.ts';
import { checkSessions, type SessionRow } from './check-sessions.ts';
import { Findings } from './findings.ts';
import { peaksOf } from './peaks.ts';
import type { TakenSample } from './truth-log.ts';

const series = { target: { endpoint: 'room_stats', app: 'main', roomId: 'r' }, labels: {} } as const;
const second = 1_000;

/** Two counters; due so many seconds after the first sample. */
function take(dueSeconds: number, sessionSeconds: number, totals: Totals, deltas: Totals): TakenSample {
  const sample: Sample = {
    ...{ dueMs: dueSeconds * second, delayMs: 1, gapMs: dueSeconds === 0 ? undefined : 15 * second, inGap: false },
    ...{ sessionMs: sessionSeconds * second, totals, deltas },
  };
  const truth = { making: 0, isStale: false, answered: totals, goneBefore: 'no', isGoneFalse: false } as const;
  return { ...truth, series, sample, schedule: undefined };
}

/** A room that is met with 100 viewers, and is made anew 45 seconds later. */
const samples = [
  take(0, 0, [100, undefined], [undefined, undefined]),
  take(15, 0, [110, 7], [10, undefined]),
  take(30, 0, [125, 9], [15, 2]),
  take(45, 45, [3, 1], [3, 1]),
];

const first = {
  ...{ startMs: 0, endMs: 30 * second, samples: 3, coveredMs: 30 * second, isConfirmed: true },
  ...{ totals: [125, 9], openings: [100, 7], peaks: [25, 2] },
};

function found(rows: readonly SessionRow[]): readonly string[] {
  const findings = new Findings();
  checkSessions(rows, { samples, isWhole: true }, findings);
  return findings.words;
}

describe('sessions are held against the answers', () => {
  test('what is right is not found fault with, and the last session may still be open', () => {
    expect(found([{ series, session: first }])).toEqual([]);
  });

  test('only the newest row of a session counts', () => {
    const early = { ...first, endMs: 15 * second, samples: 2 };
    expect(
      found([
        { series, session: early },
        { series, session: first },
      ]),
    ).toEqual([]);
    expect(
      found([
        { series, session: first },
        { series, session: early },
      ]),
    ).toHaveLength(1);
  });

  test.each<[string, Partial<typeof first>]>([
    ['endMs', { endMs: 31 * second }],
    ['samples', { samples: 2 }],
    ['coveredMs', { coveredMs: 15 * second }],
    ['totals', { totals: [125, 8] }],
    ['openings', { openings: [0, 7] }],
    ['peaks', { peaks: [24, 2] }],
    ['isConfirmed', { isConfirmed: false }],
  ])('a wrong figure is found: %s', (figure, change) => {
    expect(found([{ series, session: { ...first, ...change } }])).toEqual([expect.stringContaining(`: ${figure} `)]);
  });

  test('a session without a row is found, and a row without a session', () => {
    expect(found([])).toEqual([expect.stringContaining('it has no row')]);
    const stranger = { ...first, startMs: 15 * second };
    expect(
      found([
        { series, session: first },
        { series, session: stranger },
      ]),
    ).toEqual([expect.stringContaining('have never been')]);
  });
});

test('a peak is what the samples of one minute show, with its share of what grew over more than one', () => {
  const at = (dueSeconds: number, gapSeconds: number, delta: number, inGap = false): Sample => ({
    ...{ dueMs: dueSeconds * second, delayMs: 1, gapMs: gapSeconds * second, inGap, sessionMs: 0 },
    ...{ totals: [0], deltas: [delta] },
  });
  expect(peaksOf([at(15, 15, 4), at(45, 30, 3), at(60, 15, 6)])).toEqual([7]);
  expect(peaksOf([at(120, 120, 31)])).toEqual([15]);
  expect(peaksOf([at(600, 600, 1_000, true)])).toEqual([0]);
});
