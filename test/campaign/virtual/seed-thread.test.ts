import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { runSeeds } from './run-seeds.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Runs seeds in threads whose program is this text, which sees `seed` and can `answer`. */
async function runWith(body: string, count: number) {
  using folder = temporaryFolder();
  const file = join(folder.path, 'seed-program.mjs');
  writeFileSync(
    file,
    `import { parentPort } from 'node:worker_threads';
     const nothing = { due: 1, committed: 0, crashes: 0, stops: 0, makings: 0, lost: 0, doubled: 0, wrong: 0 };
     const empty = { findings: [], outcomes: new Map(), unshowable: new Map(), fingerprint: '' };
     const answer = (seed) => parentPort.postMessage({ seed, ...nothing, ...empty });
     parentPort.on('message', (seed) => { ${body} });`,
  );
  const lines: string[] = [];
  const report = await runSeeds({
    ...{ from: 1, count, threads: 1, longestMs: 3_000 },
    ...{ program: pathToFileURL(file), log: (line: string) => lines.push(line) },
  });
  return { ...report, lines };
}

test('A seed that never answers is told with how to replay it, its thread is ended, and the next seeds are run.', async () => {
  const { findings, due, lines } = await runWith('if (seed !== 2) answer(seed);', 3);
  expect(findings).toEqual([expect.stringMatching(/^seed 2: .*no answer within 3 s of real time/)]);
  expect(lines).toContain('replay it: npm run simulate:long -- --seed 2');
  expect(due).toBe(2);
});

test('A seed whose thread ends without an answer is told, and so is one that fails.', async () => {
  const { findings, due } = await runWith(
    "if (seed === 1) process.exit(7); if (seed === 2) throw new Error('of the seed'); answer(seed);",
    3,
  );
  expect(findings).toEqual([
    expect.stringMatching(/^seed 1: .*its thread has ended with code 7/),
    expect.stringMatching(/^seed 2: .*of the seed/),
  ]);
  expect(due).toBe(1);
});

test('A thread that ends between two seeds does not take the next one with it unheard.', async () => {
  const { findings, due } = await runWith('answer(seed); if (seed === 1) setTimeout(() => process.exit(3), 0);', 3);
  expect(findings.length + due).toBe(3);
});
