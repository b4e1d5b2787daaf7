import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { createSharedLookup } from '../../../src/tencent/shared-lookup.ts';

type Asked = { readonly hostname: string; readonly answer: (address: string) => void };

function startNameServer() {
  const asked: Asked[] = [];
  const lookup: LookupFunction = (hostname, _options, callback) => {
    asked.push({ hostname, answer: (address) => callback(null, address, 4) });
  };
  return { asked, shared: createSharedLookup(lookup) };
}

test('Connections that are made at the same time share one lookup of their name; later ones ask again.', () => {
  const { asked, shared } = startNameServer();
  const addresses: unknown[] = [];
  const ask = (hostname: string) => shared(hostname, { family: 4 }, (_error, address) => addresses.push(address));
  ask('live.example');
  ask('live.example');
  ask('other.example');
  expect(asked.map(({ hostname }) => hostname)).toEqual(['live.example', 'other.example']);

  asked[0]?.answer('192.0.2.1');
  expect(addresses).toEqual(['192.0.2.1', '192.0.2.1']);
  ask('live.example');
  expect(asked.length).toBe(3);
});

test('Questions of different kinds are not answered alike.', () => {
  const { asked, shared } = startNameServer();
  shared('live.example', { family: 4 }, () => {});
  shared('live.example', { all: true }, () => {});
  expect(asked.length).toBe(2);
});
