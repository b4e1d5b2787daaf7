import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { GivenAnswer } from '../../src/simulator/service.ts';
import { account, busyWorld, configText, environment, startTencent } from './account.ts';
import { createWorkspace, startLivetally } from './livetally-process.ts';
import { readStore, type StoredSample } from './stored.ts';

const keyOf = ({ endpoint, roomId, userId }: StoredSample) => `${endpoint} ${roomId} ${userId}`;
const total = (rounds: readonly { readonly polled: number }[]) => rounds.reduce((sum, { polled }) => sum + polled, 0);

async function scrape(url: string): Promise<string> {
  return await (await fetch(url)).text();
}

describe('livetally run', () => {
  test('stores what the service answered, tells its health, and stops in order on SIGTERM', async () => {
    const world = busyWorld(20, 20);
    const answers: GivenAnswer[] = [];
    await using folder = await createWorkspace();
    await using tencent = await startTencent(world, { onAnswer: (answer) => answers.push(answer) });
    const store = folder.path('store.db');
    const config = await folder.write('livetally.yaml', configText({ baseUrl: tencent.url, store, world }));
    await using livetally = startLivetally(['run', '--config', config], environment);
    const [, metricsUrl = ''] = await livetally.says(/"metrics":"([^"]+)"/);

    await expect
      .poll(() => scrape(metricsUrl), { timeout: 15_000, interval: 250 })
      .toMatch(/livetally_samples_committed_total\{endpoint="gift_count"\} [1-9]\d+/);
    const ready = await fetch(metricsUrl.replace('/metrics', '/readyz'));
    expect(await ready.text()).toBe('ready\n');
    const metrics = await scrape(metricsUrl);
    expect(metrics).toContain('livetally_targets{app="main",endpoint="room_stats"} 20');
    expect(metrics).toContain('livetally_rate_limit{app="main",endpoint="gift_count"} 200');

    livetally.kill('SIGTERM');
    const { code, stdout, stderr } = await livetally.ended;
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    const messages = lines.map((line) => JSON.parse(line));
    expect(messages.at(0)).toMatchObject({ msg: 'started', rooms: 20, receivers: 20 });
    expect(messages.slice(-2).map(({ msg }) => msg)).toEqual(['stopping', 'stopped']);
    expect(messages.every(({ level }) => level === 'info')).toBe(true);

    const { samples, rounds } = readStore(store);
    const answered = answers.filter(({ code: errorCode }) => errorCode === 0);
    const toText = (
      endpoint: string | undefined,
      room: string | undefined,
      user: string | undefined,
      totals: unknown,
    ) => JSON.stringify([endpoint, room, user ?? '', totals]);
    expect(
      samples.map(({ endpoint, roomId, userId, totals }) => toText(endpoint, roomId, userId, totals)).sort(),
    ).toEqual(answered.map(({ endpoint, roomId, userId, totals }) => toText(endpoint, roomId, userId, totals)).sort());
    expect(total(rounds)).toBe(samples.length);
    // Polls that were still in the queue at the stop were never sent, and are counted all the same.
    const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
    expect(failed).toBeGreaterThanOrEqual(answers.length - answered.length);
  });

  test('loses nothing, repeats nothing and stays within the limits when it is killed again and again', async () => {
    // Half of the limits: what a restart has to catch up must not meet a load that fills them by itself.
    const world = busyWorld(20, 20);
    const answers: GivenAnswer[] = [];
    await using folder = await createWorkspace();
    await using tencent = await startTencent(world, {
      onAnswer: (answer) => answers.push(answer),
      networkDelay: { minMs: 5, maxMs: 20 },
      apps: [{ ...account, identifiers: [account.identifier], limits: { room_stats: 40, gift_count: 40 } }],
    });
    const store = folder.path('store.db');
    const config = await folder.write(
      'livetally.yaml',
      configText({ baseUrl: tencent.url, store, world, limits: '{ rooms: 40, gifts: 40 }' }),
    );
    for (const moreAnswers of [1, 23, 7, 40]) {
      await using livetally = startLivetally(['run', '--config', config], environment);
      await livetally.says(/"started"/);
      const before = answers.length;
      await expect
        .poll(() => answers.length, { timeout: 15_000, interval: 5 })
        .toBeGreaterThanOrEqual(before + moreAnswers);
      livetally.kill('SIGKILL');
      expect((await livetally.ended).signal).toBe('SIGKILL');
    }
    await using last = startLivetally(['run', '--config', config], environment);
    await last.says(/"started"/);
    const before = answers.length;
    await expect.poll(() => answers.length, { timeout: 15_000 }).toBeGreaterThan(before + 30);
    last.kill('SIGINT');
    expect((await last.ended).code).toBe(0);

    const { samples, rounds } = readStore(store);
    const points = samples.map((sample) => `${keyOf(sample)} ${sample.dueMs}`);
    expect(new Set(points).size).toBe(points.length);
    const lastDueMs = new Map<string, number>();
    for (const sample of samples) {
      expect(sample.dueMs).toBeGreaterThan(lastDueMs.get(keyOf(sample)) ?? 0);
      lastDueMs.set(keyOf(sample), sample.dueMs);
    }
    expect(total(rounds)).toBe(samples.length);
    for (const round of rounds.filter(({ ended }) => ended)) {
      expect(round.due).toBe(round.polled + round.failed + round.skipped + round.cutOff);
    }
    expect(samples.length).toBeLessThanOrEqual(answers.filter(({ code }) => code === 0).length);
    for (const { endpoints } of tencent.report().apps) {
      expect(endpoints.room_stats.worstSlidingSecond).toBeLessThanOrEqual(40);
      expect(endpoints.gift_count.worstSlidingSecond).toBeLessThanOrEqual(40);
      expect(endpoints.room_stats.limited + endpoints.gift_count.limited).toBe(0);
    }
  });

  test('what could not be shipped before the end is told with the last line', async () => {
    const world = busyWorld(20, 20);
    await using folder = await createWorkspace();
    await using tencent = await startTencent(world);
    const store = folder.path('store.db');
    const influxdb = '{ url: "http://127.0.0.1:9", org: o, bucket: live, token: t }';
    const config = await folder.write('livetally.yaml', configText({ baseUrl: tencent.url, store, world, influxdb }));
    await using livetally = startLivetally(['run', '--config', config], environment);
    await livetally.says(/takes no points; they wait in the store/);
    livetally.kill('SIGTERM');
    const { code, stdout } = await livetally.ended;
    expect(code).toBe(0);
    const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ level: 'info', waiting: readStore(store).samples.length });
    expect(last.msg).toMatch(/^stopped; the next start ships \d+ samples? that the store still holds$/);
  });

  test('a second process is told who has the store', async () => {
    const world = busyWorld(3, 0);
    await using folder = await createWorkspace();
    await using tencent = await startTencent(world);
    const text = configText({ baseUrl: tencent.url, store: folder.path('store.db'), world });
    const config = await folder.write('livetally.yaml', text);
    await using first = startLivetally(['run', '--config', config], environment);
    await first.says(/"started"/);
    await using second = startLivetally(['run', '--config', config], environment);
    const { code, stderr } = await second.ended;
    expect(code).toBe(1);
    expect(stderr).toContain(`process ${first.pid}`);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('the secret key and the signature appear in nothing that is written', async () => {
    const world = busyWorld(20, 20);
    await using folder = await createWorkspace();
    await using tencent = await startTencent(world, {
      faults: [
        { kind: 'http', status: 502, share: 0.1 },
        { kind: 'reset', when: 'during', share: 0.1 },
        { kind: 'code', code: 100002, share: 0.1 },
      ],
    });
    const text = configText({ baseUrl: tencent.url, store: folder.path('store.db'), world }).concat(
      'log: { level: debug }\n',
    );
    const config = await folder.write('livetally.yaml', text);
    await using livetally = startLivetally(['run', '--config', config], environment);
    const [, metricsUrl = ''] = await livetally.says(/"metrics":"([^"]+)"/);
    const counts = (outcome: string) =>
      expect
        .poll(() => scrape(metricsUrl), { timeout: 15_000, interval: 250 })
        .toMatch(new RegExp(`outcome="${outcome}"} [1-9]`));
    await counts('bad_target');
    // It stops all polls but a few, so it comes last.
    tencent.setFaults([{ kind: 'code', code: 70001, share: 1 }]);
    await counts('signature_refused');
    const metrics = await scrape(metricsUrl);
    livetally.kill('SIGTERM');
    const { stdout, stderr } = await livetally.ended;
    const files = readdirSync(folder.path('.')).filter((name) => name !== 'livetally.yaml');
    const everything = [
      metrics,
      stdout,
      stderr,
      ...files.map((name) => readFileSync(folder.path(name), 'latin1')),
    ].join('\n');
    // Every UserSig of an identifier begins alike: with the deflated start of the same JSON.
    expect(everything).not.toContain(account.secretKey);
    expect(everything).not.toMatch(/usersig=|eJ[\w*-]{60,}/i);
  });
});
