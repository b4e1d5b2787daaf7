import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { startHttpServer } from '../../../src/telemetry/http-server.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { createVirtualClock } from '../../virtual-clock.ts';

async function start(reasons: string[] = []) {
  const metrics = createMetrics();
  const clock = createVirtualClock();
  let scrapes = 0;
  metrics.beforeScrape(() => {
    scrapes += 1;
  });
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    clock,
    metricsText: metrics.text,
    metricsContentType: metrics.contentType,
    notReadyReasons: () => reasons,
  });
  return { server, clock, metrics, scrapes: () => scrapes, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe('the HTTP server', () => {
  test('serves the metrics as Prometheus text', async () => {
    await using running = await start();
    running.metrics.count('livetally_requests_total', { app: 'main', endpoint: 'room_stats' }, 3);
    const response = await fetch(`${running.server.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('livetally_requests_total{app="main",endpoint="room_stats"} 3');
  });

  test('makes the metrics once a second however often they are scraped', async () => {
    await using running = await start();
    await Promise.all(Array.from({ length: 50 }, async () => (await fetch(`${running.server.url}/metrics`)).text()));
    expect(running.scrapes()).toBe(1);
    await running.clock.advance(1000);
    await (await fetch(`${running.server.url}/metrics`)).text();
    expect(running.scrapes()).toBe(2);
  });

  test('is alive but not ready while there are reasons, and says them', async () => {
    const reasons = ['first round not begun', 'store not open'];
    await using running = await start(reasons);
    expect((await fetch(`${running.server.url}/healthz`)).status).toBe(200);
    const before = await fetch(`${running.server.url}/readyz`);
    expect(before.status).toBe(503);
    expect(await before.text()).toBe('not ready: first round not begun; store not open\n');
    reasons.length = 0;
    expect((await fetch(`${running.server.url}/readyz`)).status).toBe(200);
  });

  test('answers 404 to unknown paths and 405 to methods that would change something', async () => {
    await using running = await start();
    expect((await fetch(`${running.server.url}/etc/passwd`)).status).toBe(404);
    const response = await fetch(`${running.server.url}/metrics`, { method: 'POST', body: 'x' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  test('refuses headers larger than it reads', async () => {
    await using running = await start();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(`${running.server.url}/healthz`, { headers: { 'x-huge': 'x'.repeat(20_000) } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(431);
  });

  test('names the address that it cannot listen on', async () => {
    await using running = await start();
    const port = Number(new URL(running.server.url).port);
    const second = startHttpServer({
      host: '127.0.0.1',
      port,
      clock: running.clock,
      metricsText: async () => '',
      metricsContentType: 'text/plain',
      notReadyReasons: () => [],
    });
    await expect(second).rejects.toThrow(`127.0.0.1:${port} (server.listen)`);
  });
});
