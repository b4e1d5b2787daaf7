import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createClient, noSignal, receiver, room } from './create-client.ts';
import { selfSigned } from './self-signed.ts';
import { answerWithCode, answerWithCounters, listen, startHttpServer, startRawServer } from './servers.ts';

test.each([
  [100004, { status: 'gone', code: 100004 }],
  [60007, { status: 'rate_limited', code: 60007, scope: 'endpoint' }],
  [60011, { status: 'rate_limited', code: 60011, scope: 'app' }],
  [70050, { status: 'locked_out', code: 70050, pauseMs: 65_000 }],
  [70001, { status: 'signature_refused', code: 70001 }],
  [60026, { status: 'refused', code: 60026, scope: 'app' }],
  [70107, { status: 'bad_target', code: 70107 }],
  [100001, { status: 'server_error', code: 100001 }],
  [123456, { status: 'unknown_code', code: 123456 }],
])('ErrorCode %i in an HTTP 200 is a failure of its own', async (code, expected) => {
  await using server = await startHttpServer((response) => answerWithCode(response, code));
  await using client = createClient(server.baseUrl);
  expect(await client.request(room, noSignal)).toMatchObject(expected);
});

test.each([204, 206, 400, 401, 404, 429, 500, 502, 503])(
  'HTTP %i is an HTTP error, whatever the body',
  async (httpStatus) => {
    await using server = await startHttpServer((response) => {
      response.writeHead(httpStatus).end('{"ErrorCode":0,"Response":{"TotalViewers":7}}');
    });
    await using client = createClient(server.baseUrl);
    expect(await client.request(room, noSignal)).toEqual({ status: 'http_error', httpStatus });
  },
);

test.each<[string, string]>([
  ['breaks off', 'HTTP/1.1 502 Bad Gateway\r\ncontent-length: 1000\r\n\r\n<html>'],
  ['is too large', `HTTP/1.1 502 Bad Gateway\r\ncontent-length: 100000\r\n\r\n${'x'.repeat(100_000)}`],
])('An HTTP error whose body %s is still that HTTP error', async (_, answer) => {
  await using server = await startRawServer((socket) => socket.end(answer));
  await using client = createClient(server.baseUrl);
  expect(await client.request(room, noSignal)).toEqual({ status: 'http_error', httpStatus: 502 });
});

test.each([301, 302, 307, 308])(
  'A redirect (HTTP %i) is not followed: it would take the signature elsewhere',
  async (httpStatus) => {
    await using elsewhere = await startHttpServer((response) => answerWithCounters(response));
    await using server = await startHttpServer((response) => {
      response.writeHead(httpStatus, { location: `${elsewhere.baseUrl}/` }).end();
    });
    await using client = createClient(server.baseUrl);
    expect(await client.request(room, noSignal)).toEqual({ status: 'http_error', httpStatus });
    expect(elsewhere.requests).toEqual([]);
  },
);

test('An interim answer (HTTP 103) before the answer changes nothing', async () => {
  await using server = await startHttpServer((response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    answerWithCounters(response);
  });
  await using client = createClient(server.baseUrl);
  expect(await client.request(room, noSignal)).toMatchObject({ status: 'answered' });
});

test('A page in an HTTP 200 is no JSON', async () => {
  await using server = await startHttpServer((response) => response.end('<html>Welcome to the hotel</html>'));
  await using client = createClient(server.baseUrl);
  expect(await client.request(room, noSignal)).toEqual({ status: 'bad_answer', reason: 'not_json' });
});

test('An answer that is compressed although nobody asked is no JSON', async () => {
  await using server = await startHttpServer((response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"ErrorCode":0}'));
  });
  await using client = createClient(server.baseUrl);
  expect(await client.request(room, noSignal)).toEqual({ status: 'bad_answer', reason: 'not_json' });
});

test('A character that is split between two packets is read whole', async () => {
  const body = Buffer.from(JSON.stringify({ ErrorCode: 0, ErrorInfo: '好', Response: { TotalViewers: 7 } }));
  await using server = await startHttpServer((response) => {
    const middle = body.indexOf(Buffer.from('好')) + 1;
    response.write(body.subarray(0, middle), () => setImmediate(() => response.end(body.subarray(middle))));
  });
  await using client = createClient(server.baseUrl);
  expect(await client.request(room, noSignal)).toMatchObject({ status: 'answered' });
});

test('An answer of 64 KiB is read, one byte more is too large', async () => {
  const answer = JSON.stringify({ ErrorCode: 0, Response: { TotalViewers: 7 } });
  let sizeBytes = 65_536;
  await using server = await startHttpServer((response) => response.end(answer.padEnd(sizeBytes)));
  await using client = createClient(server.baseUrl);
  expect(await client.request(room, noSignal)).toMatchObject({ status: 'answered' });
  sizeBytes += 1;
  expect(await client.request(room, noSignal)).toEqual({ status: 'bad_answer', reason: 'too_large' });
});

test('An answer without an end is too large, and its connection is dropped', async () => {
  let closed: Promise<unknown> | undefined;
  await using server = await startHttpServer((response) => {
    closed = once(response, 'close');
    const pour = () => {
      while (!response.destroyed && response.write('x'.repeat(16_384)));
    };
    response.on('drain', pour);
    pour();
  });
  await using client = createClient(server.baseUrl);
  expect(await client.request(room, noSignal)).toEqual({ status: 'bad_answer', reason: 'too_large' });
  await closed;
});

test.each<[string, (socket: Socket) => void, string]>([
  ['reset', (socket) => socket.resetAndDestroy(), 'ECONNRESET'],
  ['closed without an answer', (socket) => socket.end(), 'connection closed'],
  [
    'closed in the middle of the body',
    (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"ErrorCode":0,'),
    'connection closed',
  ],
  [
    'closed in the middle of a chunked body',
    (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{"Er\r\n'),
    'connection closed',
  ],
  ['closed in the middle of the headers', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le'), 'connection closed'],
  ['answered in another protocol', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), 'HTTPParserError'],
])('A connection that is %s is a network error', async (_, answer, reason) => {
  await using server = await startRawServer(answer);
  await using client = createClient(server.baseUrl);
  expect(await client.request(room, noSignal)).toEqual({ status: 'network_error', reason });
});

test('An answer that is only ended by the end of the connection is read', async () => {
  await using server = await startRawServer((socket) =>
    socket.end('HTTP/1.1 200 OK\r\n\r\n{"ErrorCode":0,"Response":{"TotalViewers":7}}'),
  );
  await using client = createClient(server.baseUrl);
  expect(await client.request(room, noSignal)).toMatchObject({ status: 'answered' });
});

test('After a broken connection the next request succeeds on another', async () => {
  let isBroken = true;
  await using server = await startHttpServer((response) => {
    if (isBroken) response.destroy();
    else answerWithCounters(response);
    isBroken = false;
  });
  await using client = createClient(server.baseUrl);
  expect(await client.request(room, noSignal)).toMatchObject({ status: 'network_error' });
  expect(await client.request(room, noSignal)).toMatchObject({ status: 'answered' });
});

test.each(['127.0.0.1', 'localhost'])(
  'A port of %s where nobody listens is a network error in the system’s word',
  async (host) => {
    const server = await startHttpServer((response) => answerWithCounters(response));
    await server[Symbol.asyncDispose]();
    await using client = createClient(`http://${host}:${server.port}`);
    expect(await client.request(receiver, noSignal)).toEqual({ status: 'network_error', reason: 'ECONNREFUSED' });
  },
);

test('A host that does not exist is a network error in the system’s word', async () => {
  await using client = createClient('https://nowhere.invalid');
  const outcome = await client.request(room, noSignal);
  // Without any DNS server at hand the resolver asks to try again.
  expect(outcome).toEqual({ status: 'network_error', reason: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) });
});

test('A certificate that nobody vouches for is not accepted', async () => {
  await using server = await listen(createHttpsServer(selfSigned, (_, response) => answerWithCounters(response)));
  await using client = createClient(`https://localhost:${server.port}`);
  expect(await client.request(room, noSignal)).toEqual({
    status: 'network_error',
    reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  });
});
