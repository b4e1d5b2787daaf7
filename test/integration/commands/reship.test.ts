import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reship } from '../../../src/commands/reship.ts';
import { createWorld } from '../../../src/simulator/world.ts';
import { configText, environment } from '../../e2e/account.ts';
import { createWorkspace } from '../../e2e/livetally-process.ts';
import { tidyUp } from '../store/temporary-store.ts';
import { startHttpServer } from '../tencent/servers.ts';
import { hourMs, LivedStore } from '../verify/lived-store.ts';
import { createContext } from './context.ts';

/** Keeps samples of an hour, and has lived for five. */
let lived: LivedStore;

beforeAll(() => {
  lived = new LivedStore({ keepMs: hourMs });
  lived.live(5 * hourMs);
  lived.ship();
  tidyUp(lived.journal);
  lived.journal[Symbol.dispose]();
});

afterAll(() => lived.store[Symbol.dispose]());

/** What the command says, and what an InfluxDB 2 was asked to delete. */
async function replace(args: readonly string[], { failsAfter = Number.POSITIVE_INFINITY } = {}) {
  const deleted: Readonly<Record<string, string>>[] = [];
  const answer = (response: ServerResponse, url: string, body: string): void => {
    const { pathname, searchParams } = new URL(url, 'http://server');
    const isDelete = pathname === '/api/v2/delete' && !body.includes('livetally_probe');
    if (isDelete) deleted.push({ bucket: searchParams.get('bucket') ?? '', ...JSON.parse(body) });
    response.writeHead(deleted.length > failsAfter ? 503 : 204, { 'x-influxdb-version': 'v2.9.1' }).end();
  };
  await using server = await startHttpServer((response, { url, body }) => answer(response, url, body));
  await using folder = await createWorkspace();
  const influxdb = `{ url: "${server.baseUrl}", org: shows, bucket: live, token: t }`;
  const world = createWorld({ seed: 1, rooms: 1, receivers: 1 });
  const text = configText({ baseUrl: server.baseUrl, store: lived.store.path, world, influxdb });
  const config = await folder.write('livetally.yaml', text);
  const context = createContext({ environment, arguments: ['--replace', '--config', config, ...args] });
  const outcome = await reship.run(context).catch(({ message }: Error) => message);
  return { outcome, deleted, ...context.written() };
}

const at = (hours: number) => new Date(lived.nowMs - hours * hourMs).toISOString();

describe('reship --replace', () => {
  test('deletes a time of each place, that of windows from the start of the first, and lets the rows wait.', async () => {
    const { outcome, deleted, stdout } = await replace(['--from', at(0.4)]);
    expect(outcome).toBe(0);
    expect(stdout).toContain(`InfluxDB holds nothing of the time since ${at(0.4 + 5 / 60)} any more.`);
    expect(stdout).toMatch(/room_stats +348\n/);
    const places = deleted.map(
      ({ bucket, start, predicate }) => `${bucket} ${predicate?.slice(13, 18)} ${start?.slice(11, 16)}`,
    );
    expect(places).toEqual([
      ...['live "room 04:31', 'live "gift 04:31'],
      ...['live_5m "room 04:30', 'live_5m "gift 04:30'],
      // The store holds no sample of the first minutes of this hour, nor of the day's first hours.
      ...['live_1h "room 04:31', 'live_1h "gift 04:31'],
      ...['live_1d "room 04:31', 'live_1d "gift 04:31', 'live_1d "sess 04:31'],
      ...['live_1mo "room 04:31', 'live_1mo "gift 04:31'],
    ]);
  });

  test('takes the place of nothing that the store does not hold whole.', async () => {
    const { outcome, deleted } = await replace(['--from', at(4)]);
    expect(outcome).toMatch(
      /^--replace: the store does not hold all of the time before 2026-01-01T04:\d\dZ; give --from/,
    );
    expect((await replace(['--to', at(4)])).outcome).toMatch(/holds nothing whole of this time/);
    expect(deleted).toEqual([]);
  });

  test('that breaks off says to be given again: the rows wait, some points are gone.', async () => {
    const { outcome, deleted } = await replace(['--from', at(0.4)], { failsAfter: 2 });
    expect(outcome).toMatch(/^points cannot be deleted from live_5m .*HTTP 503.*; give this command once more before/);
    expect(deleted.length).toBe(3);
    const again = await replace(['--from', at(0.4)]);
    expect([again.outcome, again.deleted.length]).toEqual([0, 11]);
  });
});
