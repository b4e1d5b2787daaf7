import { createHash } from 'node:crypto';
import { openDatabase } from '../../../src/store/database.ts';
import { TemporaryStore } from '../../integration/store/temporary-store.ts';
import type { CampaignPart } from '../campaign-part.ts';
import { createDice } from '../dice.ts';
import { CrashTally } from './crash-tally.ts';
import { examineStore, openLived } from './examine-store.ts';
import { cutsOf, type Files, readFiles, tear, writeFiles } from './store-files.ts';
import { storeLife } from './store-life.ts';
import { tearOpenings } from './torn-opening.ts';

const stepsPerLife = 40;

/**
 * Lets a store live, and after each step makes every crash of it that the disk can show: the log of writes cut at, before and
 * behind what the step has appended, whole frames or not. What opens must hold all of the step or
 * none of it, verify, and roll up from there what an undisturbed store has.
 */
export const tornWrites: CampaignPart = {
  name: 'torn-writes',
  summary: 'the write-ahead log cut within every transaction; --count is how many cuts (4,000)',
  async run({ seed, count = 4_000, log }) {
    const writes = new CrashTally('crash in the middle of a write', 'cuts within a transaction');
    for (let life = seed; writes.count < count; life++) {
      await liveOnce(life, count, writes);
      log(`life ${life}: ${writes.count} cuts`);
    }
    const openings = new CrashTally('crash in the first opening, and in one that lifts an older store', 'cuts');
    await tearOpenings(seed, count, (where, examined) => openings.add(where, examined));
    return [writes.row(), openings.row()];
  },
};

async function liveOnce(life: number, mostCuts: number, cuts: CrashTally): Promise<void> {
  const dice = createDice(life);
  const steps = storeLife(dice, stepsPerLife);
  using store = new TemporaryStore();
  using torn = new TemporaryStore();
  using journal = openLived(store);
  let before = readFiles(store.path);
  for (const [index, step] of steps.entries()) {
    if (cuts.count >= mostCuts) return;
    step.run(journal);
    const after = readFiles(store.path);
    const whole = stateOf(torn, after);
    for (const cut of cutsOf(dice, before.log, after.log)) {
      const isWhole = stateOf(torn, { database: after.database, log: tear(before.log, after.log, cut) }) === whole;
      const where = `life ${life}, step ${index} (${step.name}), log cut at ${cut} of ${after.log.length}`;
      cuts.add(where, await examineStore(torn, steps.slice(0, isWhole ? index + 1 : index)));
    }
    before = after;
  }
}

/** Everything in the store, after what SQLite makes of the files, as one short text; leaves it open to be gone on from. */
function stateOf({ path }: TemporaryStore, files: Files): string {
  writeFiles(path, files);
  const copy = `${path}-look`;
  writeFiles(copy, files);
  const hash = createHash('sha256');
  using opened = openDatabase(copy, 1_000);
  for (const row of opened.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all()) {
    hash.update(JSON.stringify(opened.prepare(`SELECT * FROM ${String(row['name'])}`).all()));
  }
  return hash.digest('base64');
}
