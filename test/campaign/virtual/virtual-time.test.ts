import { expect, test } from 'vitest';
import { outcomeStatuses } from '../../../src/model/outcome.ts';
import { runSeed, type SeedReport } from './run-seed.ts';
import { drawScenario, type Scenario } from './scenario.ts';
import { foundBySeed, sliceOfSeeds } from './seeds.ts';
import { temporaryFolder } from './temporary-folder.ts';

const reports = new Map<number, SeedReport>();

async function run(scenario: Scenario): Promise<SeedReport> {
  using folder = temporaryFolder();
  return await runSeed(scenario.seed, { folder: folder.path, scenario });
}

test('whatever happens around the collector, nothing is lost, nothing doubled and nothing false', async () => {
  const outcomes = new Set<string>();
  const turns = new Set<string>();
  let crashes = 0;
  for (const seed of sliceOfSeeds) {
    const scenario = drawScenario(seed);
    const report = await run(scenario);
    reports.set(seed, report);
    expect(report.findings.words, `replay it: npm run simulate:long -- --seed ${seed}`).toEqual([]);
    for (const [outcome, count] of report.outcomes) if (count > 0) outcomes.add(outcome);
    for (const [turn, value] of Object.entries(scenario.turns)) if (value && value !== 'never') turns.add(turn);
    crashes += report.crashes;
  }
  // The slice is worth something only while it comes by everything that can happen.
  expect([...outcomes].toSorted()).toEqual([...outcomeStatuses].toSorted());
  expect([...turns].toSorted()).toEqual(Object.keys(drawScenario(1).turns).toSorted());
  expect(crashes).toBeGreaterThan(40);
}, 120_000);

test.each(foundBySeed)('what seed $scenario.seed has found is mended: $found', async ({ scenario }) => {
  expect((await run(scenario)).findings.words).toEqual([]);
});

test('a seed makes the same run again, whatever has run before it', async () => {
  const [first = 0, second = 0] = sliceOfSeeds.slice(-3);
  expect(await run(drawScenario(first))).toEqual(reports.get(first));
  expect(reports.get(second)?.fingerprint).not.toBe(reports.get(first)?.fingerprint);
}, 60_000);
