import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { counters } from '../../../src/model/measurement.ts';
import { tiers } from '../../../src/model/window.ts';
import { openDatabase } from '../../../src/store/database.ts';
import type { Journal } from '../../../src/store/journal.ts';
import { dayMs, rollUp, startMs, TemporaryStore } from '../../integration/store/temporary-store.ts';
import { type CampaignPart, formatCount } from '../campaign-part.ts';
import { createDice, type Dice } from '../dice.ts';
import { type Step, sinkName, storeLife, windowsOf } from './store-life.ts';

/** The two files of a store at one instant; the third, shared memory, is made anew from them. */
type Files = { readonly database: Buffer; readonly log: Buffer };

type Tally = { cuts: number; lost: number; doubled: number; wrong: number; readonly findings: string[] };

const farMs = startMs + 400 * dayMs;
const stepsPerLife = 40;

/**
 * Lets a store live, and after each step makes every crash of it that the disk can show: the log of writes cut at, before and
 * behind what the step has appended, whole frames or not. What opens must hold all of the step or
 * none of it, and what it rolls up from there must be what an undisturbed store has.
 */
export const tornWrites: CampaignPart = {
  name: 'torn-writes',
  summary: 'the write-ahead log cut within every transaction; --count is how many cuts (4,000)',
  async run({ seed, count = 4_000, log }) {
    const tally: Tally = { cuts: 0, lost: 0, doubled: 0, wrong: 0, findings: [] };
    for (let life = seed; tally.cuts < count; life++) {
      liveOnce(life, count, tally);
      log(`life ${life}: ${tally.cuts} cuts`);
    }
    const { cuts, lost, doubled, wrong, findings } = tally;
    const howMany = formatCount(cuts, 'cuts within a transaction');
    return [{ test: 'crash in the middle of a write', howMany, lost, doubled, wrong, findings }];
  },
};

function liveOnce(life: number, mostCuts: number, tally: Tally): void {
  const dice = createDice(life);
  const steps = storeLife(dice, stepsPerLife);
  using store = new TemporaryStore();
  using torn = new TemporaryStore();
  using journal = open(store);
  let before = filesOf(store);
  for (const [index, step] of steps.entries()) {
    if (tally.cuts >= mostCuts) return;
    step.run(journal);
    const after = filesOf(store);
    const whole = stateOf(torn, after);
    for (const cut of cutsOf(dice, before.log, after.log)) {
      tally.cuts++;
      const isWhole = stateOf(torn, { database: after.database, log: tear(before.log, after.log, cut) }) === whole;
      const where = `life ${life}, step ${index} (${step.name}), log cut at ${cut} of ${after.log.length}`;
      goOn(torn, steps.slice(0, isWhole ? index + 1 : index), where, tally);
    }
    before = after;
  }
}

/** What was committed is there once, the ledger adds up, and the roll-up goes on as if nothing had happened. */
function goOn(torn: TemporaryStore, lived: readonly Step[], where: string, tally: Tally): void {
  using journal = open(torn);
  const status = journal.status();
  const missing = lived.reduce((sum, { samples }) => sum + samples.length, 0) - status.committed.room_stats;
  if (missing > 0) tally.lost += missing;
  if (missing < 0) tally.doubled -= missing;
  if (missing !== 0) tally.findings.push(`${where}: ${missing} samples are missing`);
  for (const { endpoint, delivered, waiting, rejected, dropped } of status.sinks) {
    if (status.committed[endpoint] === delivered + waiting + rejected + dropped) continue;
    tally.wrong++;
    tally.findings.push(`${where}: the ledger of ${endpoint} does not add up`);
  }
  rollUp(journal, farMs);
  const [found, expected] = [windowsIn(torn), windowsOf(lived, farMs)];
  if (found.join('\n') === expected.join('\n')) return;
  tally.wrong++;
  tally.findings.push(`${where}: ${found.length} windows, of ${expected.length} expected, or others`);
}

function open(store: TemporaryStore): Journal {
  return store.open({ keepMs: dayMs / 8, sinks: [{ name: sinkName, tables: ['room_stats', 'gift_count'] }] });
}

function filesOf({ path }: TemporaryStore): Files {
  const log = `${path}-wal`;
  return { database: readFileSync(path), log: existsSync(log) ? readFileSync(log) : Buffer.alloc(0) };
}

const headerBytes = 32;
const frameBytes = 24 + 4096;

/** Ends of the frames that the step has written, and some places within them. */
function cutsOf(dice: Dice, before: Buffer, after: Buffer): readonly number[] {
  const cuts: number[] = [];
  for (let end = headerBytes; end <= after.length; end += frameBytes) {
    const start = Math.max(0, end - frameBytes);
    if (before.subarray(start, end).equals(after.subarray(start, end))) continue;
    cuts.push(start + dice.below(end - start), end);
  }
  return cuts;
}

/** The log as a disk may have it that has got the new bytes up to the cut; behind it lies what was there, or nothing. */
function tear(before: Buffer, after: Buffer, cut: number): Buffer {
  return Buffer.concat([after.subarray(0, cut), before.subarray(cut)]);
}

/** Everything in the store, after what SQLite makes of the files, as one short text; leaves it open to be gone on from. */
function stateOf({ path }: TemporaryStore, { database, log }: Files): string {
  rmSync(`${path}-shm`, { force: true });
  writeFileSync(path, database);
  writeFileSync(`${path}-wal`, log);
  const hash = createHash('sha256');
  const copy = `${path}-look`;
  for (const suffix of ['', '-wal']) copyFileSync(`${path}${suffix}`, `${copy}${suffix}`);
  rmSync(`${copy}-shm`, { force: true });
  using opened = openDatabase(copy, 1_000);
  for (const row of opened.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all()) {
    hash.update(JSON.stringify(opened.prepare(`SELECT * FROM ${String(row['name'])}`).all()));
  }
  return hash.digest('base64');
}

function windowsIn(store: TemporaryStore): readonly string[] {
  const columns = ['start_ms', 'samples', ...counters.room_stats.map(({ delta }) => delta)];
  const lines = tiers.flatMap((tier) =>
    store
      .query(
        `SELECT room_id, '${tier}' AS tier, ${columns.map((column) => `w.${column}`).join(', ')}
         FROM room_stats_${tier} w JOIN series s ON s.id = w.series_id JOIN target t ON t.id = s.target_id`,
      )
      .map((row) => Object.values(row).join(' ')),
  );
  return lines.sort();
}
