import { setTimeout as delay } from 'node:timers/promises';
import { tiers } from '../../../src/model/window.ts';
import { busyWorld, configText, environment, startTencent } from '../../e2e/account.ts';
import { createWorkspace, type LivetallyProcess, startLivetally } from '../../e2e/livetally-process.ts';
import { startInfluxdb2 } from '../../real/servers/influxdb-2.ts';
import { type CampaignPart, type CampaignRow, formatCount } from '../campaign-part.ts';
import { createDice, type Dice } from '../dice.ts';
import { scrape } from '../disk/scrape.ts';
import { verifyRun } from '../verified-run.ts';
import { Backups } from './backups.ts';
import { killInMigration } from './killed-migration.ts';
import { killInRetention } from './killed-retention.ts';
import { killInRollUp } from './killed-roll-up.ts';
import { OutsideTruth } from './outside-truth.ts';

/** Long enough that most lives reach polling and shipping. */
const longestLifeMs = 3_000;
/** Reading the configuration and opening the store. */
const startMs = 600;
/** What breaking off requests, committing and shipping the rest takes when nothing is in the way. */
const stopMs = 300;
/** Each waits for retention, which the others do not live long enough to see. */
const killsPerRetention = 20;
const killsPerMigration = 10;
const killsPerRollUp = 25;

/** `kill -9` of the real program at any moment, again and again on one store; at the end `verify` speaks. No life is long enough to make windows. */
export const killedProcess: CampaignPart = {
  name: 'kill',
  summary: 'kill -9 of the real program, into a real InfluxDB; --count is how many kills (1,000, about 45 min)',
  async run({ seed, count = 1_000, log }) {
    const world = busyWorld(20, 20);
    await using folder = await createWorkspace();
    await using influxdb = await startInfluxdb2();
    for (const tier of tiers) await influxdb.createBucket(`${influxdb.bucket}_${tier}`);
    const truth = new OutsideTruth();
    await using tencent = await startTencent(world, { onAnswer: (answer) => truth.answered(answer) });
    const store = folder.path('store.db');
    const config = await folder.write(
      'livetally.yaml',
      configText({
        ...{ baseUrl: tencent.url, store, world },
        influxdb: `{ url: "${influxdb.url}", org: ${influxdb.org}, bucket: ${influxdb.bucket}, token: "${influxdb.token}" }`,
      }),
    );
    const backups = new Backups(folder, config);
    for (let kill = 1; kill <= count; kill++) {
      truth.lived({ name: `kill ${kill}`, store, ...(await killOnce(createDice(seed, kill), config, backups)) });
      if (kill % 50 === 0)
        log(`${kill} kills, ${backups.made} backups, ${truth.held} samples, ${truth.torn} torn commits`);
    }
    await using last = startLivetally(['run', '--config', config], environment);
    await last.says(/"started"/);
    await delay(longestLifeMs);
    const committed = await committedBy(last);
    last.kill('SIGTERM');
    const { code, stdout, stderr } = await last.ended;
    if (code !== 0) throw new Error(`the last life ended with ${code}: ${stdout}\n${stderr}`);
    truth.lived({ name: 'the last life', store, committed, isClean: true, stdout });
    const place = { folder, tencent, world };
    return [
      await judge(config, truth, backups, count),
      await killInRetention({ seed, count, log }, Math.ceil(count / killsPerRetention), place),
      await killInMigration({ seed, count, log }, Math.ceil(count / killsPerMigration), place),
      await killInRollUp({ seed, count, log }, Math.ceil(count / killsPerRollUp), place),
    ];
  },
};

async function judge(config: string, truth: OutsideTruth, backups: Backups, count: number): Promise<CampaignRow> {
  const verified = await verifyRun(config, environment);
  const { looked } = verified;
  const isVain = looked.samples < truth.held || looked.points === 0 || truth.held === 0;
  const unseen = isVain
    ? [
        `verify has looked at ${looked.samples} samples and ${looked.points} points; the store holds ${truth.held} samples`,
      ]
    : [];
  return {
    test: 'kill -9 of the real program',
    howMany: formatCount(count, 'kills'),
    lost: verified.lost + truth.lost,
    doubled: verified.doubled + truth.doubled,
    wrong: verified.wrong + truth.wrong + backups.findings.length + unseen.length,
    findings: [...verified.findings, ...truth.findings, ...backups.findings, ...unseen],
  };
}

type Killed = { readonly committed: number; readonly isClean: boolean; readonly stdout: string };

/** In the start, in the stop, beside a backup, or whenever. */
async function killOnce(dice: Dice, config: string, backups: Backups): Promise<Killed> {
  const moment = dice.pick(['start', 'stop', 'backup', 'any', 'any'] as const);
  await using livetally = startLivetally(['run', '--config', config], environment);
  await delay(100 + dice.below(moment === 'start' ? startMs : longestLifeMs));
  const backup = moment === 'backup' ? backups.make(dice) : undefined;
  if (moment === 'backup') await delay(dice.below(startMs));
  const committed = await committedBy(livetally);
  if (moment === 'stop') {
    livetally.kill('SIGTERM');
    await delay(dice.below(stopMs));
  }
  livetally.kill('SIGKILL');
  const { code, signal, stdout, stderr } = await livetally.ended;
  // A signal that comes before anybody listens for it ends the process, as it ends any other.
  const isMeant = signal === 'SIGKILL' || (moment === 'stop' && (code === 0 || signal === 'SIGTERM'));
  if (!isMeant) throw new Error(`livetally ended by itself: ${stdout}\n${stderr}`);
  await backup;
  return { committed, isClean: code === 0, stdout };
}

/** What its metrics say that is on the disk; 0 while it has none yet. */
async function committedBy(livetally: LivetallyProcess): Promise<number> {
  const url = /"metrics":"([^"]+)"/.exec(livetally.stdout())?.[1];
  return url === undefined ? 0 : ((await scrape(url))?.committed ?? 0);
}
