import { describe, expect, test } from 'vitest';
import type { GivenAnswer } from '../../src/simulator/service.ts';
import { account, busyWorld, configText, environment, startTencent } from '../e2e/account.ts';
import { createWorkspace, startLivetally } from '../e2e/livetally-process.ts';
import { readStore } from '../e2e/stored.ts';
import { type Influxdb2, startInfluxdb2 } from './servers/influxdb-2.ts';
import { missingServers } from './servers/locate.ts';

const missing = missingServers(['influxdb-2.9.1']);

/** Every point of both measurements as one line, in the order of their text. */
async function readPoints(influxdb: Influxdb2): Promise<readonly string[]> {
  const rooms = await influxdb.influxql(
    'SELECT total_viewers, total_gift_coins FROM room_stats GROUP BY room_id, team',
  );
  const gifts = await influxdb.influxql(
    'SELECT total_count, total_coins FROM gift_count GROUP BY room_id, user_id, team',
  );
  return [
    ...rooms.map((row) => [
      'room_stats',
      row['room_id'],
      '',
      row['team'],
      row['time'],
      row['total_viewers'],
      row['total_gift_coins'],
    ]),
    ...gifts.map((row) => [
      'gift_count',
      row['room_id'],
      row['user_id'],
      row['team'],
      row['time'],
      row['total_count'],
      row['total_coins'],
    ]),
  ]
    .map((parts) => parts.join(' '))
    .sort();
}

function storedPoints(store: string): readonly string[] {
  const chosen = { room_stats: [0, 2], gift_count: [0, 1] } as const;
  return readStore(store)
    .samples.map(({ endpoint, roomId, userId, dueMs, totals }) => {
      const columns = endpoint === 'room_stats' ? chosen.room_stats : chosen.gift_count;
      return [endpoint, roomId, userId, 'music', dueMs, ...columns.map((column) => totals[column])].join(' ');
    })
    .sort();
}

describe.skipIf(missing.length > 0)('the collector and a real InfluxDB 2.9.1', () => {
  test('every committed sample is there exactly once, whatever is killed and restarted in between', async () => {
    const world = busyWorld(40, 40);
    const answers: GivenAnswer[] = [];
    await using folder = await createWorkspace();
    await using influxdb = await startInfluxdb2();
    await using tencent = await startTencent(world, {
      onAnswer: (answer) => answers.push(answer),
      apps: [{ ...account, identifiers: [account.identifier] }],
    });
    const store = folder.path('store.db');
    const config = await folder.write(
      'livetally.yaml',
      configText({
        baseUrl: tencent.url,
        store,
        world,
        influxdb: `{ url: "${influxdb.url}", org: ${influxdb.org}, bucket: ${influxdb.bucket}, token: "${influxdb.token}" }`,
      }),
    );
    const moreAnswers = async (count: number) => {
      const before = answers.length;
      await expect.poll(() => answers.length, { timeout: 20_000, interval: 10 }).toBeGreaterThanOrEqual(before + count);
    };

    for (const [killed, count] of [
      ['livetally', 60],
      ['influxdb', 90],
      ['livetally', 45],
      ['both', 70],
    ] as const) {
      await using livetally = startLivetally(['run', '--config', config], environment);
      await livetally.says(/"started"/);
      await moreAnswers(count);
      if (killed !== 'livetally') await influxdb.server.stop('SIGKILL');
      if (killed === 'influxdb') {
        await livetally.says(/influxdb takes no points; they wait in the store/);
        await moreAnswers(60);
        await influxdb.server.restart();
        await livetally.says(/influxdb takes points again/);
      }
      livetally.kill('SIGKILL');
      await livetally.ended;
      if (killed === 'both') await influxdb.server.restart();
    }
    await using last = startLivetally(['run', '--config', config], environment);
    await last.says(/"started"/);
    await moreAnswers(50);
    last.kill('SIGTERM');
    expect((await last.ended).code).toBe(0);

    const stored = storedPoints(store);
    expect(stored.length).toBeGreaterThan(200);
    expect(await readPoints(influxdb)).toEqual(stored);
  });

  test('check --online names a wrong token and a missing bucket', async () => {
    const world = busyWorld(2, 0);
    await using folder = await createWorkspace();
    await using influxdb = await startInfluxdb2();
    await using tencent = await startTencent(world);
    const ask = async (bucket: string, token: string) => {
      const text = configText({
        baseUrl: tencent.url,
        store: folder.path('store.db'),
        world,
        influxdb: `{ url: "${influxdb.url}", org: ${influxdb.org}, bucket: ${bucket}, token: "${token}" }`,
      });
      const config = await folder.write(`${bucket}.yaml`, text);
      return await startLivetally(['check', '--online', '--config', config], environment).ended;
    };
    expect(await ask(influxdb.bucket, influxdb.token)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/ok +influxdb bucket live/),
    });
    expect(await ask(influxdb.bucket, 'wrong')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/FAILED influxdb bucket live.*token/),
    });
    expect(await ask('nowhere', influxdb.token)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/FAILED influxdb bucket nowhere.*bucket/),
    });
  });
});
