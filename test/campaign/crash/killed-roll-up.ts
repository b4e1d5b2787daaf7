import { cpSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { environment } from '../../e2e/account.ts';
import { type LivetallyProcess, startLivetally } from '../../e2e/livetally-process.ts';
import { dayMs, rollUp, startMs, TemporaryStore } from '../../integration/store/temporary-store.ts';
import type { CampaignOptions, CampaignRow } from '../campaign-part.ts';
import { createDice } from '../dice.ts';
import { verifyRun } from '../verified-run.ts';
import { type CrashPlace, copyStore } from './copied-store.ts';
import { CrashTally } from './crash-tally.ts';
import { countWindows } from './killed-retention.ts';
import { makeOldStore } from './old-store.ts';

const size = { rounds: 4_000, rooms: 100 };
/** The first roll-up is half a minute after the start, and works off all that there is in some seconds. */
const worksForMs = 3_000;
const lookEveryMs = 20;
const patienceMs = 180_000;
/** Of the kills, so many must come when some of the windows are made and some are not. */
const leastShare = 1 / 2;
/** They mostly wait. */
const sideBySide = 4;

/** `kill -9` of the real program while it makes windows of samples, each time in a store of its own; then it starts again and ends it. */
export async function killInRollUp(
  { seed, log }: CampaignOptions,
  kills: number,
  place: CrashPlace,
): Promise<CampaignRow> {
  const tally = new CrashTally('kill -9 while windows are made', 'kills');
  const template = place.folder.path('not-rolled-up.db');
  makeOldStore(template, size);
  const all = countAll(template);
  let inTheMiddle = 0;
  async function killSome(first: number): Promise<void> {
    for (let kill = first; kill < kills; kill += sideBySide) {
      const { store, config } = await copyStore(template, place, { name: `roll-up-${kill}`, keep: '3650d' });
      await using livetally = startLivetally(['run', '--config', config], environment);
      await untilWindows(livetally, store, (windows) => windows > 0);
      await delay(createDice(seed, kill).below(worksForMs));
      livetally.kill('SIGKILL');
      await livetally.ended;
      const made = countWindows(store);
      if (made > 0 && made < all) inTheMiddle++;
      const wrong = [...(await verifyRun(config, environment)).findings, ...(await goOn(store, config, all))];
      tally.add(`seed ${seed}, kill ${kill} in a roll-up`, { lost: 0, doubled: 0, wrong });
    }
  }
  await Promise.all(Array.from({ length: Math.min(kills, sideBySide) }, (_, first) => killSome(first)));
  log(`${kills} kills while windows are made, ${inTheMiddle} of them in the middle`);
  if (inTheMiddle < Math.floor(kills * leastShare)) {
    const wrong = [`only ${inTheMiddle} of ${kills} kills came in the middle of it`];
    tally.add(`seed ${seed}`, { lost: 0, doubled: 0, wrong });
  }
  return tally.row();
}

/** Until every window is made; `verify` holds each against its samples. */
async function goOn(store: string, config: string, all: number): Promise<readonly string[]> {
  await using livetally = startLivetally(['run', '--config', config], environment);
  await untilWindows(livetally, store, (windows) => windows >= all);
  livetally.kill('SIGTERM');
  const { code, stdout, stderr } = await livetally.ended;
  if (code !== 0) return [`started again it ended with ${code}: ${stdout}${stderr}`];
  const { findings, looked } = await verifyRun(config, environment);
  const made = countWindows(store);
  return [
    ...findings,
    ...(made === all ? [] : [`there are ${made} windows of the old samples, and there should be ${all}`]),
    ...(looked.windows >= all ? [] : [`verify has looked at ${looked.windows} windows of ${all}`]),
  ];
}

async function untilWindows(
  livetally: LivetallyProcess,
  store: string,
  isMeant: (windows: number) => boolean,
): Promise<void> {
  await livetally.says(/"started"/);
  for (let looks = 0; !isMeant(countWindows(store)); looks++) {
    if (looks * lookEveryMs > patienceMs) throw new Error(`there are ${countWindows(store)} windows in ${store}`);
    await delay(lookEveryMs);
  }
}

/** What a roll-up that nobody kills comes to. */
function countAll(template: string): number {
  using elsewhere = new TemporaryStore();
  const path = `${template}.whole`;
  cpSync(template, path);
  const journal = elsewhere.open({ path, keepMs: Number.MAX_SAFE_INTEGER });
  rollUp(journal, startMs + 300 * dayMs);
  journal[Symbol.dispose]();
  return countWindows(path);
}
