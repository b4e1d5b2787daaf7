import { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { watchReading } from '../../../src/simulator/read-watch.ts';

/** An event loop by hand: in each turn timers run, then sockets are read, then what waits for the end of the turn. */
function createLoop() {
  let nowMs = 1_000;
  let timer: { readonly dueMs: number; readonly callback: () => void } | undefined;
  const clock = {
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (delayMs: number, callback: () => void) => {
      timer = { dueMs: nowMs + delayMs, callback };
      return () => {
        timer = undefined;
      };
    },
  };
  async function turn(afterMs: number, read: () => void = () => {}): Promise<void> {
    nowMs += afterMs;
    if (timer !== undefined && timer.dueMs <= nowMs) timer.callback();
    read();
    await setImmediate();
  }
  return { clock, turn };
}

test('What comes first on connections of which one is accepted in each turn may have come before all of them were.', async () => {
  const { clock, turn } = createLoop();
  using watch = watchReading(clock);
  const busy = new Socket();
  await turn(200, () => watch.notArrivedAtMs(busy));
  await turn(2);
  const quietMs = clock.monotonicMs();

  // Five connections, and a request on each, have come while the process stood still.
  const sockets = Array.from({ length: 5 }, () => new Socket());
  const doubts: number[] = [];
  await turn(80, () => watch.accepted(sockets[0] ?? busy));
  for (const [index, socket] of sockets.entries()) {
    const next = sockets[index + 1];
    await turn(2, () => {
      if (next !== undefined) watch.accepted(next);
      doubts.push(watch.notArrivedAtMs(socket));
    });
  }
  expect(doubts.map((ms) => ms - quietMs)).toEqual([0, 0, 0, 0, 0]);

  // A turn that accepts none has found none waiting.
  await turn(2);
  const late = new Socket();
  await turn(2, () => watch.accepted(late));
  expect(watch.notArrivedAtMs(late)).toBeGreaterThan(quietMs + 80);
});
