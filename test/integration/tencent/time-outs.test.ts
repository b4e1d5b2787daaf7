import { getEventListeners, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { expect, test } from 'vitest';
import { createVirtualClock } from '../../virtual-clock.ts';
import { createClient, noSignal, requestTimeoutMs, room } from './create-client.ts';
import { answerWithCounters, listen, startHttpServer } from './servers.ts';

/** A server that keeps its answers to itself, and a promise of the first. */
async function startSilentServer(begin: (response: ServerResponse) => void = () => undefined) {
  const asked = Promise.withResolvers<ServerResponse>();
  const server = await startHttpServer((response) => {
    begin(response);
    asked.resolve(response);
  });
  return { server, asked: asked.promise };
}

test('A request without an answer times out, not before its time, and drops the connection', async () => {
  const { server, asked } = await startSilentServer();
  await using _ = server;
  const clock = createVirtualClock();
  await using client = createClient(server.baseUrl, { clock });
  let isSettled = false;
  const outcome = client.request(room, noSignal).finally(() => {
    isSettled = true;
  });
  const response = await asked;
  await clock.advance(requestTimeoutMs - 1);
  expect(isSettled).toBe(false);
  await clock.advance(1);
  expect(await outcome).toEqual({ status: 'timeout' });
  await once(response, 'close');
});

test('A body that trickles in falls under the same time-out', async () => {
  const { server, asked } = await startSilentServer((response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('{"ErrorCode":');
  });
  await using _ = server;
  const clock = createVirtualClock();
  await using client = createClient(server.baseUrl, { clock });
  const outcome = client.request(room, noSignal);
  const response = await asked;
  await clock.advance(requestTimeoutMs - 1);
  response.write('0');
  await clock.advance(1);
  expect(await outcome).toEqual({ status: 'timeout' });
});

test('A connection that comes to nothing times out, and the request is not sent late', async () => {
  const connected = Promise.withResolvers<void>();
  let received = 0;
  // Accepts, and never says a word of the TLS handshake.
  await using server = await listen(
    createTcpServer((socket) => {
      connected.resolve();
      socket.on('data', (chunk) => {
        received += chunk.includes('usersig') ? 1 : 0;
      });
    }),
  );
  const clock = createVirtualClock();
  await using client = createClient(`https://127.0.0.1:${server.port}`, { clock });
  const outcome = client.request(room, noSignal);
  await connected.promise;
  await clock.advance(requestTimeoutMs);
  expect(await outcome).toEqual({ status: 'timeout' });
  expect(received).toBe(0);
});

test('A request that waited for a connection when its time was up is never sent', async () => {
  const responses: ServerResponse[] = [];
  await using server = await startHttpServer((response) => responses.push(response));
  const clock = createVirtualClock();
  await using client = createClient(server.baseUrl, { clock, maxConnections: 1 });
  const stopped = new AbortController();
  const first = client.request(room, noSignal);
  const second = client.request({ ...room, roomId: 'waits' }, stopped.signal);
  await expect.poll(() => responses.length).toBe(1);
  stopped.abort();
  expect(await second).toEqual({ status: 'cancelled' });
  for (const response of responses) answerWithCounters(response);
  expect(await first).toMatchObject({ status: 'answered' });
  const third = client.request({ ...room, roomId: 'third' }, noSignal);
  await expect.poll(() => responses.length).toBe(2);
  for (const response of responses.slice(1)) answerWithCounters(response);
  expect(await third).toMatchObject({ status: 'answered' });
  expect(server.requests.map(({ body }) => body)).toEqual(['{"RoomId":"live-room-1"}', '{"RoomId":"third"}']);
});

test('An answered request leaves no timer and no listener behind', async () => {
  await using server = await startHttpServer((response) => answerWithCounters(response));
  const clock = createVirtualClock();
  await using client = createClient(server.baseUrl, { clock });
  const { signal } = new AbortController();
  await client.request(room, signal);
  expect(clock.timers).toBe(0);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('A signal that is aborted before makes no request', async () => {
  await using server = await startHttpServer((response) => answerWithCounters(response));
  await using client = createClient(server.baseUrl);
  expect(await client.request(room, AbortSignal.abort())).toEqual({ status: 'cancelled' });
  expect(server.connections.accepted).toBe(0);
});

test('A signal that is aborted meanwhile cancels the request and drops the connection', async () => {
  const { server, asked } = await startSilentServer((response) => response.writeHead(502).flushHeaders());
  await using _ = server;
  await using client = createClient(server.baseUrl);
  const stopping = new AbortController();
  const outcome = client.request(room, stopping.signal);
  const response = await asked;
  stopping.abort();
  expect(await outcome).toEqual({ status: 'cancelled' });
  await once(response, 'close');
});

test('Closing the client cancels what is in flight, and whatever is asked later', async () => {
  const { server, asked } = await startSilentServer();
  await using _ = server;
  const client = createClient(server.baseUrl);
  const outcome = client.request(room, noSignal);
  await asked;
  await client.close();
  await client.close();
  expect(await outcome).toEqual({ status: 'cancelled' });
  expect(await client.request(room, noSignal)).toEqual({ status: 'cancelled' });
});
