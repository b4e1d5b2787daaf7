import { setTimeout as delay } from 'node:timers/promises';
import type { GivenAnswer } from '../../../src/simulator/service.ts';
import { startFakeInfluxdb } from '../../contract/sink-fake-influxdb.ts';
import { busyWorld, configText, environment, startTencent } from '../../e2e/account.ts';
import { createWorkspace, type Ended, type LivetallyProcess, startLivetally } from '../../e2e/livetally-process.ts';
import { readStore } from '../../e2e/stored.ts';
import { type CampaignOptions, type CampaignRow, formatCount } from '../campaign-part.ts';
import { createDice, type Dice } from '../dice.ts';
import { verifyRun } from '../verified-run.ts';
import { compareAnswers, comparePoints, KnownRows } from './compare.ts';
import { buildDiskFaults, createFaultyDisk, type FaultyDisk, type Trouble } from './faulty-disk.ts';
import { type End, type MetTroubles, wordsOfEnd, wordsOfRefusal } from './judge-life.ts';
import { scrape } from './scrape.ts';

type Tally = { troubles: number; lost: number; doubled: number; wrong: number; readonly findings: string[] };

type Surroundings = {
  readonly disk: FaultyDisk;
  readonly config: string;
  readonly store: string;
  readonly answers: readonly GivenAnswer[];
  readonly rows: KnownRows;
  readonly tally: Tally;
};

const targets = 40;

/**
 * The real program, on a disk that fills up, turns read-only or fails now and then, again and again in each life; what was
 * answered, stored and received by the sink is compared after each life and at the end.
 */
export async function liveInTrouble({ seed, log }: CampaignOptions, lives: number): Promise<CampaignRow> {
  const tally: Tally = { troubles: 0, lost: 0, doubled: 0, wrong: 0, findings: [] };
  const world = busyWorld(targets / 2, targets / 2);
  const answers: GivenAnswer[] = [];
  await using folder = await createWorkspace();
  using disk = createFaultyDisk(folder, await buildDiskFaults(folder), seed);
  await using influxdb = await startFakeInfluxdb({ version: '2.9.1' });
  for (const tier of ['', '_5m', '_1h', '_1d', '_1mo']) influxdb.createPlace(`live${tier}`);
  await using tencent = await startTencent(world, { onAnswer: (answer) => answers.push(answer) });
  const store = `${disk.folder}/store.db`;
  const config = await folder.write(
    'livetally.yaml',
    configText({
      ...{ baseUrl: tencent.url, store, world },
      influxdb: `{ url: "${influxdb.url}", org: livetally, bucket: live, token: t }`,
    }),
  );
  const surroundings = { disk, config, store, answers, rows: new KnownRows(), tally };
  for (let number = 1; number <= lives; number++) {
    const dice = createDice(seed, number);
    const end = dice.oneIn(12) ? 'in order on a bad disk' : dice.oneIn(2) ? 'in order' : 'killed';
    await liveOnce(`seed ${seed}, life ${number}`, dice, end, surroundings);
    if (number % 10 === 0) log(`${number} lives, ${tally.troubles} troubles, ${disk.met} calls failed`);
  }
  disk.become({ kind: 'well' });
  await shipTheRest(config);
  const points = influxdb.pointsOf('live');
  const { missing, strange } = comparePoints(readStore(store).samples, points);
  tally.lost += missing.length;
  tally.doubled += strange.length;
  tally.findings.push(...missing.slice(0, 5).map((key) => `stored and delivered, but not in the sink: ${key}`));
  tally.findings.push(...strange.slice(0, 5).map((key) => `in the sink, but not in the store: ${key}`));
  // The sink of the tests cannot be asked: what is in it was compared above.
  const verified = await verifyRun(config, environment, ['--store-only']);
  tally.lost += verified.lost;
  tally.wrong += verified.wrong + verified.doubled;
  tally.findings.push(...verified.findings);
  log(`${tally.troubles} troubles, ${disk.met} calls failed, ${points.length} points in the sink`);
  if (disk.met === 0) throw new Error('the disk has failed no call');
  const { troubles, ...found } = tally;
  return { test: 'a disk that is full, read-only or fails', howMany: formatCount(troubles, 'troubles'), ...found };
}

/** A last life without trouble. */
async function shipTheRest(config: string): Promise<void> {
  await using livetally = startLivetally(['run', '--config', config], environment);
  await livetally.says(/"started"/);
  livetally.kill('SIGTERM');
  const { code, stdout, stderr } = await livetally.ended;
  if (code !== 0 || !/"waiting":0/.test(stdout))
    throw new Error(`the last life ended with ${code}: ${stdout}${stderr}`);
}

async function liveOnce(name: string, dice: Dice, end: End, surroundings: Surroundings): Promise<void> {
  const { disk, config, store, answers, tally } = surroundings;
  const wrong = (words: string) => {
    tally.wrong++;
    tally.findings.push(`${name}: ${words}`);
  };
  const answersBefore = answers.length;
  const first: Trouble = dice.oneIn(8) ? drawTrouble(dice) : { kind: 'well' };
  disk.become(first);
  await using livetally = startLivetally(['run', '--config', config], { ...environment, ...disk.environment });
  const url = await metricsOf(livetally);
  disk.become({ kind: 'well' });
  if (url === undefined) {
    for (const words of wordsOfRefusal(await livetally.ended)) wrong(words);
    return;
  }
  const watch = { dice, url, wrong, met: new Set([first.kind]) };
  let committed = 0;
  const troubles = 1 + dice.below(3);
  for (let trouble = 0; trouble < troubles; trouble++) {
    await delay(500 + dice.below(1_500));
    committed = Math.max(committed, (await scrape(url))?.committed ?? 0);
    if (!(await meetTrouble(watch, surroundings))) break;
  }
  tally.troubles += troubles;
  const ended = await endAs(end, livetally, watch, disk);
  disk.become({ kind: 'well' });
  for (const words of wordsOfEnd(ended, end, watch.met, troubles)) wrong(words);

  const found = surroundings.rows.since(readStore(store).samples);
  tally.doubled += found.doubled.length;
  for (const key of found.doubled.slice(0, 3)) tally.findings.push(`${name}: stored twice: ${key}`);
  const { missing, strange } = compareAnswers(answers.slice(answersBefore), found.fresh);
  if (strange.length > 0) wrong(`${strange.length} samples are stored that were never answered, such as ${strange[0]}`);
  const lost = ended.code === 0 ? missing.length : Math.max(0, committed - found.total);
  tally.lost += lost;
  if (lost > 0)
    tally.findings.push(`${name}: ${lost} samples are not there after it ended with ${ended.code ?? ended.signal}`);
}

type Watch = {
  readonly dice: Dice;
  readonly met: MetTroubles;
  readonly url: string;
  readonly wrong: (words: string) => void;
};

/** False where the program has ended over it, which a disk that cannot be read allows; the end will tell. */
async function meetTrouble({ dice, met, url, wrong }: Watch, { disk, answers }: Surroundings): Promise<boolean> {
  const trouble = drawTrouble(dice);
  met.add(trouble.kind);
  const lastsMs = 300 + dice.below(2_700);
  const before = answers.length;
  disk.become(trouble);
  await delay(lastsMs);
  const polled = answers.length - before;
  const scraped = await scrape(url);
  disk.become({ kind: 'well' });
  if (scraped === undefined) return false;
  if (polled < (targets * (lastsMs - 500)) / 1_000 / 2) {
    wrong(`${polled} answers in ${lastsMs} ms on a disk that is ${trouble.kind}`);
  }
  if (!scraped.isFailing && scraped.uncommitted > targets) {
    wrong(`${scraped.uncommitted} samples wait, and the metrics do not say why`);
  }
  return true;
}

function drawTrouble(dice: Dice): Trouble {
  return dice.pick<Trouble>([
    { kind: 'full' },
    { kind: 'read_only' },
    { kind: 'failing', oneIn: dice.pick([2, 5, 20]) },
    { kind: 'unreadable', oneIn: dice.pick([1, 3]) },
  ]);
}

/** Undefined where it has ended instead of starting. */
async function metricsOf(livetally: LivetallyProcess): Promise<string | undefined> {
  const said = livetally.says(/"metrics":"([^"]+)"/).then(([, url]) => url);
  return await Promise.race([said.catch(() => undefined), livetally.ended.then(() => undefined)]);
}

async function endAs(end: End, livetally: LivetallyProcess, { dice, met }: Watch, disk: FaultyDisk): Promise<Ended> {
  const trouble = drawTrouble(dice);
  switch (end) {
    case 'in order':
      await delay(dice.below(500));
      livetally.kill('SIGTERM');
      break;
    case 'in order on a bad disk':
      met.add(trouble.kind);
      disk.become(trouble);
      await delay(500);
      livetally.kill('SIGTERM');
      break;
    case 'killed':
      met.add(trouble.kind);
      disk.become(trouble);
      await delay(dice.below(1_000));
      livetally.kill('SIGKILL');
      break;
    default:
      end satisfies never;
  }
  return await livetally.ended;
}
