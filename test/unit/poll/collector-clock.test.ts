import { describe, expect, test } from 'vitest';
import { createCollectorClock } from '../../../src/poll/collector-clock.ts';
import { createVirtualClock } from '../../virtual-clock.ts';

const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 5, 1);

describe('the collector clock', () => {
  test('is the wall clock while that runs evenly', async () => {
    const clock = createVirtualClock({ wallMs: startMs });
    const collectorClock = createCollectorClock({ clock });
    await clock.advance(12_345);
    expect(collectorClock.nowMs()).toBe(startMs + 12_345);
    expect(collectorClock.offsetMs()).toBe(0);
  });

  test('starts after the last due instant in the store, and lets a wall clock that is behind catch up', async () => {
    const clock = createVirtualClock({ wallMs: startMs });
    const collectorClock = createCollectorClock({ clock, lastDueMs: startMs + 1000 });
    expect(collectorClock.nowMs()).toBe(startMs + 1001);
    expect(collectorClock.offsetMs()).toBe(-1001);
    await clock.advance(10_000);
    expect(collectorClock.nowMs()).toBeCloseTo(startMs + 1001 + 9800);
    await clock.advance(90_000);
    expect(collectorClock.nowMs()).toBe(clock.wallMs());
  });

  test.each([-hourMs, hourMs])(
    'follows a jump of the wall clock by %i ms by a fiftieth of the time',
    async (jumpMs) => {
      const clock = createVirtualClock({ wallMs: startMs });
      const collectorClock = createCollectorClock({ clock });
      clock.setWall(startMs + jumpMs);
      for (let minute = 0; minute < 10; minute++) {
        const beforeMs = collectorClock.nowMs();
        await clock.advance(60_000);
        expect((collectorClock.nowMs() - beforeMs) / 60_000).toBeCloseTo(jumpMs > 0 ? 1.02 : 0.98);
      }
      expect(collectorClock.offsetMs()).toBeCloseTo(jumpMs * (1 - 12_000 / hourMs));
    },
  );

  test('does not follow a jump that is taken back', async () => {
    const clock = createVirtualClock({ wallMs: startMs });
    const collectorClock = createCollectorClock({ clock });
    clock.setWall(startMs + 24 * hourMs);
    for (let second = 0; second < 59; second++) {
      collectorClock.nowMs();
      await clock.advance(1000);
    }
    clock.setWall(startMs + 59_000);
    expect(collectorClock.nowMs() - startMs).toBeLessThan(61_000);
  });

  test('steps forward to a wall clock that was set right after the start', async () => {
    const clock = createVirtualClock({ wallMs: 0 });
    const collectorClock = createCollectorClock({ clock });
    await clock.advance(5000);
    clock.setWall(startMs);
    for (let second = 0; second < 60; second++) {
      expect(collectorClock.nowMs()).toBeLessThan(startMs);
      await clock.advance(1000);
    }
    expect(collectorClock.nowMs()).toBe(clock.wallMs());
  });

  test('never steps back, however far behind the wall clock is', async () => {
    const clock = createVirtualClock({ wallMs: startMs });
    const collectorClock = createCollectorClock({ clock });
    clock.setWall(0);
    await clock.advance(24 * hourMs);
    expect(collectorClock.nowMs()).toBeCloseTo(startMs + 0.98 * 24 * hourMs);
  });
});
