import { parentPort } from 'node:worker_threads';
import { runSeed, type SeedReport } from './run-seed.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What a thread tells of a seed. */
export type SeedSummary = Omit<SeedReport, 'findings' | 'overLimit'> & {
  readonly lost: number;
  readonly doubled: number;
  readonly wrong: number;
  readonly findings: readonly string[];
};

parentPort?.on('message', (seed: number) => void answer(seed));

async function answer(seed: number): Promise<void> {
  using folder = temporaryFolder();
  const { findings, ...report } = await runSeed(seed, { folder: folder.path });
  const { lost, doubled, wrong, words } = findings;
  const summary: SeedSummary = { ...report, lost, doubled, wrong, findings: words };
  parentPort?.postMessage(summary);
}
