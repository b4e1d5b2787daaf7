import { describe, expect, test } from 'vitest';
import type { Sample } from '../../../src/model/sample.ts';
import { createRollUp, type SessionStep } from '../../../src/roll-up/roll-up.ts';
import { intervalMs, sampleAt, startMs } from './samples.ts';

const minuteMs = 60_000;
const closeAfterMs = 30 * minuteMs;
const rollUp = createRollUp({ timezone: 'Etc/UTC', closeAfterMs });

/** Adds samples of one series. */
const add = (before: SessionStep | undefined, ...samples: readonly Sample[]) =>
  rollUp.addToSession(
    before?.state,
    samples.map((sample) => ({ seriesId: 1, sample })),
  );

/** The session that these samples make, closed by time. */
function sessionOf(...samples: readonly Sample[]) {
  const { ended } = rollUp.endSession(add(undefined, ...samples).state, startMs + 10 * closeAfterMs);
  expect(ended).toHaveLength(1);
  return ended[0]?.session;
}

const met = (totals: Sample['totals']) =>
  sampleAt(0, { totals, deltas: totals.map(() => undefined), gapMs: undefined, inGap: false });

describe('a session', () => {
  test('that was met in the middle opens with what was there, and its totals are that and all growth', () => {
    const growing = [
      sampleAt(15_000, { totals: [104, 9], deltas: [4, 2] }),
      sampleAt(30_000, { totals: [90, 9], deltas: [0, 0] }),
      sampleAt(45_000, { totals: [105, undefined], deltas: [1, undefined] }),
    ];
    expect(sessionOf(met([100, 7]), ...growing)).toEqual({
      startMs,
      endMs: startMs + 45_000,
      samples: 4,
      coveredMs: 45_000,
      totals: [105, 9],
      openings: [100, 7],
      peaks: [5, 2],
      isConfirmed: true,
    });
  });

  test('that began under our eyes opens with zeros, also for a counter that comes later', () => {
    const began = sampleAt(0, { totals: [3, undefined], deltas: [3, undefined], gapMs: 20 * minuteMs, inGap: true });
    const later = sampleAt(15_000, { totals: [4, 6], deltas: [1, 6] });
    expect(sessionOf(began, later)).toMatchObject({ totals: [4, 6], openings: [0, 0], coveredMs: intervalMs });
  });

  test('opens with the last total that had nothing to be compared with', () => {
    const inDoubt = sampleAt(15_000, { totals: [10, 7], deltas: [0, undefined] });
    const first = sampleAt(30_000, { totals: [101, 8], deltas: [1, undefined] });
    const second = sampleAt(45_000, { totals: [102, 9], deltas: [1, 1] });
    expect(sessionOf(met([100, undefined]), inDoubt, first, second)).toMatchObject({
      totals: [102, 9],
      openings: [100, 8],
      peaks: [2, 1],
    });
  });

  test('that counts from zero still does for a counter whose first total is in doubt', () => {
    const began = sampleAt(0, { totals: [80, undefined], deltas: [80, undefined] });
    const inDoubt = sampleAt(15_000, { totals: [3, 40], deltas: [0, 0] });
    expect(sessionOf(began, inDoubt)).toMatchObject({ totals: [80, undefined], openings: [0, undefined] });
    const next = sampleAt(30_000, { totals: [81, 41], deltas: [1, 41] });
    expect(sessionOf(began, inDoubt, next)).toMatchObject({ totals: [81, 41], openings: [0, 0] });
  });

  test('does not open with a total that was sent in doubt only: it is of the next session', () => {
    const inDoubt = [15_000, 30_000, 45_000].map((atMs) =>
      sampleAt(atMs, { totals: [10, 7], deltas: [0, undefined], inGap: atMs === 15_000 }),
    );
    const next = { ...sampleAt(60_000, { totals: [12, 9], deltas: [12, 9] }), sessionMs: startMs + 15_000 };
    const { ended, state } = rollUp.addToSession(
      undefined,
      [met([100, undefined]), ...inDoubt, next].map((sample) => ({ seriesId: 1, sample })),
    );
    expect(ended.map(({ session }) => session)).toMatchObject([
      { totals: [100, undefined], openings: [100, undefined], endMs: startMs + 15_000 },
    ]);
    expect(rollUp.endSession(state, startMs + 60 * minuteMs).ended.map(({ session }) => session)).toMatchObject([
      { totals: [12, 9], openings: [0, 0] },
    ]);
  });

  test('knows nothing of a counter that was never sent, and no peak of one that has no growth', () => {
    expect(sessionOf(met([5, undefined]))).toMatchObject({
      totals: [5, undefined],
      openings: [5, undefined],
      peaks: [undefined, undefined],
      endMs: startMs,
      coveredMs: 0,
    });
  });

  test('is unconfirmed once a counter grew in a gap, and only then', () => {
    const gap = { gapMs: 10 * minuteMs, inGap: true };
    const quiet = sampleAt(10 * minuteMs, { totals: [100], deltas: [0], ...gap });
    const grown = sampleAt(20 * minuteMs, { totals: [101], deltas: [1], ...gap });
    expect(sessionOf(met([100]), quiet)).toMatchObject({ isConfirmed: true, coveredMs: 0 });
    expect(sessionOf(met([100]), quiet, grown)).toMatchObject({ isConfirmed: false, peaks: [0] });
    // A session that counts from zero is a new one for certain, however long the gap was before it.
    expect(sessionOf(sampleAt(0, { totals: [8], deltas: [8], ...gap }))).toMatchObject({ isConfirmed: true });
  });
});

describe('a session is closed', () => {
  test('when the next begins, under the series of its own first sample', () => {
    const step = rollUp.addToSession(undefined, [
      { seriesId: 1, sample: met([100]) },
      { seriesId: 2, sample: sampleAt(15_000, { totals: [104], deltas: [4] }) },
      { seriesId: 3, sample: sampleAt(30_000, { totals: [1], deltas: [1], sessionMs: startMs + 30_000 }) },
    ]);
    expect(step.ended).toMatchObject([{ seriesId: 1, session: { startMs, endMs: startMs + 15_000, samples: 2 } }]);
  });

  test('where the next begins when that was found out four samples later', () => {
    const dips = [15_000, 30_000, 45_000].map((atMs) => sampleAt(atMs, { totals: [1], deltas: [0] }));
    const sessionMs = startMs + 15_000;
    const step = add(undefined, met([100]), ...dips, sampleAt(60_000, { totals: [4], deltas: [4], sessionMs }));
    expect(step.ended).toMatchObject([{ session: { endMs: sessionMs, samples: 4, coveredMs: 15_000, totals: [100] } }]);
    const { ended } = rollUp.endSession(step.state, startMs + 10 * closeAfterMs);
    expect(ended).toMatchObject([
      { session: { startMs: sessionMs, endMs: startMs + 60_000, samples: 1, coveredMs: 15_000, totals: [4] } },
    ]);
  });

  test('after more than the configured time without a sample, at the instant that the step before told', () => {
    const step = add(undefined, met([100]));
    expect(step.nextEndMs).toBe(startMs + closeAfterMs + 1);
    expect(rollUp.endSession(step.state, startMs + closeAfterMs)).toMatchObject({ state: step.state, ended: [] });
    const closed = rollUp.endSession(step.state, startMs + closeAfterMs + 1);
    expect(closed).toMatchObject({ nextEndMs: undefined, ended: [{ session: { endMs: startMs } }] });
  });
});

describe('a session that was closed by time', () => {
  const closed = rollUp.endSession(add(undefined, met([100])).state, startMs + closeAfterMs + 1);
  const back = sampleAt(closeAfterMs * 2, { totals: [130], deltas: [30], gapMs: closeAfterMs * 2, inGap: true });

  test('is written again with all it has when it went on', () => {
    const again = rollUp.endSession(add(closed, back).state, startMs + 4 * closeAfterMs);
    expect(again.ended).toMatchObject([
      { seriesId: 1, session: { startMs, samples: 2, totals: [130], openings: [100], isConfirmed: false } },
    ]);
  });

  test('is not written again by time, nor by the next session, when it did not go on', () => {
    expect(rollUp.endSession(closed.state, startMs + 9 * closeAfterMs)).toMatchObject({
      state: closed.state,
      ended: [],
    });
    const next = sampleAt(closeAfterMs * 2, { totals: [1], deltas: [1], sessionMs: startMs + closeAfterMs * 2 });
    expect(add(closed, next).ended).toEqual([]);
  });

  test('is written again when the next turns out to have begun before its end', () => {
    const dip = sampleAt(15_000, { totals: [1], deltas: [0] });
    const dips = add(undefined, met([100]), dip, { ...dip, dueMs: startMs + 30_000 });
    const written = rollUp.endSession(dips.state, startMs + 2 * closeAfterMs);
    const next = sampleAt(closeAfterMs * 3, { totals: [3], deltas: [3], sessionMs: dip.dueMs });
    expect(written.ended).toMatchObject([{ session: { endMs: startMs + 30_000 } }]);
    expect(add(written, next).ended).toMatchObject([{ session: { endMs: dip.dueMs, samples: 3 } }]);
  });
});

test('a session needs a sample to begin with', () => {
  expect(() => rollUp.addToSession(undefined, [])).toThrow('neither a session nor a sample');
});
