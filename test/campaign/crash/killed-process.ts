import { setTimeout as delay } from 'node:timers/promises';
import { tiers } from '../../../src/model/window.ts';
import { busyWorld, configText, environment, startTencent } from '../../e2e/account.ts';
import { createWorkspace, startLivetally } from '../../e2e/livetally-process.ts';
import { startInfluxdb2 } from '../../real/servers/influxdb-2.ts';
import { type CampaignPart, formatCount } from '../campaign-part.ts';
import { createDice, type Dice } from '../dice.ts';
import { verifyRun } from '../verified-run.ts';
import { Backups } from './backups.ts';
import { killInRetention } from './killed-retention.ts';

/** Long enough that most lives reach polling and shipping. */
const longestLifeMs = 3_000;
/** Reading the configuration and opening the store. */
const startMs = 600;
/** What breaking off requests, committing and shipping the rest takes when nothing is in the way. */
const stopMs = 300;
/** Each waits for retention, which the others do not live long enough to see. */
const killsPerRetention = 20;

/** `kill -9` of the real program at any moment, again and again on one store; at the end `verify` speaks. */
export const killedProcess: CampaignPart = {
  name: 'kill',
  summary: 'kill -9 of the real program, into a real InfluxDB; --count is how many kills (1,000, about 50 min)',
  async run({ seed, count = 1_000, log }) {
    const world = busyWorld(20, 20);
    await using folder = await createWorkspace();
    await using influxdb = await startInfluxdb2();
    for (const tier of tiers) await influxdb.createBucket(`${influxdb.bucket}_${tier}`);
    await using tencent = await startTencent(world);
    const config = await folder.write(
      'livetally.yaml',
      configText({
        ...{ baseUrl: tencent.url, store: folder.path('store.db'), world },
        influxdb: `{ url: "${influxdb.url}", org: ${influxdb.org}, bucket: ${influxdb.bucket}, token: "${influxdb.token}" }`,
      }),
    );
    const backups = new Backups(folder, config);
    for (let kill = 1; kill <= count; kill++) {
      await killOnce(createDice(seed, kill), config, backups);
      if (kill % 50 === 0) log(`${kill} kills, ${backups.made} backups`);
    }
    await using last = startLivetally(['run', '--config', config], environment);
    await last.says(/"started"/);
    await delay(longestLifeMs);
    last.kill('SIGTERM');
    const { code, stdout, stderr } = await last.ended;
    if (code !== 0) throw new Error(`the last life ended with ${code}: ${stdout}\n${stderr}`);

    const { lost, doubled, wrong, findings } = await verifyRun(config, environment);
    const { findings: ofBackups } = backups;
    return [
      {
        test: 'kill -9 of the real program',
        howMany: formatCount(count, 'kills'),
        ...{ lost, doubled, wrong: wrong + ofBackups.length, findings: [...findings, ...ofBackups] },
      },
      await killInRetention({ seed, count, log }, Math.ceil(count / killsPerRetention), { folder, tencent, world }),
    ];
  },
};

/** In the start, in the stop, beside a backup, or whenever. */
async function killOnce(dice: Dice, config: string, backups: Backups): Promise<void> {
  const moment = dice.pick(['start', 'stop', 'backup', 'any', 'any'] as const);
  await using livetally = startLivetally(['run', '--config', config], environment);
  await delay(100 + dice.below(moment === 'start' ? startMs : longestLifeMs));
  const backup = moment === 'backup' ? backups.make(dice) : undefined;
  if (moment === 'backup') await delay(dice.below(startMs));
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
}
