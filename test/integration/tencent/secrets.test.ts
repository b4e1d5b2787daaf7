import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { describeOutcome, type Outcome } from '../../../src/model/outcome.ts';
import { createClient, noSignal, receiver, room, secretKey } from './create-client.ts';
import { startHttpServer } from './servers.ts';

const codes = [0, 60004, 60007, 60010, 70001, 70009, 70050, 100001, 100002, 100004, 123456];

/** What the server sends back: the whole request, in every place that an answer has. */
const answers: readonly ((url: string) => { httpStatus: number; body: string })[] = [
  ...codes.map((code) => (url: string) => ({
    httpStatus: 200,
    body: JSON.stringify({ ErrorCode: code, ErrorInfo: url, Response: { TotalViewers: url } }),
  })),
  (url) => ({ httpStatus: 200, body: url }),
  (url) => ({ httpStatus: 200, body: JSON.stringify([url]) }),
  (url) => ({ httpStatus: 302, body: url }),
  (url) => ({ httpStatus: 502, body: url }),
  (url) => ({ httpStatus: 200, body: url.repeat(1000) }),
];

test('Neither the key nor a signature is in any outcome, though the server repeats the whole request', async () => {
  await using server = await startHttpServer((response, { url }) => {
    const answer = answers[server.requests.length - 1]?.(url);
    if (answer === undefined) response.destroy();
    else response.writeHead(answer.httpStatus, { location: url, 'x-echo': url }).end(answer.body);
  });
  await using client = createClient(server.baseUrl);
  await using unreachable = createClient('https://nowhere.invalid');
  const outcomes: Outcome[] = [];
  for (let count = 0; count <= answers.length; count++) outcomes.push(await client.request(room, noSignal));
  outcomes.push(await unreachable.request(room, noSignal), await client.request(room, AbortSignal.abort()));

  const failures = [
    'signature_refused',
    'refused',
    'locked_out',
    'bad_answer',
    'http_error',
    'network_error',
    'cancelled',
  ];
  expect(outcomes.map(({ status }) => status)).toEqual(expect.arrayContaining(failures));
  const said = [
    inspect(outcomes, { depth: null, showHidden: true }),
    outcomes.map(describeOutcome).join('\n'),
    inspect(client, { depth: null, showHidden: true }),
    client.describeRequest(room),
    client.describeRequest(receiver),
  ].join('\n');
  const sent = server.requests.map(({ url }) => new URLSearchParams(url.split('?')[1]).get('usersig') ?? '');
  for (const secret of [secretKey, ...sent]) {
    expect(secret.length).toBeGreaterThan(60);
    expect(said).not.toContain(secret);
  }
});
