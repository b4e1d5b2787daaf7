import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/model/clock.ts';
import { systemClock } from '../../../src/system-clock.ts';
import { startHttpServer } from '../../../src/telemetry/http-server.ts';
import { createVirtualClock } from '../../virtual-clock.ts';
import { oddRequests } from './odd-requests.ts';
import { connectRudely } from './rude-client.ts';
import { watchLag } from './usage-watch.ts';

/** As large as the metrics of many apps. */
const metrics = `livetally_up 1\n`.repeat(20_000);

async function start(metricsText: () => Promise<string> = async () => metrics, clock: Clock = systemClock) {
  let made = 0;
  const server = await startHttpServer({
    ...{ host: '127.0.0.1', port: 0, clock, metricsContentType: 'text/plain', notReadyReasons: () => [] },
    metricsText: () => {
      made++;
      return metricsText();
    },
  });
  return { url: server.url, made: () => made, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const isAlive = async (url: string) => (await fetch(`${url}/healthz`)).status === 200;
const request = 'GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n';

describe('the HTTP server, whoever its client is', () => {
  test('makes the metrics no more than once a second for a hundred scrapes a second', async () => {
    await using running = await start();
    using lag = watchLag();
    const beganMs = performance.now();
    let scrapes = 0;
    while (performance.now() - beganMs < 2_000) {
      const answers = Array.from({ length: 10 }, async () => (await fetch(`${running.url}/metrics`)).text());
      for (const text of await Promise.all(answers)) expect(text).toBe(metrics);
      scrapes += 10;
    }
    expect(scrapes).toBeGreaterThan(100);
    expect(running.made()).toBeLessThanOrEqual(4);
    expect(lag.longestMs()).toBeLessThan(500);
  });

  test('makes them once while they cannot be had, however many ask and however long it takes', async () => {
    const held = Promise.withResolvers<string>();
    const clock = createVirtualClock();
    await using running = await start(() => held.promise, clock);
    const first = fetch(`${running.url}/metrics`);
    await expect.poll(running.made).toBe(1);
    await clock.advance(10_000);
    const second = fetch(`${running.url}/metrics`);
    expect(await isAlive(running.url)).toBe(true);
    held.resolve(metrics);
    expect(await (await first).text()).toBe(metrics);
    expect(await (await second).text()).toBe(metrics);
    expect(running.made()).toBe(1);
  });

  test('holds little for clients that ask without end and never read', async () => {
    await using running = await start();
    using lag = watchLag();
    const before = process.memoryUsage().rss;
    await using clients = new AsyncDisposableStack();
    for (let client = 0; client < 20; client++) {
      const { socket } = clients.use(await connectRudely(running.url, { reads: false }));
      for (let volley = 0; volley < 20; volley++) socket.write(request.repeat(500));
    }
    for (let moment = 0; moment < 20; moment++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await isAlive(running.url)).toBe(true);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 ** 2);
    expect(lag.longestMs()).toBeLessThan(1_000);
  });

  test('does not let a body without end in', async () => {
    await using running = await start();
    await using client = await connectRudely(running.url);
    client.socket.write('POST /metrics HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    let isOpen = true;
    client.closed.finally(() => {
      isOpen = false;
    });
    let sentBytes = 0;
    while (isOpen && sentBytes < 500_000_000) {
      sentBytes += chunk.length;
      if (!client.socket.write(chunk))
        await Promise.race([once(client.socket, 'drain').catch(() => {}), client.closed]);
    }
    expect(client.said()).toMatch(/^HTTP\/1\.1 405 /);
    expect(sentBytes).toBeLessThan(100_000_000);
    expect(await isAlive(running.url)).toBe(true);
  });

  test.each(oddRequests.map(({ name, ...request }) => [name, request] as const))(
    'answers %s with no more than a refusal, and goes on',
    async (_, { said, answer }) => {
      await using running = await start();
      await using client = await connectRudely(running.url);
      client.socket.write(said, 'latin1');
      await client.closed;
      expect(client.said()).toMatch(answer);
      expect(client.said().toLowerCase()).not.toContain('access-control-allow');
      expect(await isAlive(running.url)).toBe(true);
      expect(running.made()).toBe(0);
    },
  );

  test('lets no page of another origin read: it allows none', async () => {
    await using running = await start();
    const preflight = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const response = await fetch(`${running.url}/metrics`, { method: 'OPTIONS', headers: preflight });
    expect(response.status).toBe(405);
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});
