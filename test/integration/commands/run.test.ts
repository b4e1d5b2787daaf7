import { expect, test } from 'vitest';
import { run } from '../../../src/commands/run.ts';
import { systemClock, systemRandom } from '../../../src/system-clock.ts';
import { busyWorld, configText, environment, startTencent } from '../../e2e/account.ts';
import { createWorkspace } from '../../e2e/livetally-process.ts';

test('a signal that comes while the program starts is not missed', async () => {
  const world = busyWorld(2, 2);
  await using folder = await createWorkspace();
  await using tencent = await startTencent(world);
  const text = configText({ baseUrl: tencent.url, store: folder.path('store.db'), world });
  const config = await folder.write('livetally.yaml', text);
  const stop = new AbortController();
  const ended = run.run({
    arguments: ['--config', config],
    environment,
    stdout: { write: () => {} },
    stderr: { write: () => {} },
    clock: systemClock,
    random: systemRandom,
    version: '0.0.0',
    nodeVersion: process.version,
    process: { pid: process.pid, host: 'studio', command: 'livetally run' },
    stop: stop.signal,
  });
  stop.abort();
  expect(await ended).toBe(0);
});
