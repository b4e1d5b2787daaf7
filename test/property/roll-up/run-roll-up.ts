import fc from 'fast-check';
import { expect } from 'vitest';
import type { Session, Tier, Window } from '../../../src/model/window.ts';
import { createRollUp, type RollUpOptions, type SessionStep, type WindowStep } from '../../../src/roll-up/roll-up.ts';
import type { Row } from './target-walk.ts';

export type WrittenWindow = { readonly seriesId: number; readonly tier: Tier; readonly window: Window };
export type WrittenSession = { readonly seriesId: number; readonly session: Session };

/** How the store comes by rows and time: what happens before each row. */
export type Slicing = readonly {
  /** A slice ends, so that what is open goes through its text. */
  readonly cut: boolean;
  /** All slices are in, and time has come this far of the way from the row before to this one. */
  readonly timePasses: number | undefined;
}[];

export const slicing: fc.Arbitrary<Slicing> = fc.array(
  fc.record({
    cut: fc.boolean(),
    timePasses: fc.oneof(
      fc.constant(undefined),
      fc.constantFrom(0, 0.01, 0.999, 1),
      fc.double({ min: 0, max: 1, noNaN: true }),
    ),
  }),
  { maxLength: 80, size: 'max' },
);

/** Feeds the rows as a store does, until long after the last of them, and gives back what the store gets to write. */
export function runRollUp(options: RollUpOptions, rows: readonly Row[], slices: Slicing) {
  const rollUp = createRollUp(options);
  const windows: WrittenWindow[] = [];
  const sessions: WrittenSession[] = [];
  const openWindows = new Map<number, WindowStep>();
  let openSession: SessionStep | undefined;
  let waiting: Row[] = [];

  function take(seriesId: number, step: WindowStep): void {
    expect(step.problem).toBeUndefined();
    windows.push(...step.ended.map((ended) => ({ seriesId, ...ended })));
    openWindows.set(seriesId, step);
  }

  function takeSession(step: SessionStep): void {
    expect(step.problem).toBeUndefined();
    sessions.push(...step.ended);
    openSession = step;
  }

  function flush(): void {
    for (const [seriesId, own] of Map.groupBy(waiting, (row) => row.seriesId)) {
      const samples = own.map(({ sample }) => sample);
      take(seriesId, rollUp.addToWindows(openWindows.get(seriesId)?.state, samples));
    }
    if (waiting.length > 0) takeSession(rollUp.addToSession(openSession?.state, waiting));
    waiting = [];
  }

  function passTime(untilMs: number): void {
    for (const [seriesId, before] of openWindows) {
      if (before.state === undefined) continue;
      const step = rollUp.endWindows(before.state, untilMs);
      expect(step.ended.length > 0).toBe(before.nextEndMs !== undefined && before.nextEndMs <= untilMs);
      take(seriesId, step);
    }
    if (openSession === undefined) return;
    const step = rollUp.endSession(openSession.state, untilMs);
    expect(step.ended.length > 0).toBe(openSession.nextEndMs !== undefined && openSession.nextEndMs <= untilMs);
    takeSession(step);
  }

  let lastMs = rows[0]?.sample.dueMs ?? 0;
  for (const [index, row] of rows.entries()) {
    const { cut = false, timePasses } = slices[index] ?? {};
    const { dueMs } = row.sample;
    if (cut || timePasses !== undefined) flush();
    if (timePasses !== undefined) passTime(lastMs + Math.floor((dueMs - lastMs) * timePasses));
    waiting.push(row);
    lastMs = dueMs;
  }
  flush();
  passTime(lastMs + 60 * 86_400_000);
  expect([...openWindows.values()].map(({ state }) => state)).toEqual([...openWindows].map(() => undefined));
  return { windows, sessions };
}
