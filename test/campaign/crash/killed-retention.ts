import { cpSync, mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Simulator } from '../../../src/simulator/server.ts';
import type { World } from '../../../src/simulator/world.ts';
import { openDatabase, readInteger } from '../../../src/store/database.ts';
import { configText, environment } from '../../e2e/account.ts';
import { startLivetally, type Workspace } from '../../e2e/livetally-process.ts';
import {
  emptyBatch,
  rollUp,
  roomSeries,
  roundAt,
  sampleAt,
  TemporaryStore,
} from '../../integration/store/temporary-store.ts';
import type { CampaignOptions, CampaignRow } from '../campaign-part.ts';
import { createDice } from '../dice.ts';
import { verifyRun } from '../verified-run.ts';
import { CrashTally } from './crash-tally.ts';

const [oldRounds, roomsInRound, roundsInCommit] = [2_000, 100, 50];
const oldRows = oldRounds * roomsInRound;
const roundMs = 15_000;
const hourMs = 60 * 60 * 1_000;
/** Retention takes its first look 15 seconds after the start, and is done with the old rows some seconds later. */
const beginsAfterMs = 15_000;
const worksForMs = 3_000;
/** They mostly wait. */
const sideBySide = 4;

export type RetentionPlace = { readonly folder: Workspace; readonly tencent: Simulator; readonly world: World };

/** `kill -9` of the real program while retention works off what has become too old, each time in a store of its own. */
export async function killInRetention(
  { seed, log }: CampaignOptions,
  kills: number,
  place: RetentionPlace,
): Promise<CampaignRow> {
  const tally = new CrashTally('kill -9 while retention works', 'kills');
  const template = makeOldRows(place.folder);
  let inTheMiddle = 0;
  async function killSome(first: number): Promise<void> {
    for (let kill = first; kill < kills; kill += sideBySide) {
      const config = await killOnce(template, place, seed, kill);
      const { oldLeft, freshMissing } = countLeft(storeOf(place.folder, kill));
      if (oldLeft > 0 && oldLeft < oldRows) inTheMiddle++;
      const { findings } = await verifyRun(config, environment);
      const where = `seed ${seed}, kill ${kill} in retention`;
      tally.add(where, { lost: Math.max(0, freshMissing), doubled: 0, wrong: findings });
    }
  }
  await Promise.all(Array.from({ length: Math.min(kills, sideBySide) }, (_, first) => killSome(first)));
  log(`${kills} kills while retention works, ${inTheMiddle} of them in the middle`);
  return tally.row();
}

/** A store full of samples that were rolled up days ago. */
function makeOldRows(folder: Workspace): string {
  const path = folder.path('old.db');
  using elsewhere = new TemporaryStore();
  using journal = elsewhere.open({ path, sinks: [] });
  const registered = journal.register(
    Array.from({ length: roomsInRound }, (_, room) => roomSeries(`old-room-${room}`)),
  );
  const beganMs = Math.floor(Date.now() / hourMs) * hourMs - 72 * hourMs;
  for (let first = 1; first <= oldRounds; first += roundsInCommit) {
    const rounds = Array.from({ length: roundsInCommit }, (_, index) => first + index);
    journal.commit({
      ...emptyBatch,
      begun: rounds.map((id) => ({ id, round: roundAt('room_stats', beganMs + id * roundMs), due: roomsInRound })),
      samples: rounds.flatMap((roundId) =>
        registered.map(({ endpoint, seriesId }) => ({
          ...{ endpoint, seriesId, roundId },
          sample: sampleAt(beganMs + roundId * roundMs + seriesId, { sessionMs: beganMs }),
        })),
      ),
      ended: rounds,
    });
  }
  rollUp(journal, beganMs + 24 * hourMs);
  return path;
}

function storeOf(folder: Workspace, kill: number): string {
  return folder.path(`retention-${kill}/store.db`);
}

/** Returns the configuration that the store goes by. */
async function killOnce(
  template: string,
  { folder, tencent, world }: RetentionPlace,
  seed: number,
  kill: number,
): Promise<string> {
  const store = storeOf(folder, kill);
  mkdirSync(folder.path(`retention-${kill}`));
  cpSync(template, store);
  const text = configText({ baseUrl: tencent.url, store: `${store}, keep: 1h`, world });
  const config = await folder.write(`retention-${kill}/livetally.yaml`, text);
  await using livetally = startLivetally(['run', '--config', config], environment);
  await livetally.says(/"started"/);
  await delay(beginsAfterMs + createDice(seed, kill).below(worksForMs));
  livetally.kill('SIGKILL');
  await livetally.ended;
  return config;
}

/** How many old samples are left, and how many of the others, which are all to be kept, are not there. */
function countLeft(path: string): { readonly oldLeft: number; readonly freshMissing: number } {
  using database = openDatabase(path, 1_000);
  const read = (sql: string) => readInteger(database.prepare(sql)) ?? 0;
  const fresh = read(`SELECT count(*) FROM room_stats WHERE id > ${oldRows}`);
  const given = read("SELECT seq FROM sqlite_sequence WHERE name = 'room_stats'") - oldRows;
  return { oldLeft: read(`SELECT count(*) FROM room_stats WHERE id <= ${oldRows}`), freshMissing: given - fresh };
}
