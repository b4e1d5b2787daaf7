import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { busyWorld, configText, environment, startTencent } from '../../e2e/account.ts';
import { createWorkspace, runLivetally, startLivetally } from '../../e2e/livetally-process.ts';
import { startInfluxdb2 } from '../../real/servers/influxdb-2.ts';
import { type CampaignPart, formatCount } from '../campaign-part.ts';
import { createDice } from '../dice.ts';

const verified = z.object({ findings: z.array(z.object({ kind: z.string(), count: z.number() }).loose()) });

/** Long enough that most lives reach polling and shipping, short enough that some end in the start. */
const longestLifeMs = 3_000;

/** `kill -9` of the real program at any moment, again and again on one store; at the end `verify` speaks. */
export const killedProcess: CampaignPart = {
  name: 'kill',
  summary: 'kill -9 of the real program, into a real InfluxDB; --count is how many kills (1,000, about 40 min)',
  async run({ seed, count = 1_000, log }) {
    const dice = createDice(seed);
    const world = busyWorld(20, 20);
    await using folder = await createWorkspace();
    await using influxdb = await startInfluxdb2();
    for (const tier of ['5m', '1h', '1d', '1mo']) await influxdb.createBucket(`${influxdb.bucket}_${tier}`);
    await using tencent = await startTencent(world);
    const config = await folder.write(
      'livetally.yaml',
      configText({
        ...{ baseUrl: tencent.url, store: folder.path('store.db'), world },
        influxdb: `{ url: "${influxdb.url}", org: ${influxdb.org}, bucket: ${influxdb.bucket}, token: "${influxdb.token}" }`,
      }),
    );
    for (let kill = 1; kill <= count; kill++) {
      await using livetally = startLivetally(['run', '--config', config], environment);
      await delay(100 + dice.below(longestLifeMs));
      livetally.kill('SIGKILL');
      const { signal, stdout, stderr } = await livetally.ended;
      if (signal !== 'SIGKILL') throw new Error(`livetally ended by itself: ${stdout}\n${stderr}`);
      if (kill % 50 === 0) log(`${kill} kills`);
    }
    await using last = startLivetally(['run', '--config', config], environment);
    await last.says(/"started"/);
    await delay(longestLifeMs);
    last.kill('SIGTERM');
    await last.ended;

    const { stdout, stderr } = await runLivetally(['verify', '--config', config, '--json'], {
      ...environment,
      INFLUX_READ_TOKEN: influxdb.token,
    });
    if (stderr !== '') throw new Error(`verify could not be run: ${stderr}`);
    const { findings } = verified.parse(JSON.parse(stdout));
    const found = (isMeant: (kind: string) => boolean) =>
      findings.filter(({ kind }) => isMeant(kind)).reduce((sum, { count: ofThem }) => sum + ofThem, 0);
    const isLost = (kind: string) => kind === 'missing_point' || kind === 'row';
    const isDoubled = (kind: string) => kind === 'unknown_point';
    return [
      {
        test: 'kill -9 of the real program',
        howMany: formatCount(count, 'kills'),
        lost: found(isLost),
        doubled: found(isDoubled),
        wrong: found((kind) => !isLost(kind) && !isDoubled(kind)),
        findings: findings.map((finding) => JSON.stringify(finding)),
      },
    ];
  },
};
