import { expect, test } from 'vitest';
import { findingsOf } from '../campaign/limits/limits.ts';
import { overload } from '../campaign/limits/overload.ts';
import { compareVerifyMemory } from '../campaign/limits/verify-memory.ts';
import { runWithSecrets } from '../campaign/secrets/secret-run.ts';
import { vacuities } from '../campaign/secrets/secrets.ts';
import { runSeed } from '../campaign/virtual/run-seed.ts';
import { foundByLongSeed } from '../campaign/virtual/seeds.ts';
import { temporaryFolder } from '../campaign/virtual/temporary-folder.ts';

// They need no server, but more time and processor than `npm test` has.

test('nothing that livetally writes or answers holds a secret, after runs with every fault, and of the commands that read a key or ask a server', async () => {
  const run = await runWithSecrets();
  expect(vacuities(run)).toEqual([]);
  expect(run.findings).toEqual([]);
});

test('verify takes no more memory of four times the samples', async () => {
  expect(await compareVerifyMemory(4)).toMatchObject({ wrong: 0, findings: [] });
});

test.each(foundByLongSeed)('what seed $scenario.seed has found is mended: $found', async ({ scenario }) => {
  using folder = temporaryFolder();
  const { findings } = await runSeed(scenario.seed, { folder: folder.path, scenario });
  expect(findings.words).toEqual([]);
});

const thousands = { rooms: 1_000, receivers: 1_000, everySeconds: 5, mostGrowthBytes: 200 * 1024 ** 2 };

test.each([
  ['are gone', { kind: 'code', code: 100004 } as const],
  ['reset the connection, so that most of them come to wait', { kind: 'reset', when: 'before' } as const],
])('2,000 targets that all %s leave memory and log within their bounds', async (_, fault) => {
  const size = { ...thousands, fault };
  const result = await overload({ ...size, seconds: 6 });
  // How long anything took is for the campaign to judge, on a machine with nothing beside it.
  expect(findingsOf({ ...result, longestLagSeconds: 0, slowestScrapeSeconds: 0 }, size)).toEqual([]);
});
