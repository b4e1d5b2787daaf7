import { describe, expect, test } from 'vitest';
import { createRollUp } from '../../../src/roll-up/roll-up.ts';
import { intervalMs, sampleAt, startMs, stateOf, windowsOf } from './samples.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const rollUp = createRollUp({ timezone: 'Etc/UTC', closeAfterMs: 30 * minuteMs });

describe('a window', () => {
  test('sums up what its samples say', () => {
    const samples = [
      sampleAt(0, { totals: [100, 7], deltas: [5, undefined], gapMs: undefined }),
      sampleAt(15_000, { totals: [104, 9], deltas: [4, 2] }),
      sampleAt(60_000, { totals: [undefined, 9], deltas: [undefined, 0], gapMs: 45_000, inGap: true }),
      sampleAt(75_000, { totals: [110, undefined], deltas: [6, undefined] }),
    ];
    expect(windowsOf(rollUp, '5m', ...samples)).toEqual([
      {
        startMs,
        endMs: startMs + 5 * minuteMs,
        samples: 4,
        coveredMs: 30_000,
        totals: [110, 9],
        deltas: [15, 2],
        gapDeltas: [0, 0],
        peaks: [9, 2],
      },
    ]);
  });

  test('holds the samples from its start until before its end, and exists only when there are some', () => {
    const samples = [0, 5 * minuteMs - 1, 15 * minuteMs, 20 * minuteMs].map((atMs) => sampleAt(atMs));
    const windows = windowsOf(rollUp, '5m', ...samples);
    expect(windows.map((one) => [(one.startMs - startMs) / minuteMs, one.samples])).toEqual([
      [0, 2],
      [15, 1],
      [20, 1],
    ]);
  });

  test('knows nothing of a counter that no sample had, and no growth where none had a delta', () => {
    const samples = [sampleAt(0, { totals: [undefined, 8], deltas: [undefined, undefined] })];
    expect(windowsOf(rollUp, '1h', ...samples)).toMatchObject([
      {
        totals: [undefined, 8],
        deltas: [undefined, undefined],
        gapDeltas: [undefined, undefined],
        peaks: [undefined, undefined],
      },
    ]);
  });

  test('has the last totals, even when they are lower than those before', () => {
    const samples = [sampleAt(0, { totals: [900] }), sampleAt(15_000, { totals: [850] })];
    expect(windowsOf(rollUp, '5m', ...samples)).toMatchObject([{ totals: [850] }]);
  });

  test('counts growth in a gap in its sum and beside it, and never in its peak', () => {
    const samples = [sampleAt(0, { deltas: [40], gapMs: 50_000, inGap: true }), sampleAt(15_000, { deltas: [2] })];
    expect(windowsOf(rollUp, '5m', ...samples)).toMatchObject([
      { deltas: [42], gapDeltas: [40], peaks: [2], coveredMs: intervalMs },
    ]);
    expect(windowsOf(rollUp, '5m', ...samples.slice(0, 1))).toMatchObject([
      { deltas: [40], gapDeltas: [40], peaks: [0], coveredMs: 0 },
    ]);
  });
});

describe('the peak', () => {
  test('is the growth of the best minute of UTC', () => {
    const deltas = [1, 2, 3, 4, 5, 0, 0, 6, 1, 1, 1, 1];
    const samples = deltas.map((delta, index) => sampleAt(index * intervalMs, { deltas: [delta] }));
    expect(windowsOf(rollUp, '5m', ...samples)).toMatchObject([{ peaks: [11] }]);
  });

  test('takes growth over more than a minute as even', () => {
    const samples = [sampleAt(0, { deltas: [100], gapMs: 90_000 }), sampleAt(30_000, { deltas: [3], gapMs: 30_000 })];
    expect(windowsOf(rollUp, '5m', ...samples)).toMatchObject([{ deltas: [103], peaks: [69] }]);
  });

  test('of an hour goes on with a minute whose last sample comes with the next call', () => {
    const first = rollUp.addToWindows(undefined, [sampleAt(0, { deltas: [5] })]);
    const second = rollUp.addToWindows(first.state, [sampleAt(intervalMs, { deltas: [6] })]);
    const { ended } = rollUp.endWindows(stateOf(second), startMs + hourMs);
    expect(ended).toMatchObject([
      { tier: '5m', window: { peaks: [11] } },
      { tier: '1h', window: { peaks: [11] } },
    ]);
  });
});

describe('windows end', () => {
  test('when a later sample lies in a later one', () => {
    const first = rollUp.addToWindows(undefined, [sampleAt(0)]);
    expect(first.ended).toEqual([]);
    const second = rollUp.addToWindows(first.state, [sampleAt(hourMs)]);
    expect(second.ended.map(({ tier }) => tier)).toEqual(['5m', '1h']);
  });

  test('when the time has come that the step before told, and not before', () => {
    let step = rollUp.addToWindows(undefined, [sampleAt(0)]);
    const seen: unknown[] = [];
    while (step.state !== undefined && step.nextEndMs !== undefined) {
      const endMs = step.nextEndMs;
      expect(rollUp.endWindows(step.state, endMs - 1)).toMatchObject({ state: step.state, ended: [] });
      step = rollUp.endWindows(step.state, endMs);
      seen.push([(endMs - startMs) / hourMs, ...step.ended.map(({ tier }) => tier)]);
    }
    expect(seen).toEqual([
      [5 / 60, '5m'],
      [1, '1h'],
      [24, '1d'],
      [4 * 24, '1mo'],
    ]);
    expect(step).toMatchObject({ state: undefined, nextEndMs: undefined });
  });

  test('all at once after a long time, and the next sample begins new ones', () => {
    const first = rollUp.addToWindows(undefined, [sampleAt(0)]);
    const late = rollUp.endWindows(stateOf(first), startMs + 40 * dayMs);
    expect(late.ended.map(({ tier }) => tier)).toEqual(['5m', '1h', '1d', '1mo']);
    expect(late.state).toBeUndefined();
    const later = rollUp.addToWindows(late.state, [sampleAt(40 * dayMs)]);
    expect(later.nextEndMs).toBe(startMs + 40 * dayMs + 5 * minuteMs);
  });

  test('for a sample that comes when its own have ended it counts in the next, so that none is written twice', () => {
    const first = rollUp.addToWindows(undefined, [sampleAt(0)]);
    const ended = rollUp.endWindows(stateOf(first), startMs + 5 * minuteMs);
    const late = rollUp.addToWindows(ended.state, [sampleAt(15_000, { deltas: [7] })]);
    expect(late.nextEndMs).toBe(startMs + 10 * minuteMs);
    expect(rollUp.endWindows(stateOf(late), startMs + hourMs).ended).toMatchObject([
      { tier: '5m', window: { startMs: startMs + 5 * minuteMs, samples: 1, deltas: [7] } },
      { tier: '1h', window: { startMs, samples: 2, deltas: [7] } },
    ]);
  });
});

describe('another reporting zone', () => {
  const kolkata = createRollUp({ timezone: 'Asia/Kolkata', closeAfterMs: 30 * minuteMs });

  test('lets open windows go on to the end they had, and begins the next ones where those ended', () => {
    const before = rollUp.addToWindows(undefined, [sampleAt(0)]);
    const after = kolkata.addToWindows(before.state, [sampleAt(23 * hourMs), sampleAt(24 * hourMs)]);
    expect(after.ended.filter(({ tier }) => tier === '1d')).toMatchObject([
      { window: { startMs, endMs: startMs + dayMs, samples: 2 } },
    ]);
    const rest = kolkata.endWindows(stateOf(after), startMs + 2 * dayMs);
    expect(rest.ended.filter(({ tier }) => tier === '1d')).toMatchObject([
      { window: { startMs: startMs + dayMs, endMs: startMs + 42.5 * hourMs, samples: 1 } },
    ]);
  });

  test('begins its first day where the last one ended when that was ended by time', () => {
    const before = rollUp.addToWindows(undefined, [sampleAt(0)]);
    const night = rollUp.endWindows(stateOf(before), startMs + dayMs);
    const after = kolkata.addToWindows(night.state, [sampleAt(25 * hourMs)]);
    const { ended } = kolkata.endWindows(stateOf(after), startMs + 2 * dayMs);
    expect(ended.filter(({ tier }) => tier === '1d')).toMatchObject([{ window: { startMs: startMs + dayMs } }]);
  });
});

test('a sum that no field can carry stays at the greatest that one can', () => {
  const most = Number.MAX_SAFE_INTEGER;
  const samples = [sampleAt(0, { deltas: [most] }), sampleAt(15_000, { deltas: [most] })];
  expect(windowsOf(rollUp, '1d', ...samples)).toMatchObject([{ deltas: [most], peaks: [most] }]);
});
