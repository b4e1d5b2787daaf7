import { expect, test } from 'vitest';
import { outcomeStatuses } from '../../../src/model/outcome.ts';
import { runSeed, type SeedReport } from './run-seed.ts';
import { foundBySeed, sliceOfSeeds } from './seeds.ts';
import { temporaryFolder } from './temporary-folder.ts';

async function run(seed: number): Promise<SeedReport> {
  using folder = temporaryFolder();
  return await runSeed(seed, { folder: folder.path });
}

test('whatever happens around the collector, nothing is lost, nothing doubled and nothing false', async () => {
  const outcomes = new Set<string>();
  let crashes = 0;
  for (const seed of sliceOfSeeds) {
    const report = await run(seed);
    expect(report.findings.words, `replay it: npm run simulate:long -- --seed ${seed}`).toEqual([]);
    for (const [outcome, count] of report.outcomes) if (count > 0) outcomes.add(outcome);
    crashes += report.crashes;
  }
  // The slice is worth something only while it comes by everything that can happen.
  expect([...outcomes].toSorted()).toEqual([...outcomeStatuses].toSorted());
  expect(crashes).toBeGreaterThan(50);
}, 120_000);

const found = Object.entries(foundBySeed);
if (found.length > 0) {
  test.each(found)('what seed %s has found is mended: %s', async (seed) => {
    expect((await run(Number(seed))).findings.words).toEqual([]);
  });
}

test('a seed makes the same run again, whatever has run before it', async () => {
  const first = await run(39);
  await run(44);
  expect(await run(39)).toEqual(first);
  expect((await run(44)).fingerprint).not.toBe(first.fingerprint);
}, 60_000);
