import type { ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { expect, test } from 'vitest';
import { checkInfluxdb } from '../../../src/commands/check-influxdb.ts';
import { createVirtualClock } from '../../virtual-clock.ts';
import { advanceUntilSettled } from '../simulator/raw-client.ts';
import { selfSigned } from '../tencent/self-signed.ts';
import { listen, startHttpServer, startRawServer } from '../tencent/servers.ts';
import { createContext } from './context.ts';

async function wordsFor(url: string, context = createContext()): Promise<string> {
  const server = { kind: 'v2', url, org: 'livetally', bucket: 'live', token: 'a-token-nobody-may-see' } as const;
  const config = { ...server, keepMs: 1, tiers: true, batchSize: 1000, gzip: false, timeoutMs: 10_000 };
  const { words } = await checkInfluxdb(config, context);
  expect(words).not.toContain('nobody-may-see');
  return words;
}

const page = (response: ServerResponse, httpStatus: number) =>
  response.writeHead(httpStatus, { 'content-type': 'text/html', server: 'nginx/1.24' }).end('<html>welcome</html>');

test.each([200, 404, 405, 500])('a web server that answers HTTP %d is called no InfluxDB', async (httpStatus) => {
  await using server = await startHttpServer((response) => page(response, httpStatus));
  expect(await wordsFor(server.baseUrl)).toBe(
    `HTTP ${httpStatus}; what answers there is no InfluxDB (it calls itself nginx/1.24): check host and port in influxdb.url`,
  );
});

test('an InfluxDB that refuses the token is no stranger', async () => {
  await using server = await startHttpServer((response) => {
    response.writeHead(401, { 'x-influxdb-version': 'v2.9.1', 'content-type': 'application/json' });
    response.end('{"code":"unauthorized","message":"unauthorized access"}');
  });
  expect(await wordsFor(server.baseUrl)).toBe(
    'HTTP 401: unauthorized access; give a token that may write to bucket "live" of organization "livetally"',
  );
});

test('https:// in front of a port without TLS is named, and what to write', async () => {
  await using server = await startHttpServer((response) => response.writeHead(204).end());
  const words = await wordsFor(server.baseUrl.replace('http:', 'https:'));
  expect(words).toBe('that port speaks plain HTTP, without TLS: write http:// in influxdb.url');
});

test('http:// in front of a port with TLS is named, and what to write', async () => {
  await using server = await listen(createHttpsServer(selfSigned, (_, response) => response.writeHead(204).end()));
  const words = await wordsFor(`http://127.0.0.1:${server.port}`);
  expect(words).toBe('that port speaks TLS: write https:// in influxdb.url');
});

test('a port that speaks something else, or where nobody listens, gives the place to look at', async () => {
  const server = await startRawServer((socket) => socket.end('-ERR unknown command\r\n'));
  expect(await wordsFor(server.baseUrl)).toMatch(/; check influxdb\.url, and whether the server runs$/);
  await server[Symbol.asyncDispose]();
  expect(await wordsFor(server.baseUrl)).toMatch(/ECONNREFUSED.*; check influxdb\.url, and whether the server runs$/);
});

test('a server that never answers is given up after ten seconds', async () => {
  await using server = await startRawServer(() => {});
  const clock = createVirtualClock();
  const words = await advanceUntilSettled(clock, 1_000, wordsFor(server.baseUrl, createContext({ clock })));
  expect(words).toBe('it took longer than 10 s; check influxdb.url, and whether the server runs');
});
