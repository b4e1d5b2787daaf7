import { expect, test } from 'vitest';
import { recall } from '../../../src/commands/recall.ts';
import { createWorld } from '../../../src/simulator/world.ts';
import { configText, environment } from '../../e2e/account.ts';
import { createWorkspace } from '../../e2e/livetally-process.ts';
import { commitRows, dayMs, roomSeries, startMs, TemporaryStore } from '../store/temporary-store.ts';
import { startHttpServer } from '../tencent/servers.ts';
import { createContext } from './context.ts';

/** What the command says of a store, with an InfluxDB 2 that keeps samples for two weeks and has none. */
async function recallInto(store: TemporaryStore, args: readonly string[] = [], hasInfluxdb = true) {
  const retention = { buckets: [{ retentionRules: [{ everySeconds: (14 * dayMs) / 1_000 }] }] };
  await using server = await startHttpServer((response, { url }) => {
    const answer = url.startsWith('/api/v2/buckets') ? retention : { results: [{}] };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await using folder = await createWorkspace();
  const influxdb = `{ url: "${server.baseUrl}", org: shows, bucket: live, token: t }`;
  const world = createWorld({ seed: 1, rooms: 1, receivers: 1 });
  const parts = { baseUrl: server.baseUrl, store: store.path, world };
  const config = await folder.write('livetally.yaml', configText({ ...parts, ...(hasInfluxdb && { influxdb }) }));
  const context = createContext({ environment, arguments: ['--config', config, ...args] });
  const outcome = await recall.run(context).catch(({ message }: Error) => message);
  return { outcome, ...context.written() };
}

function storeThatEndsAt(fromMs: number): TemporaryStore {
  const store = new TemporaryStore();
  using journal = store.open();
  commitRows(journal, roomSeries('room-1'), { count: 3, fromMs });
  return store;
}

test('where InfluxDB has nothing new, recall says what may have gone before', async () => {
  using store = storeThatEndsAt(Date.now() - 10 * 60_000);
  const { outcome, stdout } = await recallInto(store);
  expect(outcome).toBe(0);
  expect(stdout).toMatch(/nothing behind the end of the store, .* put it there once more/);
});

test('a store that ends before the oldest sample that InfluxDB keeps is not filled in part', async () => {
  using store = storeThatEndsAt(startMs);
  const { outcome } = await recallInto(store);
  expect(outcome).toMatch(/^the store ends at 2026-01-01T00:00:02.000Z, and live keeps samples since .* only/);
});

test('no store, an empty one, and a configuration without an InfluxDB have nothing to go on from', async () => {
  using store = new TemporaryStore();
  expect((await recallInto(store)).outcome).toMatch(/there is no store at .*: put the backup there first/);
  store.open()[Symbol.dispose]();
  expect((await recallInto(store)).outcome).toMatch(/never held a sample: there is no backup to go on from/);
  expect((await recallInto(store, [], false)).outcome).toMatch(/has no section influxdb: there is nothing to recall/);
});
