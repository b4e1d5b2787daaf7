import { rmSync } from 'node:fs';
import { salvage } from '../../../src/store/salvage.ts';
import { startMs } from '../../integration/store/temporary-store.ts';
import { atStake, wholeLogBytes } from './at-stake.ts';
import { type DamagedCase, watchFiles, wordsOf } from './damaged-case.ts';
import { compareRows, describeDifference, type Rows, readRows } from './truth.ts';

/** What is saved of a damaged store is true, and is everything but what the harm can have cost. */
export function judgeSalvage(one: DamagedCase): void {
  const { harm, original, add, counted } = one;
  const saved = salvageRows(one);
  const wholeBytes = harm.file === 'log' ? wholeLogBytes(harm, original) : undefined;
  const truth = wholeBytes === undefined ? original.truth : original.rowsWithLogOf(wholeBytes);
  const most = wholeBytes === undefined ? atStake(harm, original) : { rows: 0, canChange: false };
  const found = compareRows(truth, saved ?? new Map());
  const { missing, changed, strange } = found;
  counted(saved === undefined ? 'unreadable' : 'salvaged');
  counted('lostRows', missing.length);
  counted('changedRows', changed.length + strange.length);
  const isChanged = changed.length + strange.length > 0;
  if (missing.length + changed.length > most.rows || (isChanged && !most.canChange)) {
    add(
      `of the ${truth.size} rows, ${most.rows} of them at stake, salvage has saved ${saved?.size ?? 'nothing'}: ${describeDifference(found)}`,
    );
  }
}

/** Undefined where nothing can be read. */
export function salvageRows({ place, add }: DamagedCase): Rows | undefined {
  const newPath = `${place.path}.new`;
  const changedFiles = watchFiles(place.path);
  try {
    salvage(place.path, newPath, startMs);
    using opened = place.open({ path: newPath });
    for (const one of opened.status().sinks) {
      const sum = one.delivered + one.waiting + one.rejected + one.dropped;
      if (one.tier === 'raw' && sum !== opened.status().committed[one.endpoint])
        add('the books of the salvaged store are wrong');
    }
    return readRows(newPath);
  } catch (error) {
    if (!/nothing of .* can be read/.test(wordsOf(error)))
      add(`salvage: ${error instanceof Error ? error.stack : wordsOf(error)}`);
    return undefined;
  } finally {
    for (const name of changedFiles()) add(`salvage has changed ${name}`);
    for (const end of ['', '-wal', '-shm']) rmSync(`${newPath}${end}`, { force: true });
  }
}
