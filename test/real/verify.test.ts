import { cpSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { account, busyWorld, configText, environment, startTencent } from '../e2e/account.ts';
import { createWorkspace, runLivetally, startLivetally } from '../e2e/livetally-process.ts';
import { readStore } from '../e2e/stored.ts';
import { type Influxdb2, startInfluxdb2 } from './servers/influxdb-2.ts';
import { readJson, stringAt } from './servers/json-answer.ts';
import { missingServers } from './servers/locate.ts';

const missing = missingServers(['influxdb-2.9.1']);
const minuteMs = 60_000;

describe.skipIf(missing.length > 0)('livetally verify, backup and reship beside a real InfluxDB 2.9.1', () => {
  test('a live collector is proven to lose nothing, and what is spoilt behind its back is named', async () => {
    await using place = await startPlace();
    const { influxdb, cli } = place;
    await using livetally = startLivetally(['run', '--config', place.config], environment);
    await livetally.says(/"started"/);
    await place.moreSamples(400);

    const live = await cli(['verify', '--json']);
    expect(live.stderr).toBe('');
    expect(JSON.parse(live.stdout)).toMatchObject({ findings: [], notes: [] });
    expect(live.code).toBe(0);
    const copy = place.path('yesterday.db');
    expect(await cli(['backup', copy])).toMatchObject({ code: 0, stdout: expect.stringContaining('is sound') });
    expect(await cli(['backup', copy])).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') });
    expect(await cli(['reship'])).toMatchObject({ code: 1, stderr: expect.stringContaining('is in use by process') });
    await place.moreSamples(400);
    livetally.kill('SIGTERM');
    expect((await livetally.ended).code).toBe(0);
    expect(await cli(['verify'])).toMatchObject({ code: 0, stdout: expect.stringContaining('Everything adds up') });

    const [, middle = 0] = place.dueInstants();
    await influxdb.write(`room_stats,app=main,room_id=ghost,team=music total_viewers=1i ${middle}`);
    const ghost = await cli(['verify']);
    expect(ghost).toMatchObject({ code: 1, stdout: expect.stringContaining('points that the store does not know') });
    expect(ghost.stdout).toContain('room_id=ghost');
    await place.deletePoints(middle, middle + 1);
    const deleted = await cli(['verify', '--json']);
    expect(deleted.code).toBe(1);
    expect(JSON.parse(deleted.stdout)).toMatchObject({ findings: [{ kind: 'missing_point' }] });
    const [first, last] = [0, 1].map((aheadMs) => new Date(middle + aheadMs).toISOString());
    expect(await cli(['verify', '--from', first ?? '', '--to', last ?? ''])).toMatchObject({ code: 1 });
    for (const elsewhere of [
      ['--to', first ?? ''],
      ['--from', last ?? ''],
    ]) {
      const { code, stdout } = await cli(['verify', ...elsewhere]);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/Everything adds up: .* [1-9][\d,]* samples/)]);
    }

    // What is gone there is filled again from here.
    expect(await cli(['reship', '--from', new Date(middle - minuteMs).toISOString()])).toMatchObject({ code: 0 });
    await using again = startLivetally(['run', '--config', place.config], environment);
    await again.says(/"started"/);
    await place.moreSamples(50);
    again.kill('SIGTERM');
    await again.ended;
    expect(await cli(['verify'])).toMatchObject({ code: 0 });

    // Going on from the copy, verify names what the copy does not know, and nothing else.
    for (const end of ['', '-wal', '-shm']) rmSync(`${place.store}${end}`, { force: true });
    cpSync(copy, place.store);
    await using restored = startLivetally(['run', '--config', place.config], environment);
    await restored.says(/"started"/);
    await place.moreSamples(50);
    restored.kill('SIGTERM');
    await restored.ended;
    const named: unknown = JSON.parse((await cli(['verify', '--json'])).stdout);
    const kinds = place.kindsOf(named);
    expect(new Set(kinds)).toEqual(new Set(['unknown_point']));
    expect(await place.sessionsCountedTwice()).toBeGreaterThan(0);
  });

  test('a store that goes on from a backup gets back what InfluxDB has, and counts nothing twice', async () => {
    await using place = await startPlace();
    const { cli } = place;
    const copy = place.path('yesterday.db');
    await using livetally = startLivetally(['run', '--config', place.config], environment);
    await livetally.says(/"started"/);
    await place.moreSamples(200);
    expect(await cli(['backup', copy])).toMatchObject({ code: 0 });
    await place.moreSamples(400);
    livetally.kill('SIGKILL');
    await livetally.ended;

    for (const end of ['', '-wal', '-shm']) rmSync(`${place.store}${end}`, { force: true });
    cpSync(copy, place.store);
    const recalled = await cli(['recall']);
    expect(recalled).toMatchObject({ code: 0, stderr: '' });
    expect(recalled.stdout).toMatch(/The store ended at .*, and has [\d,]+ samples more now\./);
    expect((await cli(['recall'])).stdout).toContain('InfluxDB has nothing behind the end of the store');
    await using again = startLivetally(['run', '--config', place.config], environment);
    await again.says(/"started"/);
    await place.moreSamples(100);
    expect(await cli(['recall'])).toMatchObject({ code: 1, stderr: expect.stringContaining('is in use by process') });
    again.kill('SIGTERM');
    await again.ended;

    expect(await cli(['verify'])).toMatchObject({ code: 0, stdout: expect.stringContaining('Everything adds up') });
    expect(await place.sessionsCountedTwice()).toBe(0);
  });

  test('a token that may only write is answered with what to give instead', async () => {
    await using place = await startPlace({ token: 'write' });
    await using livetally = startLivetally(['run', '--config', place.config], environment);
    await livetally.says(/"started"/);
    await place.moreSamples(20);
    livetally.kill('SIGTERM');
    await livetally.ended;

    const refused = await place.cli(['verify']);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('INFLUX_READ_TOKEN') });
    expect(await place.cli(['verify', '--store-only'])).toMatchObject({ code: 0 });
    const given = await place.cli(['verify'], { INFLUX_READ_TOKEN: place.influxdb.token });
    expect(given).toMatchObject({ code: 0, stdout: expect.stringContaining('Everything adds up') });
  });
});

type Place = AsyncDisposable & {
  readonly influxdb: Influxdb2;
  readonly store: string;
  readonly config: string;
  path(name: string): string;
  cli(args: readonly string[], more?: Readonly<Record<string, string>>): ReturnType<typeof runLivetally>;
  /** Resolves when so many more answers were given, and their samples have had the time to be shipped. */
  moreSamples(count: number): Promise<void>;
  /** When the samples of rooms in the store were due, three of them: at the beginning, in the middle, at the end. */
  dueInstants(): readonly number[];
  deletePoints(fromMs: number, toMs: number): Promise<void>;
  kindsOf(verified: unknown): readonly string[];
  /** Of rooms: those in InfluxDB whose first total and growth together are more than their highest total. */
  sessionsCountedTwice(): Promise<number>;
};

async function startPlace({ token = 'all' }: { token?: 'all' | 'write' } = {}): Promise<Place> {
  const resources = new AsyncDisposableStack();
  const world = busyWorld(20, 20);
  const folder = resources.use(await createWorkspace());
  const influxdb = resources.use(await startInfluxdb2());
  let answers = 0;
  const tencent = resources.use(
    await startTencent(world, {
      onAnswer: () => {
        answers++;
      },
      apps: [{ ...account, identifiers: [account.identifier] }],
    }),
  );
  for (const tier of ['5m', '1h', '1d', '1mo']) await influxdb.createBucket(`${influxdb.bucket}_${tier}`);
  const headers = { authorization: `Token ${influxdb.token}` };
  const used = token === 'all' ? influxdb.token : await makeWriteToken(influxdb, headers);
  const store = folder.path('store.db');
  const server = `{ url: "${influxdb.url}", org: ${influxdb.org}, bucket: ${influxdb.bucket}, token: "${used}" }`;
  const config = await folder.write(
    'livetally.yaml',
    configText({ baseUrl: tencent.url, store, world, influxdb: server }),
  );
  return {
    ...{ influxdb, store, config, path: folder.path },
    cli: (args, more = {}) => {
      const [command = '', ...rest] = args;
      const operands = rest.filter((argument, index) => index === 0 && !argument.startsWith('-'));
      const options = rest.slice(operands.length);
      return runLivetally([command, ...operands, '--config', config, ...options], { ...environment, ...more });
    },
    moreSamples: async (count) => {
      const before = answers;
      await expect.poll(() => answers, { timeout: 30_000, interval: 20 }).toBeGreaterThanOrEqual(before + count);
    },
    dueInstants: () => {
      const due = readStore(store)
        .samples.filter(({ endpoint }) => endpoint === 'room_stats')
        .map(({ dueMs }) => dueMs);
      return [due[0] ?? 0, due[Math.floor(due.length / 2)] ?? 0, due.at(-1) ?? 0];
    },
    deletePoints: async (fromMs, toMs) => {
      const query = new URLSearchParams({ org: influxdb.org, bucket: influxdb.bucket });
      const body = JSON.stringify({ start: new Date(fromMs).toISOString(), stop: new Date(toMs).toISOString() });
      const answer = await fetch(`${influxdb.url}/api/v2/delete?${query}`, { method: 'POST', headers, body });
      expect(answer.status).toBe(204);
    },
    kindsOf: (verified) => {
      const found = typeof verified === 'object' && verified !== null ? Reflect.get(verified, 'findings') : [];
      return Array.isArray(found) ? found.map(({ kind }) => String(kind)) : [];
    },
    sessionsCountedTwice: async () => {
      const points = await influxdb.influxql('SELECT room_id, session, total_viewers, viewers_delta FROM room_stats');
      const sessions = Map.groupBy(points, ({ room_id, session }) => `${room_id} ${session}`);
      return [...sessions.values()].filter((samples) => {
        const [first] = samples;
        const numbersOf = (column: string) => samples.map((sample) => Number(sample[column] ?? 0));
        const opening = Number(first?.['total_viewers'] ?? 0) - Number(first?.['viewers_delta'] ?? 0);
        const growth = numbersOf('viewers_delta').reduce((sum, delta) => sum + delta, 0);
        return opening + growth > Math.max(...numbersOf('total_viewers'));
      }).length;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function makeWriteToken(influxdb: Influxdb2, headers: Readonly<Record<string, string>>): Promise<string> {
  const resource = { type: 'buckets', orgID: influxdb.orgId };
  const body = JSON.stringify({ orgID: influxdb.orgId, permissions: [{ action: 'write', resource }] });
  const made = await fetch(`${influxdb.url}/api/v2/authorizations`, { method: 'POST', headers, body });
  return stringAt(await readJson(made), 'token');
}
