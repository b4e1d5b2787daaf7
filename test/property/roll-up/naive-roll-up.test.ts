import fc from 'fast-check';
import { expect, test } from 'vitest';
import { naiveSessions, naiveWindows, wallClock } from './naive-roll-up.ts';
import { runRollUp, slicing } from './run-roll-up.ts';
import { targetWalk } from './target-walk.ts';

const closeAfterMs = fc.integer({ min: 60_000, max: 7_200_000 });

test('windows hold what a look at all their samples together gives, and end when the date on the wall turns', () => {
  fc.assert(
    fc.property(targetWalk, slicing, closeAfterMs, ({ timezone, rows }, slices, closeAfter) => {
      const keyOf = wallClock(timezone);
      const { windows } = runRollUp({ timezone, closeAfterMs: closeAfter }, rows, slices);
      const found = windows.map(({ seriesId, tier, window: { startMs, endMs, ...rest } }) => {
        const key = keyOf(tier, startMs);
        expect(keyOf(tier, startMs - 1)).not.toBe(key);
        expect(keyOf(tier, endMs - 1)).toBe(key);
        expect(keyOf(tier, endMs)).not.toBe(key);
        return { tier, key: `${seriesId} ${key}`, ...rest };
      });
      const name = ({ tier, key }: { tier: string; key: string }) => `${tier} ${key}`;
      const byName = <One extends { tier: string; key: string }>(all: readonly One[]) =>
        all.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
      expect(byName(found)).toEqual(byName(naiveWindows(rows, timezone)));
    }),
    { numRuns: 200 },
  );
});

test('what is written last of each session is what a look at all its samples together gives', () => {
  fc.assert(
    fc.property(targetWalk, slicing, closeAfterMs, ({ timezone, rows }, slices, closeAfter) => {
      const { sessions } = runRollUp({ timezone, closeAfterMs: closeAfter }, rows, slices);
      const written = new Map(sessions.map((one) => [one.session.startMs, one]));
      expect([...written.values()]).toEqual(naiveSessions(rows));
    }),
    { numRuns: 200 },
  );
});
