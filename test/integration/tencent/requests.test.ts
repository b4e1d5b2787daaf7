import { afterEach, expect, test, vi } from 'vitest';
import { createVirtualClock } from '../../virtual-clock.ts';
import { createClient, noSignal, receiver, room } from './create-client.ts';
import { answerWithCode, answerWithCounters, startHttpServer, startRawServer } from './servers.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('A room is asked for exactly as documented', async () => {
  await using server = await startHttpServer((response) => answerWithCounters(response, { TotalViewers: 7 }));
  await using client = createClient(server.baseUrl);
  expect(await client.request(room, noSignal)).toEqual({
    status: 'answered',
    totals: [7, undefined, undefined, undefined, undefined, undefined],
  });
  expect(server.requests).toHaveLength(1);
  const [request] = server.requests;
  expect(request?.method).toBe('POST');
  expect(request?.url).toMatch(
    /^\/v4\/live_engine_http_srv\/get_room_stats\?sdkappid=1400000000&identifier=administrator&usersig=[\w*-]{100,}&random=42&contenttype=json$/,
  );
  expect(request?.headers).toEqual({
    host: `127.0.0.1:${server.port}`,
    connection: 'keep-alive',
    'content-type': 'application/json',
    'content-length': '24',
    'user-agent': 'livetally',
  });
  expect(request?.body).toBe('{"RoomId":"live-room-1"}');
});

test('A receiver of gifts is asked for by room and account, both strings', async () => {
  await using server = await startHttpServer((response) =>
    answerWithCounters(response, { TotalCount: 1, TotalCoins: 2, GiftSenderCount: 3 }),
  );
  await using client = createClient(server.baseUrl);
  const outcome = await client.request({ ...receiver, roomId: '"комната" 1', userId: '144115' }, noSignal);
  expect(outcome).toEqual({ status: 'answered', totals: [1, 2, 3] });
  const [request] = server.requests;
  expect(request?.url).toMatch(/^\/v4\/live_engine_http_srv\/get_gift_count\?sdkappid=/);
  expect(request?.body).toBe('{"RoomId":"\\"комната\\" 1","From_Account":"144115"}');
});

test('The random number is drawn anew for each request, from all integers of 32 bits', async () => {
  const drawn = [0, 2 ** 32 - 1, 12_345];
  const bounds: number[] = [];
  await using server = await startHttpServer((response) => answerWithCounters(response));
  await using client = createClient(server.baseUrl, {
    random: (bound) => {
      bounds.push(bound);
      return drawn.shift() ?? 0;
    },
  });
  for (let count = 0; count < 3; count++) await client.request(room, noSignal);
  const sent = server.requests.map(({ url }) => new URLSearchParams(url.split('?')[1]).get('random'));
  expect(sent).toEqual(['0', '4294967295', '12345']);
  expect(bounds).toEqual([2 ** 32, 2 ** 32, 2 ** 32]);
});

test('An identifier with characters that mean something in a URL arrives as it is', async () => {
  await using server = await startHttpServer((response) => answerWithCounters(response));
  await using client = createClient(server.baseUrl, { identifier: 'админ&random=1 +%/#' });
  await client.request(room, noSignal);
  const query = new URLSearchParams(server.requests[0]?.url.split('?')[1]);
  expect([...query.keys()]).toEqual(['sdkappid', 'identifier', 'usersig', 'random', 'contenttype']);
  expect(query.get('identifier')).toBe('админ&random=1 +%/#');
});

test('The commands are configuration, and a path in the base URL is kept in front', async () => {
  await using server = await startHttpServer((response) => answerWithCounters(response));
  await using client = createClient(`${server.baseUrl}/proxy/tencent/`, {
    commands: { room_stats: 'get_room_statistic', gift_count: 'get_gift_count' },
  });
  await client.request(room, noSignal);
  expect(server.requests[0]?.url).toMatch(/^\/proxy\/tencent\/v4\/live_engine_http_srv\/get_room_statistic\?/);
});

test('A request in words has all of it but the signature', async () => {
  await using client = createClient('https://console.tim.qq.com');
  expect(client.describeRequest(receiver)).toBe(
    'POST https://console.tim.qq.com/v4/live_engine_http_srv/get_gift_count?sdkappid=1400000000&identifier=administrator' +
      '&usersig=***&random=42&contenttype=json {"RoomId":"live-room-1","From_Account":"anchor-1"}',
  );
});

test('Requests one after another reuse their connections', async () => {
  await using server = await startHttpServer((response) => answerWithCounters(response));
  await using client = createClient(server.baseUrl);
  for (let count = 0; count < 20; count++) await client.request(count % 2 === 0 ? room : receiver, noSignal);
  // The second is opened while the first still tidies up.
  expect(server.connections.accepted).toBeLessThanOrEqual(2);
});

test('Requests at once have a connection each, up to the limit, and the others wait for a free one', async () => {
  const sizes: number[] = [];
  await using server = await startHttpServer((response) => {
    sizes.push(server.connections.open);
    setImmediate(answerWithCounters, response);
  });
  await using client = createClient(server.baseUrl, { maxConnections: 5 });
  const outcomes = await Promise.all(Array.from({ length: 40 }, () => client.request(room, noSignal)));
  expect(new Set(outcomes.map((outcome) => outcome.status))).toEqual(new Set(['answered']));
  expect(Math.max(...sizes)).toBe(5);
  expect(server.connections.accepted).toBe(5);
});

test('After a refusal the next request carries a new signature, and a burst of refusals renews it once', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) });
  await using server = await startHttpServer((response) => answerWithCode(response, 70001));
  const clock = createVirtualClock({ wallMs: Date.UTC(2026, 0, 1) });
  await using client = createClient(server.baseUrl, { clock });
  const signatures = () =>
    new Set(server.requests.map(({ url }) => new URLSearchParams(url.split('?')[1]).get('usersig')));

  const burst = await Promise.all(Array.from({ length: 20 }, () => client.request(room, noSignal)));
  for (const outcome of burst) expect(outcome).toMatchObject({ status: 'signature_refused', code: 70001 });
  expect(signatures().size).toBe(1);

  for (let second = 1; second <= 10; second++) {
    vi.setSystemTime(Date.UTC(2026, 0, 1) + second * 1000);
    await clock.advance(1000);
    await client.request(room, noSignal);
  }
  expect(signatures().size).toBe(2);
});

test('The expiry of the signature moves when it is renewed', async () => {
  const clock = createVirtualClock({ wallMs: Date.UTC(2026, 0, 1) });
  await using client = createClient('http://127.0.0.1:9', { clock });
  expect(client.signatureExpiresAtMs()).toBe(Date.UTC(2026, 0, 2));
  await clock.advance(20 * 3_600_000);
  expect(client.signatureExpiresAtMs()).toBe(Date.UTC(2026, 0, 2, 20));
});

test('A request says that it departs when it is written to its connection, so before it arrives', async () => {
  const story: string[] = [];
  await using server = await startHttpServer((response) => {
    story.push('arrived');
    answerWithCounters(response);
  });
  await using client = createClient(server.baseUrl);
  const departed = () => story.push('departed');
  await client.request(room, noSignal, departed);
  await client.request(room, noSignal, departed);
  expect(story).toEqual(['departed', 'arrived', 'departed', 'arrived']);
});

test('A request that is given up before it had a connection never says that it departs', async () => {
  const hello = Promise.withResolvers<void>();
  // Takes the greeting of TLS and says nothing.
  await using server = await startRawServer(() => hello.resolve());
  await using client = createClient(server.baseUrl.replace('http:', 'https:'));
  const stop = new AbortController();
  let departures = 0;
  const outcome = client.request(room, stop.signal, () => {
    departures++;
  });
  await hello.promise;
  stop.abort();
  expect(await outcome).toEqual({ status: 'cancelled' });
  expect(departures).toBe(0);
});
