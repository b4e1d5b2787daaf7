import { setTimeout as delay } from 'node:timers/promises';
import { classifyError } from '../../../src/store/database.ts';
import { roomSeries, TemporaryStore } from '../../integration/store/temporary-store.ts';
import { openLived } from '../crash/examine-store.ts';
import { storeLife } from '../crash/store-life.ts';
import { createDice } from '../dice.ts';

/** A program that opens a store, does some steps of a life in it and closes it, and says after each how many it has done. */
const [path = '', seed = '', total = '', from = ''] = process.argv.slice(2);
const mostTries = 1_000;
using elsewhere = new TemporaryStore();
const journal = await persistently(() => openLived(elsewhere, path));
process.stdout.write('opened\n');
const others = Array.from({ length: 40 }, (_, index) => roomSeries(`other-${index}`));
const steps = storeLife(createDice(Number(seed)), Number(total));
for (const [index, step] of steps.entries()) {
  if (index < Number(from)) continue;
  await persistently(() => step.run(journal), registerOthers);
  process.stdout.write(`${index + 1}\n`);
}
await persistently(() => journal[Symbol.dispose]());

/** As the server of the store does: what the disk refuses is tried again. In between something else may be tried, by others. */
async function persistently<Result>(work: () => Result, between = (_attempt: number) => {}): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return work();
    } catch (error) {
      if (!isPassing(error) || attempt >= mostTries) throw error;
      between(attempt);
      await delay(1);
    }
  }
}

/** A transaction of another size each time. */
function registerOthers(attempt: number): void {
  try {
    journal.register(others.slice(0, 1 + ((attempt * 7) % others.length)));
  } catch (error) {
    if (!isPassing(error)) throw error;
  }
}

/** An opening looks at the log without SQLite, whose errors alone have a class. */
function isPassing(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return classifyError(cause) === 'passing' || (cause instanceof Error && 'code' in cause && cause.code === 'EIO');
}
