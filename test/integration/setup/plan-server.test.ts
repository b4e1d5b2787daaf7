import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { SecretPlace } from '../../../src/setup/item.ts';
import { planServer, type ServerOptions } from '../../../src/setup/plan-server.ts';
import { answerEndlessly } from '../../contract/endless-answer.ts';
import { startHttpServer } from '../tencent/servers.ts';

type Answer = { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: unknown };

/** Answers as it is told, and remembers what it was asked. */
async function startServer(answer: (request: IncomingMessage, path: string) => Answer | 'silence') {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { pathname } = new URL(request.url ?? '/', 'http://server');
    asked.push(`${request.method} ${pathname}${body === '' ? '' : ` ${body}`}`);
    const told = answer(request, pathname);
    if (told === 'silence') return;
    const { status = 200, headers = {}, body: answered = {} } = told;
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(answered));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const nowhere: SecretPlace = { present: '', name: 'nowhere', isFile: false, put: async () => undefined };
const forever = Number.POSITIVE_INFINITY;

function optionsFor(url: string, changes: Partial<ServerOptions> = {}): ServerOptions {
  return {
    url,
    timeoutMs: 5_000,
    target: { kind: 'v2', org: 'livetally', bucket: 'live' },
    keepMs: 14 * 86_400_000,
    keepTiersMs: { '5m': forever, '1h': forever, '1d': forever, '1mo': forever },
    hasTiers: true,
    admin: { token: 'token-of-the-operator', username: 'admin', password: undefined },
    writer: nowhere,
    reader: nowhere,
    operator: nowhere,
    makeSecret: () => 'made-up',
    areSecretsRenewed: false,
    ...changes,
  };
}

describe('an InfluxDB 3, by its documentation', () => {
  const version3 = { headers: { 'x-influxdb-version': '3.4.0' } };

  test('gets the databases that it lacks, with their retention, and is said to be untested', async () => {
    await using server = await startServer((request, path) => {
      if (path === '/ping') return version3;
      expect(request.headers.authorization).toBe('Bearer token-of-the-operator');
      return { body: [{ 'iox::database': 'live_1d' }] };
    });
    const items = await planServer(optionsFor(server.url));
    expect(items.map(({ status, subject }) => `${status} ${subject}`)).toEqual([
      'note InfluxDB 3',
      'change database live',
      'change database live_5m',
      'change database live_1h',
      'same database live_1d',
      'change database live_1mo',
      'note tokens',
    ]);
    for (const item of items) if (item.status === 'change') await item.make();
    expect(server.asked.filter((request) => request.startsWith('POST'))).toEqual([
      'POST /api/v3/configure/database {"db":"live","retention_period":"14d"}',
      'POST /api/v3/configure/database {"db":"live_5m"}',
      'POST /api/v3/configure/database {"db":"live_1h"}',
      'POST /api/v3/configure/database {"db":"live_1mo"}',
    ]);
  });

  test('that refuses the token is one problem', async () => {
    await using server = await startServer(() => ({
      status: 401,
      body: { error: 'the request was not authenticated' },
    }));
    expect(await planServer(optionsFor(server.url))).toEqual([
      expect.objectContaining({
        status: 'problem',
        subject: 'admin token',
        words: expect.stringContaining('is refused'),
      }),
    ]);
  });
});

describe('a server that setup cannot bring anywhere', () => {
  test('names no version of InfluxDB: nothing further is asked', async () => {
    await using server = await startServer(() => ({ status: 204 }));
    expect(await planServer(optionsFor(server.url))).toMatchObject([{ status: 'problem', subject: 'server' }]);
    expect(server.asked).toEqual(['GET /ping']);
  });

  test('refuses a question on the way: its words are told with what to look at', async () => {
    await using server = await startServer((_, path) =>
      path === '/ping'
        ? { headers: { 'x-influxdb-version': 'v2.7.1' } }
        : { status: 502, headers: { 'content-type': 'text/html' }, body: 'Bad Gateway' },
    );
    expect(await planServer(optionsFor(server.url))).toMatchObject([
      { status: 'problem', words: expect.stringContaining('HTTP 502') },
    ]);
  });

  test('answers without an end: that is not read on', async () => {
    await using server = await startHttpServer((response) => void answerEndlessly(response, { status: 200 }));
    await expect(planServer(optionsFor(server.baseUrl))).rejects.toThrow(/the answer is longer than 8388608 bytes/);
  });

  test('does not answer in time: it is said to be out of reach', async () => {
    await using server = await startServer(() => 'silence');
    const options = optionsFor(server.url, { timeoutMs: 200 });
    await expect(planServer(options)).rejects.toThrow(/cannot be reached: .*influxdb\.url/);
  });
});

describe('a server that quotes what it was sent', () => {
  const admin = { token: 'q1w2e3r4/t5z6u7i8+o9', username: 'admin', password: 'pass "wörd" & more' };
  const credentials = Buffer.from(`${admin.username}:${admin.password}`).toString('base64');
  const version1 = { headers: { 'x-influxdb-version': '1.8.10' } };
  const target = { kind: 'v1', database: 'live', username: 'writer' } as const;

  test.each<[string, string, Answer]>([
    ['the token in a refusal', '2.9.1', { status: 401, body: { message: `no such token: ${admin.token}` } }],
    ['the password in a refusal', '1.8.10', { status: 401, body: { error: `${credentials}, ${admin.password}` } }],
    ['it in the answer to a statement', '1.8.10', { body: { results: [{ error: `wrong: ${admin.password}` }] } }],
  ])('has %s: setup tells the words without it', async (_, version, answer) => {
    await using server = await startServer((_request, path) =>
      path === '/ping' ? { headers: { 'x-influxdb-version': version } } : answer,
    );
    const options = optionsFor(server.url, { admin, ...(version === '1.8.10' && { target }) });
    const [item] = await planServer(options);
    expect(item?.words).toContain('***');
    for (const secret of [admin.token, admin.password, credentials]) expect(item?.words).not.toContain(secret);
  });

  test('has it in an answer that is no JSON: the error and its cause are without it', async () => {
    await using server = await startHttpServer((response, { url }) => {
      const isPing = url === '/ping';
      response.writeHead(isPing ? 204 : 200, { ...version1.headers, 'content-type': 'application/json' });
      response.end(isPing ? undefined : admin.token);
    });
    const failure = await planServer(optionsFor(server.baseUrl, { admin, target })).catch((error: unknown) => error);
    expect(inspect(failure)).toContain('cannot be reached');
    expect(inspect(failure)).not.toContain(admin.token.slice(0, 10));
  });

  test('has a password that was just made in it: what failed is told without it', async () => {
    await using server = await startServer((request, path) => {
      if (path === '/ping') return version1;
      if (request.headers.authorization === undefined) return { status: 401, body: { error: 'who is it?' } };
      const isCreating = server.asked.at(-1)?.includes('CREATE+USER') === true;
      return { body: { results: [isCreating ? { error: `found ${server.asked.at(-1)}` } : {}] } };
    });
    const options = optionsFor(server.url, { admin, target, makeSecret: () => 'made-up-and-secret' });
    const item = (await planServer(options)).find(({ subject }) => subject === 'user writer');
    const failure = item?.status === 'change' ? await item.make().catch((error: unknown) => error) : undefined;
    expect(inspect(failure)).toMatch(/found .*\*\*\*/);
    expect(inspect(failure)).not.toContain('made-up-and-secret');
  });
});
