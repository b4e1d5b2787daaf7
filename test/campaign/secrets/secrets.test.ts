import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createInfluxdbSink, type InfluxdbApi } from '../../../src/sink/influxdb.ts';
import { createVirtualClock } from '../../virtual-clock.ts';
import { echoAnswers, startEchoingInfluxdb } from './echoing-influxdb.ts';
import { encodings, findSecrets, type Scanned } from './find-secrets.ts';
import { planted, runWithSecrets } from './secret-run.ts';

const [key] = planted;
const noSignal = new AbortController().signal;

describe('the scan', () => {
  const texts = [...encodings].flatMap(([encoding, encode]) =>
    encode(key.value).map((text) => [encoding, text] as const),
  );

  test.each(texts)('finds a secret in %s', (encoding, text) => {
    const found = findSecrets(new Map([['log', Buffer.from(`before ${text} behind`, 'latin1')]]), [key]);
    expect(found).toContainEqual({ secret: key.name, encoding, place: 'log' });
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

test('nothing that livetally writes or answers holds a secret, after a run with every fault', {
  timeout: 60_000,
}, async () => {
  const { scanned, signatures, rejected } = await runWithSecrets();
  expect([...scanned.keys()].join(' ')).toMatch(/\/metrics of .*v1\.db-wal while it runs.*v2\.db afterwards.*poll/s);
  expect(signatures.length).toBeGreaterThan(0);
  expect(Math.min(...rejected)).toBeGreaterThan(0);
  expect(findSecrets(scanned, [...planted, ...signatures])).toEqual([]);
});
