import { createServer as createHttpsServer } from 'node:https';
import { expect, test } from 'vitest';
import { checkTencent } from '../../../src/commands/check-tencent.ts';
import type { AppConfig, WatchedTarget } from '../../../src/config/config.ts';
import type { Target } from '../../../src/model/target.ts';
import { account, busyWorld, startTencent } from '../../e2e/account.ts';
import { selfSigned } from '../tencent/self-signed.ts';
import { answerWithCode, answerWithCounters, listen, startHttpServer } from '../tencent/servers.ts';
import { createContext } from './context.ts';

function appAt(baseUrl: string): AppConfig {
  return {
    ...account,
    name: 'main',
    baseUrl,
    // So many that no time goes by between the requests.
    limits: { room_stats: 100_000, gift_count: 100_000 },
    commands: { room_stats: 'get_room_stats', gift_count: 'get_gift_count' },
    requestTimeoutMs: 5_000,
    signatureLifeMs: 86_400_000,
  };
}

function watch(...targets: readonly Target[]): readonly WatchedTarget[] {
  const schedule = { app: 'main', endpoint: 'room_stats', cron: '* * * * * *', timezone: 'Etc/UTC' } as const;
  return targets.map((target) => ({ series: { target, labels: {} }, schedule }));
}

const room = (roomId: string): Target => ({ endpoint: 'room_stats', app: 'main', roomId });
const receiver = (roomId: string, userId: string): Target => ({ endpoint: 'gift_count', app: 'main', roomId, userId });

test('ten rooms from all over the watchlist are asked, and those that do not exist are named', async () => {
  await using tencent = await startTencent(busyWorld(3, 0));
  const rooms = Array.from({ length: 100 }, (_, index) => room(`mistyped-${index}`));
  const [finding] = await checkTencent(appAt(tencent.url), watch(...rooms), createContext());
  expect(finding).toMatchObject({ isGood: true });
  expect(finding?.words).toMatch(
    /^answered for 10 rooms; rooms that do not exist at the moment: mistyped-0, mistyped-10, .*, mistyped-90$/,
  );
  expect(tencent.report().apps[0]?.endpoints.room_stats.requests).toBe(10);
});

test('each endpoint that the watchlist uses is asked, and no other', async () => {
  await using server = await startHttpServer((response) => answerWithCounters(response));
  const findings = await checkTencent(appAt(server.baseUrl), watch(room('a')), createContext());
  expect(findings).toEqual([
    { subject: `main get_room_stats at 127.0.0.1:${server.port}`, isGood: true, words: 'answered for 1 room' },
  ]);
});

test('a receiver that is no account is named, whatever becomes of the others', async () => {
  await using tencent = await startTencent(busyWorld(1, 1), { faults: [{ kind: 'code', code: 70107, count: 1 }] });
  const receivers = [receiver('room-0001', 'nobody'), receiver('room-0001', 'user-0001')];
  const [finding] = await checkTencent(appAt(tencent.url), watch(...receivers), createContext());
  expect(finding).toMatchObject({ isGood: false });
  expect(finding?.words).toMatch(
    /^receiver nobody in room room-0001 of app main: refused \(ErrorCode 70107, RequestId Id-/,
  );
  expect(tencent.report().apps[0]?.endpoints.gift_count.requests).toBe(2);
});

test('after a refusal that is not about one target nobody else is asked', async () => {
  await using server = await startHttpServer((response) => answerWithCode(response, 70009));
  const [finding] = await checkTencent(appAt(server.baseUrl), watch(room('a'), room('b')), createContext());
  expect(finding).toMatchObject({ isGood: false, words: expect.stringContaining('check secret_key') });
  expect(server.requests).toHaveLength(1);
});

test('https:// in front of a port without TLS is named, and what to write', async () => {
  await using server = await startHttpServer((response) => answerWithCounters(response));
  const app = appAt(server.baseUrl.replace('http:', 'https:'));
  const [finding] = await checkTencent(app, watch(room('a')), createContext());
  expect(finding?.words).toBe('that port speaks plain HTTP, without TLS: write http:// in base_url');
});

test('http:// in front of a port with TLS is named, and what to write', async () => {
  await using server = await listen(createHttpsServer(selfSigned, (_, response) => answerWithCounters(response)));
  const [finding] = await checkTencent(appAt(`http://127.0.0.1:${server.port}`), watch(room('a')), createContext());
  expect(finding?.words).toBe('that port speaks TLS: write https:// in base_url');
});

test('a port where nobody listens is a failure of the network, and no more is said', async () => {
  const server = await startHttpServer((response) => answerWithCounters(response));
  await server[Symbol.asyncDispose]();
  const [finding] = await checkTencent(appAt(server.baseUrl), watch(room('a')), createContext());
  expect(finding?.words).toBe('the network failed (ECONNREFUSED): check base_url, DNS, proxy and firewall if it stays');
});
