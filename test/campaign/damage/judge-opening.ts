import { findDamage } from '../../../src/store/damage.ts';
import type { Journal } from '../../../src/store/journal.ts';
import type { TornCommit } from '../../../src/store/write-ahead-log.ts';
import { dayMs, rollUp, startMs, tidyUp } from '../../integration/store/temporary-store.ts';
import { hourMs, verifyStore } from '../../integration/verify/lived-store.ts';
import { wholeLogBytes } from './at-stake.ts';

import { type DamagedCase, watchFiles, wordsOf } from './damaged-case.ts';
import { salvageRows } from './judge-salvage.ts';
import { logHeadBytes } from './original-store.ts';
import { compareRows, describeDifference, isSame, type Rows, readRows } from './truth.ts';

/** Words that say what is wrong and how to go on. */
const explained =
  /is damaged; put a backup in its place, or save what can be read with livetally salvage|is no SQLite database; move it away|is the SQLite database of another program|was written by a newer livetally|is missing or empty, and its log \S+ is there: put the file back/;

/** A damaged store opens with all that was committed, or is refused and stays as it is; what it lacks has a name. */
export async function judgeOpening(one: DamagedCase): Promise<void> {
  const { place, harm, original, add, counted } = one;
  const changedFiles = watchFiles(place.path);
  const torn: TornCommit[] = [];
  let journal: Journal;
  try {
    journal = place.open({ keepMs: dayMs, onTornCommit: (commit) => torn.push(commit) });
  } catch (error) {
    counted('refused');
    if (!explained.test(wordsOf(error))) add(`refused with: ${wordsOf(error)}`);
    for (const name of changedFiles()) add(`${name} was changed by a refused start`);
    return;
  }
  counted('opened');
  const wholeBytes = harm.file === 'log' ? wholeLogBytes(harm, original) : undefined;
  if (harm.file === 'log' && wholeBytes === undefined) add('opened, with commits of the log left out');
  const isTorn =
    wholeBytes !== undefined && (harm.kind === 'flip' || (harm.at !== wholeBytes && harm.at !== logHeadBytes));
  if (torn.length !== (isTorn ? 1 : 0)) add(`${torn.length} torn commits are told of`);
  const truth = wholeBytes === undefined ? original.truth : original.rowsWithLogOf(wholeBytes);
  const before = tryToRead(place.path);
  const saved = before ?? salvageRows(one);
  await judgeVerify(one, truth, before);
  useStore(one, journal);
  const after = tryToRead(place.path) ?? salvageRows(one);
  const { missing, changed } = compareRows(saved ?? new Map(), after ?? new Map());
  if (missing.length + changed.length > 0) {
    add(`the use of the store has cost rows: ${describeDifference({ missing, changed, strange: [] })}`);
  }
}

/** What differs from the truth is found by `verify`, and what cannot be read ends it with words that say how to go on. */
async function judgeVerify(one: DamagedCase, truth: Rows, found: Rows | undefined): Promise<void> {
  const { place, original, add, counted } = one;
  const difference = found && compareRows(truth, found);
  if (difference !== undefined && isSame(difference)) return;
  counted(difference === undefined ? 'unreadRows' : 'differing');
  const words = difference === undefined ? 'rows that cannot be read' : describeDifference(difference);
  try {
    const { findings } = await verifyStore(place.path, original.shipped, { nowMs: original.nowMs });
    if (findings.length === 0) add(`opened, and verify finds nothing: ${words}`);
  } catch (error) {
    counted('verifyRefused');
    if (!explained.test(wordsOf(error))) add(`verify: ${error instanceof Error ? error.stack : wordsOf(error)}`);
  }
}

/** Does everything with it that a collector does, and closes it. */
function useStore({ place, add, counted }: DamagedCase, opened: Journal): void {
  using journal = opened;
  try {
    for (const table of ['room_stats', 'gift_count', 'room_stats_5m', 'gift_count_session'] as const) {
      for (const range of journal.waitingRanges('influxdb', table)) [...journal.readPoints(table, range)];
    }
    rollUp(journal, startMs + 4 * hourMs);
    tidyUp(journal);
    journal.status();
  } catch (error) {
    counted('brokenInUse');
    if (findDamage(place.path).length === 0) add(`in use: ${wordsOf(error)}, and nothing damaged is found`);
  }
}

/** Undefined where reading everything comes upon the damage, which says so. */
function tryToRead(path: string): Rows | undefined {
  try {
    return readRows(path);
  } catch {
    return undefined;
  }
}
