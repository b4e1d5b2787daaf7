import { openFile } from '../../../src/store/open-file.ts';
import { TemporaryStore } from '../../integration/store/temporary-store.ts';
import { createDice } from '../dice.ts';
import { type Examined, examineStore } from './examine-store.ts';
import { makeOldStore, oldSamples } from './old-store.ts';
import { cutsOf, type Files, readFiles, tear, writeFiles } from './store-files.ts';

const beginnings: readonly {
  readonly name: string;
  readonly make: (path: string) => void;
  readonly samples: number;
}[] = [
  { name: 'a new store', make: () => {}, samples: 0 },
  { name: 'a store of version 1', make: makeOldStore, samples: oldSamples },
];

/** Crashes of the first opening of a new store, and of one of an older version, that its log of writes can show: all, or so many of each. */
export async function tearOpenings(
  seed: number,
  count: number,
  each: (where: string, examined: Examined) => void,
): Promise<void> {
  for (const { name, make, samples } of beginnings) {
    using store = new TemporaryStore();
    using torn = new TemporaryStore();
    make(store.path);
    const { database, log } = openAndCopy(store.path);
    const none = Buffer.alloc(0);
    const cuts = [0, ...cutsOf(createDice(seed), none, log)];
    const everySoMany = Math.ceil(cuts.length / count);
    for (const cut of cuts.filter((_, index) => index % everySoMany === 0)) {
      writeFiles(torn.path, { database, log: tear(none, log, cut) });
      each(`${name}, log cut at ${cut} of ${log.length}`, await examineStore(torn, [], { otherSamples: samples }));
    }
  }
}

/** As the files are before anything is closed, which would put the log into the database. */
function openAndCopy(path: string): Files {
  using _ = openFile(path);
  return readFiles(path);
}
