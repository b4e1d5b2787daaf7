import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { inflateSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { UserSig } from '../../../src/tencent/user-sig.ts';
import { createVirtualClock } from '../../virtual-clock.ts';

const secretKey = '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e';
const startMs = 1_700_000_000_400;
const hourMs = 3_600_000;

const claims = z.strictObject({
  'TLS.ver': z.literal('2.0'),
  'TLS.identifier': z.string(),
  'TLS.sdkappid': z.number(),
  'TLS.time': z.number(),
  'TLS.expire': z.number(),
  'TLS.sig': z.string(),
});

function readSignature(text: string) {
  const base64 = text.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '=');
  return claims.parse(JSON.parse(inflateSync(Buffer.from(base64, 'base64')).toString()));
}

function createUserSig({ identifier = 'administrator', signatureLifeMs = 24 * hourMs } = {}) {
  const clock = createVirtualClock({ wallMs: startMs });
  return { clock, userSig: new UserSig({ sdkAppId: 1_400_000_000, identifier, secretKey, signatureLifeMs, clock }) };
}

// The signer reads the system's clock.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: startMs });
});
afterEach(() => {
  vi.useRealTimers();
});

test("A signature says what Tencent's own signer says for the same key and second", () => {
  expect(readSignature(createUserSig().userSig.current().text)).toEqual({
    'TLS.ver': '2.0',
    'TLS.identifier': 'administrator',
    'TLS.sdkappid': 1_400_000_000,
    'TLS.time': 1_700_000_000,
    'TLS.expire': 86_400,
    'TLS.sig': 'yLAe+w7WUeUuqbV9h/TX78u21oTGi+i9Zp1u3PpnY60=',
  });
});

test('An identifier with characters beyond ASCII is signed as it is', () => {
  const signature = readSignature(createUserSig({ identifier: 'админ@live' }).userSig.current().text);
  const content = 'TLS.identifier:админ@live\nTLS.sdkappid:1400000000\nTLS.time:1700000000\nTLS.expire:86400\n';
  expect(signature['TLS.identifier']).toBe('админ@live');
  expect(signature['TLS.sig']).toBe(createHmac('sha256', secretKey).update(content).digest('base64'));
});

test('A signature consists of characters that need no escape in a query string', () => {
  expect(createUserSig().userSig.current().text).toMatch(/^[\w*-]+$/);
});

test('A signature expires a life after the second in which it was made', () => {
  expect(createUserSig().userSig.current().expiresAtMs).toBe(1_700_000_000_000 + 24 * hourMs);
});

test('A signature is used until 80 % of its life have passed, then made anew', async () => {
  const { clock, userSig } = createUserSig({ signatureLifeMs: 10 * hourMs });
  const first = userSig.current();
  await clock.advance(8 * hourMs - 1);
  expect(userSig.current()).toBe(first);
  await clock.advance(1);
  expect(userSig.current().expiresAtMs).toBe(first.expiresAtMs + 8 * hourMs);
});

test('A wall clock that jumps forward past the renewal renews at once', () => {
  const { clock, userSig } = createUserSig();
  const first = userSig.current();
  clock.setWall(startMs + 30 * hourMs);
  expect(userSig.current().expiresAtMs).toBe(first.expiresAtMs + 30 * hourMs);
});

test('A signature from the future is replaced once after the wall clock was set back', () => {
  const { clock, userSig } = createUserSig();
  const first = userSig.current();
  clock.setWall(startMs - hourMs);
  const second = userSig.current();
  expect(second.expiresAtMs).toBe(first.expiresAtMs - hourMs);
  expect(userSig.current()).toBe(second);
});

test('A refused signature is replaced once, however many requests in flight were refused with it', () => {
  const { userSig } = createUserSig();
  const first = userSig.current();
  userSig.refused(first);
  userSig.refused(first);
  const second = userSig.current();
  expect(second).not.toBe(first);
  for (let late = 0; late < 100; late++) userSig.refused(first);
  expect(userSig.current()).toBe(second);
});

test('Refusals in a row make one new signature a minute, whatever the wall clock does', async () => {
  const { clock, userSig } = createUserSig();
  userSig.refused(userSig.current());
  const second = userSig.current();
  userSig.refused(second);
  expect(userSig.current()).toBe(second);
  clock.setWall(startMs + 2 * hourMs);
  userSig.refused(second);
  expect(userSig.current()).toBe(second);
  await clock.advance(60_000);
  userSig.refused(second);
  expect(userSig.current()).not.toBe(second);
});

test('The secret key shows in no inspection of what holds it', () => {
  const { userSig } = createUserSig();
  expect(inspect(userSig, { depth: null, showHidden: true })).not.toContain(secretKey);
  expect(JSON.stringify(userSig)).not.toContain(secretKey);
});
