import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createInfluxdbSink, type InfluxdbApi } from '../../../src/sink/influxdb.ts';
import { createVirtualClock } from '../../virtual-clock.ts';
import { echoAnswers, startEchoingInfluxdb } from './echoing-influxdb.ts';
import { bytesOf, encodings, findSecrets, type Scanned } from './find-secrets.ts';
import { planted } from './planted.ts';

const [key] = planted;
const noSignal = new AbortController().signal;

type Write = (secret: string) => string | Buffer;

/** How each way of writing is written by what writes so, not by the scan itself. */
const writings: ReadonlyMap<string, Write> = new Map<string, Write>([
  ['text', (secret) => `token is ${secret}.`],
  ['capital letters', (secret) => secret.toUpperCase()],
  ['the beginning of it', (secret) => `${secret.slice(0, 14)}...`],
  ['reversed text', (secret) => [...`<${secret}>`].reverse().join('')],
  ['a URL', (secret) => `/write?p=${encodeURIComponent(secret)}&u=x`],
  ['a URL in small letters', (secret) => encodeURIComponent(secret).toLowerCase()],
  ['a form', (secret) => new URLSearchParams({ user: 'x', password: secret, more: 'y' }).toString()],
  ['JSON', (secret) => JSON.stringify({ message: `it was "${secret}"` })],
  ['JSON in JSON', (secret) => JSON.stringify({ message: JSON.stringify({ token: secret }) })],
  ['JSON of PHP', (secret) => JSON.stringify({ message: secret }).replaceAll('/', '\\/')],
  ['JSON of Python', (secret) => inAscii(JSON.stringify({ message: secret }))],
  ['HTML', (secret) => `<p>${secret.replace(/[&<>"]/g, (sign) => `&${entities.get(sign)};`)}</p>`],
  ['hexadecimal', (secret) => Buffer.from(`x${secret}x`).toString('hex')],
  ['base64', (secret) => Buffer.from(secret).toString('base64')],
  ['base64 behind a short name', (secret) => Buffer.from(`u:${secret}`).toString('base64')],
  ['base64 behind a name', (secret) => Buffer.from(`ab:d${secret}`).toString('base64')],
  ['base64 behind a name and before more', (secret) => Buffer.from(`abcd:${secret}\r\n`).toString('base64')],
  ['base64url', (secret) => Buffer.from(`user:${secret}`).toString('base64url')],
  ['Latin-1', (secret) => Buffer.from(`token is ${secret}.`, 'latin1')],
  ['UTF-16', (secret) => Buffer.from(`token is ${secret}.`, 'utf16le')],
]);

const entities: ReadonlyMap<string, string> = new Map([
  ['&', 'amp'],
  ['<', 'lt'],
  ['>', 'gt'],
  ['"', 'quot'],
]);

function inAscii(json: string): string {
  return json.replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

describe('the scan', () => {
  const written = planted.flatMap((secret) =>
    [...writings].map(([how, write]) => ({ name: secret.name, how, secret, text: write(secret.value) })),
  );

  test.each(written)('finds the $name in $how', ({ secret, text }) => {
    const file = Buffer.concat([Buffer.from([0xff, 0xc3, 0]), bytesOf(text), Buffer.from([0xff, 0])]);
    expect(findSecrets(new Map([['file', file]]), planted)).toContainEqual(
      expect.objectContaining({ secret: secret.name, place: 'file' }),
    );
  });

  const encoded = planted.flatMap((secret) =>
    [...encodings].flatMap(([encoding, encode]) =>
      encode(secret.value).map((text) => ({ name: secret.name, encoding, secret, text })),
    ),
  );

  test.each(encoded)('knows that the $name is there as $encoding', ({ secret, encoding, text }) => {
    const log = Buffer.concat([Buffer.from('before '), bytesOf(text), Buffer.from(' behind')]);
    const found = findSecrets(new Map([['log', log]]), [secret]);
    expect(found).toContainEqual({ secret: secret.name, encoding, place: 'log' });
  });

  test.each([
    ['gzip', gzipSync],
    ['zlib', deflateSync],
  ])('finds a secret in what %s has compressed, in the middle of a file', (_, compress) => {
    const file = Buffer.concat([Buffer.alloc(1_000, 7), compress(`token=${key.value}`), Buffer.alloc(1_000, 7)]);
    expect(findSecrets(new Map([['file', file]]), [key])).not.toEqual([]);
  });

  test('finds nothing where there is nothing', () => {
    const scanned: Scanned = new Map([['file', readFileSync(process.execPath).subarray(0, 3_000_000)]]);
    expect(findSecrets(scanned, planted)).toEqual([]);
  });
});

test.each<[string, InfluxdbApi, string]>([
  ['a token', { version: 2, org: 'o', bucket: 'b', token: planted[1].value }, planted[1].name],
  ['a password', { version: 1, database: 'd', username: 'u', password: planted[2].value }, planted[2].name],
])('%s is in nothing that is made of an answer, though the server quotes it in every way', async (_, api, name) => {
  await using server = await startEchoingInfluxdb(echoAnswers);
  const sink = createInfluxdbSink({
    name: 'influxdb',
    url: server.baseUrl,
    api,
    gzip: false,
    clock: createVirtualClock(),
  });
  const scanned = new Map<string, string>();
  for (const [index, { status }] of echoAnswers.entries()) {
    const outcome = await sink.write([{ measurement: 'm', tags: [], fields: [['f', 1]], timeMs: 1 }], noSignal);
    scanned.set(`${index}: HTTP ${status}`, inspect(outcome, { depth: null }));
  }
  sink.close();
  expect(
    findSecrets(
      scanned,
      planted.filter((secret) => secret.name === name),
    ),
  ).toEqual([]);
});
