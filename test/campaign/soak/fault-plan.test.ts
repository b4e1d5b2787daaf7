import { describe, expect, test } from 'vitest';
import { faultSchema } from '../../../src/simulator/fault.ts';
import { createDice } from '../dice.ts';
import { type Episode, planFaults, recoverySeconds, warmUpSeconds } from './fault-plan.ts';

const hour = 3_600;

function pauses(episodes: readonly Episode<unknown>[]): readonly number[] {
  return episodes.slice(1).map(({ fromSecond }, index) => fromSecond - (episodes[index]?.toSecond ?? 0));
}

describe('the troubles of a soak', () => {
  test('are the same for the same seed, and others for another', () => {
    expect(planFaults(createDice(1), hour)).toEqual(planFaults(createDice(1), hour));
    expect(planFaults(createDice(1), hour)).not.toEqual(planFaults(createDice(2), hour));
  });

  test.each([60, 75, 180, 600, hour])(
    'of %d seconds come one after another on each side, after a calm start and before a calm end',
    (seconds) => {
      for (let seed = 1; seed <= 50; seed++) {
        const { sink, upstream } = planFaults(createDice(seed), seconds);
        for (const episodes of [sink, upstream]) {
          expect(episodes.length).toBeGreaterThan(0);
          expect(episodes[0]?.fromSecond).toBeGreaterThanOrEqual(warmUpSeconds);
          expect(episodes.every(({ fromSecond, toSecond }) => fromSecond < toSecond)).toBe(true);
          expect(episodes.at(-1)?.toSecond).toBeLessThanOrEqual(seconds - 5);
        }
        expect(pauses(sink).every((pause) => pause > 0)).toBe(true);
        expect(pauses(upstream).every((pause) => pause >= recoverySeconds + 20)).toBe(true);
      }
    },
  );

  test('of an hour are of every kind, and such as the simulator takes', () => {
    const { sink, upstream } = planFaults(createDice(1), hour);
    expect(new Set(sink.map(({ name }) => name)).size).toBe(8);
    expect(new Set(upstream.map(({ name }) => name)).size).toBe(7);
    for (const fault of upstream.flatMap(({ trouble }) => trouble)) expect(faultSchema.parse(fault)).toEqual(fault);
  });
});
