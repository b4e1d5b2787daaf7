import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { findDamage } from '../../../src/store/damage.ts';
import { salvage } from '../../../src/store/salvage.ts';
import { dayMs, rollUp, startMs, TemporaryStore, tidyUp } from '../../integration/store/temporary-store.ts';
import { hourMs, LivedStore } from '../../integration/verify/lived-store.ts';
import { type CampaignPart, type CampaignRow, formatCount } from '../campaign-part.ts';
import { createDice } from '../dice.ts';
import { describeHarm, type Harm, harmOf, spoil } from './spoil.ts';

const defaultCount = 5_000;

/** Words that say what is wrong and how to go on. */
const explained =
  /is damaged; put a backup in its place, or save what can be read with livetally salvage|is no SQLite database; move it away|is the SQLite database of another program|was written by a newer livetally/;

export const damage: CampaignPart = {
  name: 'damage',
  summary:
    'every byte range of a store and its log flipped or cut: it opens or says what to do, and salvage gets out the rest',
  async run({ seed, count = defaultCount, log }) {
    using original = originalStore();
    const findings: string[] = [];
    const totals = { opened: 0, refused: 0, salvaged: 0, lostRows: 0, unreadable: 0 };
    for (let number = 0; number < count; number++) {
      const harm = harmOf(number, count, original.sizes, createDice(seed, number));
      using place = new TemporaryStore();
      const add = (words: string) =>
        findings.push(`seed ${seed}, case ${number} of ${count}, ${describeHarm(harm)}: ${words}`);
      original.copyTo(place.path);
      spoil(harm.file === 'database' ? place.path : `${place.path}-wal`, harm);
      await examine(place, original, { harm, add, totals });
      if (number % 500 === 499) log(`${number + 1} cases, ${JSON.stringify(totals)}`);
    }
    log(JSON.stringify(totals));
    return [row(count, findings)];
  },
};

function row(count: number, findings: readonly string[]): CampaignRow {
  return {
    test: 'damaged store: no words, something deleted, or nothing salvaged',
    howMany: formatCount(count, 'damaged files'),
    ...{ lost: 0, doubled: 0, wrong: findings.length, findings },
  };
}

type Original = Disposable & {
  readonly sizes: Readonly<Record<Harm['file'], number>>;
  readonly rows: number;
  copyTo(path: string): void;
};

/** As a crash leaves it: the last commits are in the log only. */
function originalStore(): Original {
  const resources = new DisposableStack();
  const lived = resources.use(new LivedStore());
  lived.live(2 * hourMs);
  lived.ship();
  lived.reopen();
  lived.live(hourMs);
  lived.ship('influxdb');
  const database = readFileSync(lived.store.path);
  const log = readFileSync(`${lived.store.path}-wal`);
  const keeper = resources.use(new TemporaryStore());
  cpSync(lived.store.path, keeper.path);
  cpSync(`${lived.store.path}-wal`, `${keeper.path}-wal`);
  return {
    sizes: { database: database.length, log: log.length },
    rows: 3 * 240 * 5,
    copyTo: (path) => {
      cpSync(keeper.path, path);
      cpSync(`${keeper.path}-wal`, `${path}-wal`);
    },
    [Symbol.dispose]: () => resources.dispose(),
  };
}

type Case = {
  readonly harm: Harm;
  readonly add: (words: string) => void;
  readonly totals: { opened: number; refused: number; salvaged: number; lostRows: number; unreadable: number };
};

async function examine(place: TemporaryStore, original: Original, { harm, add, totals }: Case): Promise<void> {
  salvageFrom(place, original, { harm, add, totals });
  const before = [readFileSync(place.path), readFileSync(`${place.path}-wal`)];
  try {
    useStore(place);
    totals.opened++;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    if (isUse(error)) {
      totals.opened++;
      if (findDamage(place.path).length === 0) add(`in use: ${words}, and nothing damaged is found`);
      return;
    }
    totals.refused++;
    if (!explained.test(words)) add(`refused with: ${words}`);
    // What no log is left of was put into the database before it was found to be damaged.
    const isKept = existsSync(`${place.path}-wal`) && readFileSync(place.path).equals(before[0] ?? Buffer.of());
    if (harm.file === 'log' && !isKept) add('the log was deleted');
  }
}

class Use extends Error {}

function isUse(error: unknown): boolean {
  return error instanceof Use;
}

/** Opens it, and then does everything that a collector does with it. */
function useStore(place: TemporaryStore): void {
  using journal = place.open({ keepMs: dayMs });
  try {
    for (const table of ['room_stats', 'gift_count', 'room_stats_5m', 'gift_count_session'] as const) {
      for (const range of journal.waitingRanges('influxdb', table)) journal.readPoints(table, range, 1_000);
    }
    rollUp(journal, startMs + 4 * hourMs);
    tidyUp(journal);
    journal.status();
  } catch (cause) {
    throw new Use(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function salvageFrom(place: TemporaryStore, original: Original, { add, totals }: Case): void {
  const newPath = `${place.path}.new`;
  const before = readFileSync(place.path);
  try {
    const tables = salvage(place.path, newPath, startMs);
    const rowsOf = (name: string) => tables.find(({ table }) => table === name)?.rows ?? 0;
    const rows = rowsOf('room_stats') + rowsOf('gift_count');
    totals.salvaged++;
    totals.lostRows += original.rows - rows;
    if (rows > original.rows) add(`${rows} rows salvaged of ${original.rows}`);
    using opened = place.open({ path: newPath });
    for (const one of opened.status().sinks) {
      const sum = one.delivered + one.waiting + one.rejected + one.dropped;
      if (one.tier === 'raw' && sum !== opened.status().committed[one.endpoint])
        add('the books of the salvaged store are wrong');
    }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    if (/nothing of .* can be read/.test(words)) totals.unreadable++;
    else add(`salvage: ${error instanceof Error ? error.stack : words}`);
  }
  if (!readFileSync(place.path).equals(before)) add('salvage has changed the damaged file');
  rmSync(newPath, { force: true });
}
