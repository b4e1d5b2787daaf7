import { beforeAll, describe, expect, test } from 'vitest';
import {
  calmDisturbed,
  floodsAndStalls,
  goodOnesDisturbed,
  ledgerErrors,
  mixedUp,
  stuckAfterwards,
  troublesWithoutOutcome,
} from './judge-run.ts';
import { runTroubled, type TroubledRun } from './troubled-run.ts';

describe('with everything wrong upstream at once', () => {
  let run: TroubledRun;
  beforeAll(async () => {
    run = await runTroubled(7_500, 4_500);
  }, 60_000);

  test('each trouble is an outcome with its metric', () => {
    expect(run.troubles.length).toBeGreaterThan(80);
    expect(troublesWithoutOutcome(run)).toEqual([]);
  });

  test('no trouble makes a flood, and where nothing can succeed livetally asks rarely', () => {
    expect(floodsAndStalls(run)).toEqual([]);
  });

  test('the rest of the watchlist goes on at its pace', () => {
    expect(calmDisturbed(run)).toEqual([]);
  });

  test('so do the good rooms and receivers of an app that has bad ones', () => {
    expect(goodOnesDisturbed(run)).toEqual([]);
  });

  test('what may pass by itself is answered again as soon as it has passed', () => {
    expect(stuckAfterwards(run)).toEqual([]);
  });

  test('no room has the totals of another, though answers come late and twice', () => {
    const mixed = mixedUp(run);
    expect(mixed.wrong).toBe(0);
    expect(mixed.samples).toBeGreaterThan(20);
    expect(mixed.lateAnswers).toBeGreaterThan(0);
  });

  test('the ledger holds, the process ends in order, and tells no stack', () => {
    expect(run.rounds.filter(({ ended }) => ended).length).toBeGreaterThan(run.troubles.length);
    expect(ledgerErrors(run)).toEqual({ rounds: 0, samples: 0 });
    expect(run.ended).toMatchObject({ code: 0, stderr: '' });
    expect(run.ended.stdout).not.toMatch(/\n\s+at |\\n\s+at /);
  });
});
