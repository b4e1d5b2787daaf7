import { drawPlainScenario, drawScenario, type Scenario } from './scenario.ts';
import type { Turns } from './turns.ts';

/** A seed that has found something, as it was drawn then, and what it was: a fixed test from then on. */
export type FoundBySeed = { readonly scenario: Scenario; readonly found: string };

export const foundBySeed: readonly FoundBySeed[] = [
  {
    scenario: drawPlainScenario(30),
    found:
      'a poll without a sample was due once more at the same instant, when the wall clock was set back before a restart',
  },
  {
    scenario: drawScenario(39),
    found:
      'verify missed parts of the last hour of targets that were not there when the collector was back hours later',
  },
  {
    scenario: drawScenario(297),
    found: 'verify took the days of a zone that is half an hour off for whole hours, until the first of them had ended',
  },
  {
    scenario: drawScenario(2320),
    found: 'verify missed days that had begun in another reporting time zone and were still open',
  },
];

/** The same of runs too long for `npm test`. */
export const foundByLongSeed: readonly FoundBySeed[] = [
  {
    scenario: withFewer(drawScenario(345), { rooms: 100, receivers: 20 }),
    found:
      'a counter that a room sent first when it had been made anew opened the session before, while that was in doubt',
  },
  {
    scenario: drawScenario(3339),
    found: 'the check missed the samples of windows that were deleted for the size of the store',
  },
  {
    scenario: recallingAtOnce(drawScenario(604)),
    found: 'recall left out what a room had shown first, where that sample was in no database',
  },
  {
    scenario: recallingAtOnce(drawScenario(2110)),
    found: 'recall counted from a highest total that was in no database',
  },
  {
    scenario: withFewer(drawScenario(1746), { rooms: 60, receivers: 10 }, { recalls: 'never' }),
    found: 'the check held a sample that was dropped against what an earlier life had left at its instant',
  },
  {
    scenario: withFewer(drawScenario(3135), { rooms: 100, receivers: 20 }),
    found: 'the check held a sample that was refused against what an earlier life had left at its instant',
  },
  {
    scenario: drawScenario(3419),
    found: 'the check held a session that went on after recall for one that the store does not know',
  },
  {
    scenario: drawScenario(23),
    found: 'recall took what a room had shown first, in no database, for growth of nobody',
  },
  {
    scenario: drawScenario(3142),
    found: 'behind a hole, recall took the whole total of a room that another run had met anew for growth',
  },
  {
    scenario: drawScenario(1467),
    found: 'the check held sessions that went on behind a hole, as recall knows them, for strange',
  },
  {
    scenario: drawScenario(1829),
    found: 'the check held sessions that went on behind a hole, as recall knows them, for strange',
  },
];

/**
 * What `npm test` runs besides: short runs that between them come by every outcome, every turn, a store that goes on from a
 * copy of itself, and many crashes.
 */
export const sliceOfSeeds: readonly number[] = [2185, 2286, 2327, 2335, 2864, 3218, 3353, 3458, 2004];

/** A smaller world that shows the same, so that it takes less time. */
function withFewer(
  scenario: Scenario,
  targets: { readonly rooms: number; readonly receivers: number },
  turns: Partial<Turns> = {},
): Scenario {
  return { ...scenario, world: { ...scenario.world, ...targets }, turns: { ...scenario.turns, ...turns } };
}

/** As it was when it was found. */
function recallingAtOnce(scenario: Scenario): Scenario {
  return { ...scenario, turns: { ...scenario.turns, recalls: 'at_once' } };
}
