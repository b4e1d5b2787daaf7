import { setTimeout as delay } from 'node:timers/promises';
import { type Endpoint, endpoints } from '../../../src/model/target.ts';
import { tiers } from '../../../src/model/window.ts';
import { emptyBatch } from '../../../src/store/batch.ts';
import { openForReading, readInteger } from '../../../src/store/database.ts';
import { type FakeInfluxdb, startFakeInfluxdb } from '../../contract/sink-fake-influxdb.ts';
import { environment } from '../../e2e/account.ts';
import { startLivetally, type Workspace } from '../../e2e/livetally-process.ts';
import { readStore } from '../../e2e/stored.ts';
import { rollUp, roomSeries, roundAt, sampleAt, TemporaryStore } from '../../integration/store/temporary-store.ts';
import { destinations } from '../../integration/verify/lived-store.ts';
import type { CampaignOptions, CampaignRow } from '../campaign-part.ts';
import { createDice, type Dice } from '../dice.ts';
import { comparePoints } from '../disk/compare.ts';
import { scrape } from '../disk/scrape.ts';
import { verifyRun } from '../verified-run.ts';
import { type CopiedStore, type CrashPlace, copyStore } from './copied-store.ts';
import { CrashTally } from './crash-tally.ts';

const [oldRounds, roomsInRound, roundsInCommit] = [2_000, 100, 50];
const oldRows = oldRounds * roomsInRound;
const roundMs = 15_000;
const hourMs = 60 * 60 * 1_000;
/** Retention takes its first look 15 seconds after the start, and is done with the old rows some seconds later. */
const worksForMs = 1_500;
const lookEveryMs = 50;
const patienceMs = 120_000;
/** Of the kills, so many must come while some of the old rows are gone and some are not. */
const leastShare = 1 / 3;
/** They mostly wait. */
const sideBySide = 4;

/**
 * `kill -9` of the real program while retention works off what has become too old, each time in a store of its own with a
 * sink of its own; then it starts again, ends the work, and ships the rest.
 */
export async function killInRetention(
  { seed, log }: CampaignOptions,
  kills: number,
  place: CrashPlace,
): Promise<CampaignRow> {
  const tally = new CrashTally('kill -9 while retention works', 'kills');
  const template = makeOldRows(place.folder);
  const windows = countWindows(template);
  let inTheMiddle = 0;
  async function killSome(first: number): Promise<void> {
    for (let kill = first; kill < kills; kill += sideBySide) {
      await using influxdb = await startFakeInfluxdb({ version: '2.9.1' });
      for (const { tier } of destinations) influxdb.createPlace(tier === undefined ? 'live' : `live_${tier}`);
      const one = await copyStore(template, place, {
        ...{ name: `retention-${kill}`, keep: '1h' },
        influxdb: `{ url: "${influxdb.url}", org: livetally, bucket: live, token: t }`,
      });
      const committed = await killOnce(one, createDice(seed, kill));
      const left = countLeft(one.store);
      if (left.oldLeft > 0 && left.oldLeft < oldRows) inTheMiddle++;
      const wrong = [...(await verifyRun(one.config, environment, ['--store-only'])).findings];
      if (left.fresh + oldRows < committed)
        wrong.push(`${committed} were committed, and ${left.fresh} fresh ones are left`);
      wrong.push(...(await goOn(one, influxdb)));
      const after = countLeft(one.store);
      if (countWindows(one.store) < windows) wrong.push('windows of the old samples are gone');
      const lost = Math.max(left.freshMissing, after.freshMissing, left.fresh - after.fresh, 0);
      tally.add(`seed ${seed}, kill ${kill} in retention`, { lost, doubled: 0, wrong });
    }
  }
  await Promise.all(Array.from({ length: Math.min(kills, sideBySide) }, (_, first) => killSome(first)));
  log(`${kills} kills while retention works, ${inTheMiddle} of them in the middle`);
  if (inTheMiddle < kills * leastShare) {
    const wrong = [`only ${inTheMiddle} of ${kills} kills came in the middle of it`];
    tally.add(`seed ${seed}`, { lost: 0, doubled: 0, wrong });
  }
  return tally.row();
}

/** A store full of samples that were rolled up and shipped days ago. */
function makeOldRows(folder: Workspace): string {
  const path = folder.path('old.db');
  using elsewhere = new TemporaryStore();
  using journal = elsewhere.open({ path, sinks: destinations });
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
  // Ages are counted from a time that rounds stand behind.
  const last = { id: oldRounds + 1, round: roundAt('room_stats', Date.now() - hourMs / 2), due: 0 };
  journal.commit({ ...emptyBatch, begun: [last], ended: [last.id] });
  rollUp(journal, beganMs + 24 * hourMs);
  for (const { name, tables } of destinations) {
    for (const table of tables) {
      for (const range of journal.waitingRanges(name, table)) journal.settle(name, table, range, []);
    }
  }
  return path;
}

/** Returns what it has called committed before. */
async function killOnce({ store, config }: CopiedStore, dice: Dice): Promise<number> {
  await using livetally = startLivetally(['run', '--config', config], environment);
  const [, url = ''] = await livetally.says(/"metrics":"([^"]+)"/);
  await livetally.says(/"started"/);
  await untilOldLeft(store, (left) => left < oldRows);
  await delay(dice.below(worksForMs));
  const committed = (await scrape(url))?.committed ?? 0;
  livetally.kill('SIGKILL');
  await livetally.ended;
  return committed;
}

/** Until retention is done; what was sampled is in the sink then, and nothing else but what was sampled. */
async function goOn({ store, config }: CopiedStore, influxdb: FakeInfluxdb): Promise<readonly string[]> {
  await using livetally = startLivetally(['run', '--config', config], environment);
  await livetally.says(/"started"/);
  await untilOldLeft(store, (left) => left === 0);
  livetally.kill('SIGTERM');
  const { code, stdout, stderr } = await livetally.ended;
  if (code !== 0 || !/"waiting":0/.test(stdout)) return [`started again it ended with ${code}: ${stdout}${stderr}`];
  const { missing, strange } = comparePoints(readStore(store).samples, influxdb.pointsOf('live'));
  return [
    ...(await verifyRun(config, environment, ['--store-only'])).findings,
    ...missing.slice(0, 3).map((key) => `stored and delivered, but not in the sink: ${key}`),
    ...strange.slice(0, 3).map((key) => `in the sink, but not in the store: ${key}`),
  ];
}

async function untilOldLeft(store: string, isMeant: (left: number) => boolean): Promise<void> {
  for (let looks = 0; !isMeant(countLeft(store).oldLeft); looks++) {
    if (looks * lookEveryMs > patienceMs) throw new Error(`${countLeft(store).oldLeft} old rows are left in ${store}`);
    await delay(lookEveryMs);
  }
}

type Left = { readonly oldLeft: number; readonly fresh: number; readonly freshMissing: number };

/** How many old samples are left, how many others, and how many of those, which are all to be kept, are not there. */
function countLeft(path: string): Left {
  using database = openForReading(path);
  const read = (sql: string) => readInteger(database.prepare(sql)) ?? 0;
  const [fresh, given] = endpoints.reduce(
    ([rows, ids], table) => [
      rows + read(`SELECT count(*) FROM ${table} WHERE id > ${oldRowsOf(table)}`),
      ids + read(`SELECT max(seq) FROM sqlite_sequence WHERE name = '${table}'`) - oldRowsOf(table),
    ],
    [0, 0],
  );
  const oldLeft = read(`SELECT count(*) FROM room_stats WHERE id <= ${oldRows}`);
  return { oldLeft, fresh, freshMissing: given - fresh };
}

function oldRowsOf(endpoint: Endpoint): number {
  return endpoint === 'room_stats' ? oldRows : 0;
}

/** Of the old samples; they are kept for years. */
export function countWindows(path: string): number {
  using database = openForReading(path);
  const old = "SELECT s.id FROM series s JOIN target ON target.id = target_id WHERE room_id LIKE 'old-room-%'";
  return tiers.reduce(
    (sum, tier) =>
      sum + (readInteger(database.prepare(`SELECT count(*) FROM room_stats_${tier} WHERE series_id IN (${old})`)) ?? 0),
    0,
  );
}
