import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { showSignOfLife } from '../../src/sign-of-life.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createVirtualClock } from '../virtual-clock.ts';

test('the address is called while all is well, and not while the store cannot commit or a sink is down', async () => {
  const { url, calls, close } = await countCalls();
  const clock = createVirtualClock();
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = await createLog({ level: 'info', format: 'json', destination });
  const notReady = new Set(['the store cannot commit']);
  const sign = showSignOfLife({ url, everyMs: 60_000, clock, log, notReady });

  await clock.advance(60_000);
  notReady.clear();
  sign.storageTold({ kind: 'sink_changed', sink: 'influxdb', isUp: false });
  await clock.advance(60_000);
  expect(calls()).toBe(0);
  sign.storageTold({ kind: 'sink_changed', sink: 'influxdb', isUp: true });
  await clock.advance(60_000);
  await expect.poll(calls).toBe(1);

  await sign.stop();
  await clock.advance(300_000);
  expect(calls()).toBe(1);
  expect(lines.join('')).toMatch(/withheld: the store cannot commit.*goes on/s);
  await close();
});

async function countCalls() {
  let count = 0;
  const server = createServer((_request, response) => {
    count++;
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${address.port}/beat`, calls: () => count, close };
}
