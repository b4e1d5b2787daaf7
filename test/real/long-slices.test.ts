import { expect, test } from 'vitest';
import { findingsOf } from '../campaign/limits/limits.ts';
import { overload } from '../campaign/limits/overload.ts';
import { runWithSecrets } from '../campaign/secrets/secret-run.ts';
import { vacuities } from '../campaign/secrets/secrets.ts';

// They need no server, but more time and processor than `npm test` has.

test('nothing that livetally writes or answers holds a secret, after runs with every fault and of every command', async () => {
  const run = await runWithSecrets();
  expect(vacuities(run)).toEqual([]);
  expect(run.findings).toEqual([]);
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
