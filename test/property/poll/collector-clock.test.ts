import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCollectorClock } from '../../../src/poll/collector-clock.ts';
import { createVirtualClock } from '../../virtual-clock.ts';

const hourMs = 3_600_000;

const steps = fc.array(
  fc.record({ advanceMs: fc.integer({ min: 1, max: 100_000 }), jumpMs: fc.integer({ min: -3 * hourMs, max: hourMs }) }),
  { minLength: 1, maxLength: 40 },
);

test('whatever the wall clock does, the collector clock runs at 98 to 102 % of true time, or steps far forward', () => {
  fc.assert(
    fc.property(steps, fc.option(fc.integer({ min: -hourMs, max: hourMs })), (moves, lastDue) => {
      const clock = createVirtualClock();
      const lastDueMs = lastDue === null ? undefined : clock.wallMs() + lastDue;
      const collectorClock = createCollectorClock({ clock, lastDueMs });
      if (lastDueMs !== undefined) expect(collectorClock.nowMs()).toBeGreaterThan(lastDueMs);
      for (const { advanceMs, jumpMs } of moves) {
        const beforeMs = collectorClock.nowMs();
        clock.setWall(clock.wallMs() + jumpMs);
        clock.stall(advanceMs);
        const gainedMs = collectorClock.nowMs() - beforeMs;
        expect(gainedMs).toBeGreaterThanOrEqual(advanceMs * 0.98 - 0.001);
        expect(gainedMs <= advanceMs * 1.02 + 0.001 || gainedMs > 2 * hourMs).toBe(true);
      }
    }),
  );
});

test('after the delay that it gives, the collector clock has reached the instant and not passed it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -hourMs, max: hourMs }),
      fc.integer({ min: 0, max: 10 * hourMs }),
      (jumpMs, aheadMs) => {
        const clock = createVirtualClock();
        const collectorClock = createCollectorClock({ clock });
        clock.setWall(clock.wallMs() + jumpMs);
        const instantMs = collectorClock.nowMs() + aheadMs;
        clock.stall(collectorClock.delayUntil(instantMs));
        expect(Math.abs(collectorClock.nowMs() - instantMs)).toBeLessThan(2);
      },
    ),
  );
});
