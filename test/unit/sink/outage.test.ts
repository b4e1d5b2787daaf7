import { describe, expect, test } from 'vitest';
import { backOffMs, OutageWatch } from '../../../src/sink/outage.ts';
import { createVirtualClock } from '../../virtual-clock.ts';

const down = { status: 'unavailable', reason: 'HTTP 503', retryAfterMs: undefined } as const;

function openWatch() {
  const clock = createVirtualClock();
  const log: string[] = [];
  const watch = new OutageWatch(clock, () => 0, {
    problemBegan: (problem) => log.push(`began: ${problem.status}`),
    problemEnded: (problem, lastedMs) => log.push(`ended: ${problem.status} after ${lastedMs} ms`),
  });
  return { clock, log, watch };
}

describe('an outage', () => {
  test('is counted once when several requests fail at the same time', () => {
    const { watch, log } = openWatch();
    for (let i = 0; i < 3; i++) watch.failed(down, undefined);
    expect(watch.current).toMatchObject({ failures: 1, retryAtMs: 500 });
    expect(log).toEqual(['began: unavailable']);
  });

  test('is not ended by a request that was sent before it began', async () => {
    const { clock, watch, log } = openWatch();
    watch.failed(down, undefined);
    watch.progressed(undefined);
    expect(watch.current).toBeDefined();
    await clock.advance(500);
    watch.progressed(watch.current);
    expect(watch.current).toBeUndefined();
    expect(log).toEqual(['began: unavailable', 'ended: unavailable after 500 ms']);
  });

  test('lasts by the monotonic clock, whatever the wall clock does', async () => {
    const { clock, watch, log } = openWatch();
    watch.failed(down, undefined);
    await clock.advance(2_000);
    clock.setWall(0);
    watch.progressed(watch.current);
    expect(log.at(-1)).toBe('ended: unavailable after 2000 ms');
  });
});

test('the delay doubles from a second to a minute, and up to half of it is left to chance', () => {
  const shortest = [1, 2, 3, 7, 8, 2_000].map((failures) => backOffMs(failures, () => 0));
  const longest = [1, 2, 3, 7, 8, 2_000].map((failures) => backOffMs(failures, (bound) => bound - 1));
  expect(shortest).toEqual([500, 1_000, 2_000, 30_000, 30_000, 30_000]);
  expect(longest).toEqual([1_000, 2_000, 4_000, 60_000, 60_000, 60_000]);
});
