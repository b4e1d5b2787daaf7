import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Tier, tiers, type Window } from '../../../src/model/window.ts';
import { lists, sumOf, sums } from './naive-roll-up.ts';
import { runRollUp, slicing, type WrittenWindow } from './run-roll-up.ts';
import { type Row, targetWalk } from './target-walk.ts';

const closeAfterMs = 1_800_000;

const ofTier = (windows: readonly WrittenWindow[], tier: Tier, seriesId: number) =>
  windows.filter((one) => one.tier === tier && one.seriesId === seriesId).map(({ window }) => window);
const seriesOf = (rows: readonly Row[]) => Map.groupBy(rows, ({ seriesId }) => seriesId);

test('the sum of deltas over any set of whole windows is the same in raw and in every tier', () => {
  const compared = new Set<Tier>();
  fc.assert(
    fc.property(
      targetWalk,
      slicing,
      fc.constantFrom(...tiers),
      fc.nat(),
      fc.nat(),
      ({ timezone, rows }, slices, edgeTier, one, other) => {
        const { windows } = runRollUp({ timezone, closeAfterMs }, rows, slices);
        for (const [seriesId, own] of seriesOf(rows)) {
          const edges = ofTier(windows, edgeTier, seriesId).flatMap(({ startMs, endMs }) => [startMs, endMs]);
          const ends = [edges[one % edges.length] ?? 0, edges[other % edges.length] ?? 0];
          const [fromMs, toMs] = [Math.min(...ends), Math.max(...ends)];
          const raw = own.filter(({ sample }) => sample.dueMs >= fromMs && sample.dueMs < toMs);
          for (const tier of tiers) {
            const touching = ofTier(windows, tier, seriesId).filter(
              ({ startMs, endMs }) => startMs < toMs && endMs > fromMs,
            );
            const areWhole = touching.every(({ startMs, endMs }) => startMs >= fromMs && endMs <= toMs);
            if (!areWhole || raw.length === 0) continue;
            compared.add(tier);
            expect(lists(own).map((index) => sumOf(touching.map(({ deltas }) => deltas[index])))).toEqual(sums(raw));
            expect(sumOf(touching.map(({ samples }) => samples))).toBe(raw.length);
          }
        }
      },
    ),
    { numRuns: 200 },
  );
  expect(compared).toEqual(new Set(tiers));
});

test('windows of a tier of a series come in order, do not overlap, and none comes twice', () => {
  fc.assert(
    fc.property(targetWalk, slicing, ({ timezone, rows }, slices) => {
      const { windows } = runRollUp({ timezone, closeAfterMs }, rows, slices);
      for (const seriesId of seriesOf(rows).keys()) {
        for (const tier of tiers) {
          let lastEndMs = 0;
          for (const { startMs, endMs, samples } of ofTier(windows, tier, seriesId)) {
            expect(startMs).toBeGreaterThanOrEqual(lastEndMs);
            expect(endMs).toBeGreaterThan(startMs);
            expect(samples).toBeGreaterThan(0);
            lastEndMs = endMs;
          }
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('the days of a month make the month, and the five minutes of an hour or of a day the hour and the day', () => {
  fc.assert(
    fc.property(targetWalk, slicing, ({ timezone, rows }, slices) => {
      const { windows } = runRollUp({ timezone, closeAfterMs }, rows, slices);
      for (const [seriesId, own] of seriesOf(rows)) {
        for (const [part, tier] of [
          ['1d', '1mo'],
          ['5m', '1h'],
          ['5m', '1d'],
        ] as const) {
          const parts = ofTier(windows, part, seriesId);
          for (const whole of ofTier(windows, tier, seriesId)) {
            const inside = parts.filter(({ startMs, endMs }) => startMs >= whole.startMs && endMs <= whole.endMs);
            const { startMs, endMs, ...rest } = whole;
            expect(rest).toEqual(joined(inside, lists(own)));
          }
        }
      }
    }),
    { numRuns: 100 },
  );
});

function joined(windows: readonly Window[], indexes: readonly number[]) {
  const each = (name: 'totals' | 'deltas' | 'gapDeltas' | 'peaks', index: number) =>
    windows.map((window) => window[name][index]).filter((number) => number !== undefined);
  return {
    samples: sumOf(windows.map(({ samples }) => samples)),
    coveredMs: sumOf(windows.map(({ coveredMs }) => coveredMs)),
    totals: indexes.map((index) => each('totals', index).at(-1)),
    deltas: indexes.map((index) => sumOf(each('deltas', index))),
    gapDeltas: indexes.map((index) => sumOf(each('gapDeltas', index))),
    peaks: indexes.map((index) => (each('peaks', index).length === 0 ? undefined : Math.max(...each('peaks', index)))),
  };
}

test('the last totals of the last window of each tier are the last totals of the samples in it', () => {
  fc.assert(
    fc.property(targetWalk, slicing, ({ timezone, rows }, slices) => {
      const { windows } = runRollUp({ timezone, closeAfterMs }, rows, slices);
      for (const [seriesId, own] of seriesOf(rows)) {
        for (const tier of tiers) {
          const last = ofTier(windows, tier, seriesId).at(-1);
          const inside = own.filter(({ sample }) => sample.dueMs >= (last?.startMs ?? 0));
          const totals = (index: number) => inside.map(({ sample }) => sample.totals[index]);
          expect(last?.totals).toEqual(
            lists(own).map((index) => totals(index).findLast((total) => total !== undefined)),
          );
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('in every session opening + sum of raw deltas = totals, and they are the highest that the tally knows', () => {
  fc.assert(
    fc.property(targetWalk, slicing, ({ timezone, rows, highest }, slices) => {
      const { sessions } = runRollUp({ timezone, closeAfterMs }, rows, slices);
      const written = new Map(sessions.map(({ session }) => [session.startMs, session]));
      for (const [startMs, own] of Map.groupBy(rows, ({ sample }) => sample.sessionMs)) {
        const session = written.get(startMs);
        const grown = sums(own);
        const known = highest[rows.findLastIndex(({ sample }) => sample.sessionMs === startMs)];
        for (const index of lists(own)) {
          const opening = session?.openings[index];
          const total = session?.totals[index];
          expect(total).toBe(opening === undefined ? undefined : opening + (grown[index] ?? 0));
          // One that was never sent in a session that began under our eyes is 0 there.
          if (total !== undefined || known?.[index] !== 0) expect(total).toBe(known?.[index]);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('each session is closed once, or again with more samples or an earlier end', () => {
  let again = 0;
  fc.assert(
    fc.property(targetWalk, slicing, ({ timezone, rows }, slices) => {
      const { sessions } = runRollUp({ timezone, closeAfterMs }, rows, slices);
      const closings = Map.groupBy(sessions, ({ session }) => session.startMs);
      expect([...closings.keys()]).toEqual([...new Set(rows.map(({ sample }) => sample.sessionMs))]);
      for (const own of closings.values()) {
        for (const [index, { seriesId, session }] of own.entries()) {
          const before = own[index - 1];
          if (before === undefined) continue;
          again++;
          expect(seriesId).toBe(before.seriesId);
          const hasMore = session.samples > before.session.samples;
          const endsEarlier = session.samples === before.session.samples && session.endMs < before.session.endMs;
          expect(hasMore || endsEarlier).toBe(true);
        }
      }
    }),
    { numRuns: 200 },
  );
  expect(again).toBeGreaterThan(0);
});

test('however samples and time are spread over calls, windows and sessions are the same', () => {
  fc.assert(
    fc.property(targetWalk, slicing, slicing, ({ timezone, rows }, some, others) => {
      const one = runRollUp({ timezone, closeAfterMs }, rows, some);
      const other = runRollUp({ timezone, closeAfterMs }, rows, others);
      for (const seriesId of seriesOf(rows).keys()) {
        for (const tier of tiers) {
          expect(ofTier(one.windows, tier, seriesId)).toEqual(ofTier(other.windows, tier, seriesId));
        }
      }
      const last = ({ sessions }: typeof one) => new Map(sessions.map((written) => [written.session.startMs, written]));
      expect(last(one)).toEqual(last(other));
    }),
    { numRuns: 100 },
  );
});
