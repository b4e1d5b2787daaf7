import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { openForReading, readInteger, readPragma } from '../../../src/store/database.ts';
import { migrations } from '../../../src/store/schema.ts';
import { environment } from '../../e2e/account.ts';
import { startLivetally } from '../../e2e/livetally-process.ts';
import type { CampaignOptions, CampaignRow } from '../campaign-part.ts';
import { createDice } from '../dice.ts';
import { verifyRun } from '../verified-run.ts';
import { type CrashPlace, copyStore } from './copied-store.ts';
import { CrashTally } from './crash-tally.ts';
import { makeOldStore, sumOfOldTotals } from './old-store.ts';

/** SQLite reads a table through before it adds a column to it; this takes it a tenth of a second or more. */
const size = { rounds: 4_000, rooms: 100 };
const oldSamples = size.rounds * size.rooms;
/** Of the kills, so many must come while the store is open and not lifted yet. */
const leastShare = 1 / 4;

/** `kill -9` of the real program while it lifts an old store, each time one of its own; then it starts again. */
export async function killInMigration(
  { seed, log }: CampaignOptions,
  kills: number,
  place: CrashPlace,
): Promise<CampaignRow> {
  const tally = new CrashTally('kill -9 while an old store is lifted', 'kills');
  const template = place.folder.path('version-1.db');
  makeOldStore(template, size);
  let inTheMiddle = 0;
  for (let kill = 0; kill < kills; kill++) {
    const dice = createDice(seed, kill);
    const { store, config } = await copyStore(template, place, { name: `migration-${kill}`, keep: '3650d' });
    await using livetally = startLivetally(['run', '--config', config], environment);
    // It is opened when there is a file of shared memory beside it, and lifted when it says that it has started.
    const hasStarted = livetally.says(/"started"/).then(() => true);
    while (!existsSync(`${store}-shm`) && !(await Promise.race([hasStarted, delay(2, false)])));
    await delay(dice.below(dice.oneIn(4) ? 1_000 : 100));
    livetally.kill('SIGKILL');
    await livetally.ended;
    await hasStarted.catch(() => {});
    if (versionOf(store) < migrations.length) inTheMiddle++;
    tally.add(`seed ${seed}, kill ${kill} in a migration`, await examine(store, config));
  }
  log(`${kills} kills while an old store is lifted, ${inTheMiddle} of them in the middle`);
  if (inTheMiddle < Math.floor(kills * leastShare)) {
    const wrong = [`only ${inTheMiddle} of ${kills} kills came while the store was lifted`];
    tally.add(`seed ${seed}`, { lost: 0, doubled: 0, wrong });
  }
  return tally.row();
}

function versionOf(store: string): number {
  using database = openForReading(store);
  return readPragma(database, 'user_version');
}

/** Starts it again, which lifts it, and stops it in order: every old row is there, and as it was. */
async function examine(store: string, config: string) {
  await using livetally = startLivetally(['run', '--config', config], environment);
  await livetally.says(/"started"/);
  livetally.kill('SIGTERM');
  const { code, stdout, stderr } = await livetally.ended;
  const wrong = code === 0 && stderr === '' ? [] : [`started again it ended with ${code}: ${stdout}${stderr}`];
  wrong.push(...(await verifyRun(config, environment)).findings);
  using database = openForReading(store);
  const read = (sql: string) => readInteger(database.prepare(sql)) ?? 0;
  const rows = read(`SELECT count(*) FROM room_stats WHERE id <= ${oldSamples}`);
  const sum = read(`SELECT sum(total_viewers) FROM room_stats WHERE id <= ${oldSamples} AND in_gap = 0`);
  if (rows === oldSamples && sum !== sumOfOldTotals(size)) wrong.push(`the old totals add up to ${sum}`);
  if (versionOf(store) !== migrations.length) wrong.push(`the store is of version ${versionOf(store)}`);
  return { lost: Math.max(0, oldSamples - rows), doubled: Math.max(0, rows - oldSamples), wrong };
}
