import { expect, test } from 'vitest';
import { createPointReader } from '../../../src/verify/influxql.ts';
import { answerEndlessly } from '../../contract/endless-answer.ts';
import { createVirtualClock } from '../../virtual-clock.ts';
import { startHttpServer } from '../tencent/servers.ts';

const token = 'q1w2e3/r4t5z6+u7i8o9==';

test.each([
  ['a refusal', 401, (quoted: string) => JSON.stringify({ code: 'unauthorized', message: quoted })],
  ['a statement that failed', 200, (quoted: string) => JSON.stringify({ results: [{ error: quoted }] })],
])('The token is not in what is told of %s, though the server quotes it.', async (_, status, body) => {
  await using server = await startHttpServer((response, { headers }) => {
    const said = body(`${headers.authorization} is not known, nor ${encodeURIComponent(token)}`);
    response.writeHead(status, { 'content-type': 'application/json' }).end(said);
  });
  const reader = createPointReader({
    ...{ url: server.baseUrl, place: 'live', authorization: `Token ${token}`, howToAuthorize: 'give another' },
    ...{ clock: createVirtualClock(), signal: new AbortController().signal },
  });
  const reading = reader.readPoints('room_stats', ['main'], { fromMs: 0, toMs: 1 });
  await expect(reading).rejects.toThrow('cannot be read: Token *** is not known, nor ***; give another');
});

const asked = ['room_stats', ['main'], { fromMs: 0, toMs: 1 }] as const;

test('An answer of which the server has left out a part is none.', async () => {
  const body = { results: [{ series: [{ name: 'room_stats', columns: ['time'], values: [], partial: true }] }] };
  await using server = await startHttpServer((response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await expect(readerOf(server.baseUrl).readPoints(...asked)).rejects.toThrow(
    'it has left out a part of its answer; set its max-row-limit to 0',
  );
});

test('An answer without an end is not read on.', async () => {
  await using server = await startHttpServer((response) => void answerEndlessly(response, { status: 200 }));
  const reader = createPointReader({ ...optionsOf(server.baseUrl), mostAnswerBytes: 1_000_000 });
  await expect(reader.readPoints(...asked)).rejects.toThrow(
    `${server.baseUrl} answers with more than 1000000 bytes at once; look at a shorter time with --from and --to`,
  );
});

test('A stop while the server is asked is told as a stop.', async () => {
  const stop = new AbortController();
  await using server = await startHttpServer(() => stop.abort());
  await expect(readerOf(server.baseUrl, stop.signal).readPoints(...asked)).rejects.toThrow(
    `stopped while ${server.baseUrl} was asked; give the command again`,
  );
});

function optionsOf(url: string) {
  const { signal } = new AbortController();
  return { url, place: 'live', authorization: undefined, howToAuthorize: '', clock: createVirtualClock(), signal };
}

function readerOf(url: string, signal = new AbortController().signal) {
  return createPointReader({ ...optionsOf(url), signal });
}
