import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { backUp } from '../../../src/store/backup.ts';
import { createWorkspace } from '../../e2e/livetally-process.ts';
import { TemporaryStore } from '../../integration/store/temporary-store.ts';
import { type CampaignOptions, type CampaignRow, formatCount } from '../campaign-part.ts';
import { CrashTally } from '../crash/crash-tally.ts';
import { examineStore, openLived } from '../crash/examine-store.ts';
import { makeOldStore, oldSamples } from '../crash/old-store.ts';
import { type Step, storeLife } from '../crash/store-life.ts';
import { createDice } from '../dice.ts';
import { buildDiskFaults, createFaultyDisk, type FaultyDisk, type Trouble } from './faulty-disk.ts';

const program = join(import.meta.dirname, 'store-program.ts');
const moreThanAll = 1_000_000;
const stepsBefore = 12;
const stepsAfter = 8;

/** What the program finds; `samples` are those that are not of the life that it goes on with. */
type Beginning = {
  readonly name: string;
  readonly make: (path: string) => unknown;
  readonly from: number;
  readonly samples: number;
};

const beginnings = (seed: number): readonly Beginning[] => [
  { name: 'a new store', make: () => {}, from: 0, samples: 0 },
  { name: 'a store of version 1', make: makeOldStore, from: 0, samples: oldSamples },
  { name: 'a store in use', make: (path) => liveBefore(path, seed), from: stepsBefore, samples: 0 },
  { name: 'a backup in its place', make: (path) => backUpBefore(path, seed), from: stepsBefore, samples: 0 },
];

function stepsOf(seed: number): readonly Step[] {
  return storeLife(createDice(seed), stepsBefore + stepsAfter);
}

function liveBefore(path: string, seed: number): void {
  using elsewhere = new TemporaryStore();
  using journal = openLived(elsewhere, path);
  for (const step of stepsOf(seed).slice(0, stepsBefore)) step.run(journal);
}

async function backUpBefore(path: string, seed: number): Promise<void> {
  using elsewhere = new TemporaryStore();
  liveBefore(elsewhere.path, seed);
  await backUp(elsewhere.path, path, () => {});
}

type Disease = { readonly name: string; readonly atFirst: Trouble; readonly onOpened: Trouble | undefined };

/** What the disk suffers from. An opening takes hundreds of calls, all of which must succeed. */
const diseases: readonly [Disease, ...Disease[]] = [
  { name: 'well', atFirst: { kind: 'well' }, onOpened: undefined },
  { name: 'failing now and then', atFirst: { kind: 'failing', oneIn: 60 }, onOpened: undefined },
  { name: 'failing often', atFirst: { kind: 'well' }, onOpened: { kind: 'failing', oneIn: 3 } },
];

/**
 * A program that opens a store, uses and closes it is killed at each change of a file in turn, half of it done or nothing,
 * on a disk that is well, or fails while it is opened, or while it is used.
 */
export async function killAtWrites({ seed, log }: CampaignOptions, kills: number): Promise<CampaignRow> {
  const tally = new CrashTally(
    'killed at every write of making, lifting, using and closing a store, and of going on from a backup',
    'kills',
  );
  await using folder = await createWorkspace();
  using disk = createFaultyDisk(folder, await buildDiskFaults(folder), seed);
  const all = beginnings(seed);
  let unharmed = 0;
  for (const [index, beginning] of all.entries()) {
    disk.become({ kind: 'well' });
    const { changes } = await runUntilKilled(beginning, disk, {
      ...{ seed, change: moreThanAll, isHalfDone: false, onOpened: undefined },
    });
    log(`${beginning.name}: ${changes} changes`);
    if (changes === 0) throw new Error(`${beginning.name}: no change of a file was seen`);
    const share = Math.floor(kills / all.length);
    for (let kill = 0; kill < share; kill++) {
      const dice = createDice(seed, index, kill);
      const disease = dice.pick(diseases);
      // What fails is done again, so there is more of it.
      const change =
        1 + (disease.onOpened === undefined ? Math.floor((kill * changes) / share) : dice.below(5 * changes));
      const where = `seed ${seed}, ${beginning.name}, killed at change ${change} of a disk that is ${disease.name}`;
      disk.become(disease.atFirst);
      const { done, isKilled } = await runUntilKilled(beginning, disk, {
        ...{ seed, change, isHalfDone: dice.oneIn(2), onOpened: disease.onOpened },
      });
      disk.become({ kind: 'well' });
      await examine(where, { beginning, disk, seed, done }, tally);
      if (!isKilled) unharmed++;
    }
  }
  log(`${tally.count} lives, of which ${unharmed} were over before the change that was to kill them`);
  return { ...tally.row(), howMany: formatCount(tally.count - unharmed, 'kills') };
}

type Life = {
  readonly seed: number;
  readonly change: number;
  readonly isHalfDone: boolean;
  /** What becomes of the disk when the store is open. */
  readonly onOpened: Trouble | undefined;
};

/** How many steps were done, how many changes were made to files, and whether it came to the one that kills it. */
async function runUntilKilled({ make, from }: Beginning, disk: FaultyDisk, life: Life) {
  for (const name of readdirSync(disk.folder)) rmSync(join(disk.folder, name));
  const path = join(disk.folder, 'store.db');
  await make(path);
  disk.killAt(life.change, life.isHalfDone);
  const args = [program, path, String(life.seed), String(stepsBefore + stepsAfter), String(from)];
  const child = spawn(process.execPath, args, { env: disk.environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const { onOpened } = life;
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    if (said === '' && onOpened !== undefined) disk.become(onOpened);
    said += chunk;
  });
  const [complaints, [code, signal]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  const changes = life.change - disk.changesLeft;
  disk.killAt(0, false);
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`the program ended with ${code}: ${complaints}`);
  return { done: Number(said.trimEnd().split('\n').at(-1)) || from, changes, isKilled: signal === 'SIGKILL' };
}

type Killed = {
  readonly beginning: Beginning;
  readonly disk: FaultyDisk;
  readonly seed: number;
  readonly done: number;
};

async function examine(where: string, { beginning, disk, seed, done }: Killed, tally: CrashTally): Promise<void> {
  using store = new TemporaryStore();
  for (const name of readdirSync(disk.folder)) cpSync(join(disk.folder, name), join(store.folder, name));
  const lived = stepsOf(seed).slice(0, done);
  const next = stepsOf(seed).slice(0, done + 1);
  try {
    const examined = await examineStore(store, lived, { otherSamples: beginning.samples, orLived: next });
    tally.add(where, examined);
  } catch (error) {
    tally.add(where, { lost: 0, doubled: 0, wrong: [error instanceof Error ? error.message : String(error)] });
  }
}
