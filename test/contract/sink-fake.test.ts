import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Point } from '../../src/model/point.ts';
import { createInfluxdbSink, type InfluxdbApi } from '../../src/sink/influxdb.ts';
import { systemClock } from '../../src/system-clock.ts';
import { describeSink } from './sink-contract.ts';
import { type FakeVersion, type Fault, startFakeInfluxdb } from './sink-fake-influxdb.ts';
import type { SinkServer } from './sink-server.ts';
import { describeShipping } from './sink-shipping-contract.ts';

const token = 'right-secret';

function apiOf(version: 1 | 2, place: string, secret: string): InfluxdbApi {
  return version === 2
    ? { version, org: 'livetally', bucket: place, token: secret }
    : { version, database: place, username: 'collector', password: secret };
}

async function openFake(version: FakeVersion, apiVersion: 1 | 2): Promise<SinkServer> {
  const authorization =
    apiVersion === 2 ? `Token ${token}` : `Basic ${Buffer.from(`collector:${token}`).toString('base64')}`;
  const fake = await startFakeInfluxdb({ version, authorization });
  return {
    url: fake.url,
    apiOf: (place, credentials) => apiOf(apiVersion, place, credentials === 'right' ? token : 'wrong-secret'),
    createPlace: async (place, { keepHours } = {}) =>
      fake.createPlace(place, keepHours === undefined ? {} : { keepMs: keepHours * 3_600_000 }),
    write: async (place, lines) => fake.write(place, lines),
    read: async (place, measurement) =>
      fake
        .pointsOf(place)
        .filter((point) => point.measurement === measurement)
        .map(({ tags, fields, timeMs }) => ({
          tags: Object.fromEntries(tags),
          fields: Object.fromEntries([...fields].map(([name, value]) => [name, Number(value)])),
          timeMs,
        })),
    stop: fake.stop,
    start: fake.start,
    [Symbol.asyncDispose]: fake.stop,
  };
}

const traits = { refusesPoints: true, knowsCredentials: true, knowsPlaces: true };
const fakes: readonly [version: FakeVersion, apiVersion: 1 | 2][] = [
  ['2.9.1', 2],
  ['1.8.10', 2],
  ['1.8.10', 1],
  ['1.6.7', 1],
];
for (const [version, apiVersion] of fakes) {
  const name = `a fake InfluxDB ${version} through API version ${apiVersion}`;
  describeSink(name, traits, () => openFake(version, apiVersion));
  describeShipping(name, traits, () => openFake(version, apiVersion));
}

const point: Point = { measurement: 'm', tags: [['room_id', 'a']], fields: [['total', 1]], timeMs: Date.now() };

async function writeTo(fault: Fault, timeoutMs = 5_000) {
  await using fake = await startFakeInfluxdb({ version: '2.9.1' });
  fake.createPlace('live');
  fake.fail(fault);
  const api = apiOf(2, 'live', token);
  const sink = createInfluxdbSink({ name: 'test', url: fake.url, api, gzip: false, clock: systemClock });
  const outcome = await sink.write([point], AbortSignal.timeout(timeoutMs));
  sink.close();
  return { outcome, stored: fake.pointsOf('live').length };
}

describe('what a faulty server or proxy does to a write', () => {
  test('an answer that is lost leaves it open whether the points are stored', async () => {
    const { outcome, stored } = await writeTo({ kind: 'hang_up' });
    expect(outcome.status).toBe('unavailable');
    expect(stored).toBe(1);
  });

  test('a server that does not answer is given up when the signal says so', async () => {
    const { outcome } = await writeTo({ kind: 'silence' }, 50);
    expect(outcome).toMatchObject({ status: 'unavailable', reason: expect.stringContaining('timeout') });
  });

  test.each([200, 201, 302, 400, 500, 503])('a page with status %i is no yes and refuses no point', async (status) => {
    const { outcome } = await writeTo({ kind: 'answer', status, body: '<html>' });
    expect(outcome).toEqual({ status: 'unavailable', reason: `HTTP ${status}`, retryAfterMs: undefined });
  });

  test.each([
    { status: 502, isCompressed: false, reason: `HTTP 502: ${'x'.repeat(489)}…` },
    { status: 502, isCompressed: true, reason: `HTTP 502: ${'x'.repeat(489)}…` },
    { status: 200, isCompressed: false, reason: 'HTTP 200' },
    { status: 200, isCompressed: true, reason: 'HTTP 200' },
  ])('a body without an end is not read on ($status, compressed $isCompressed)', async ({ reason, ...fault }) => {
    const { outcome, stored } = await writeTo({ kind: 'endless', ...fault });
    expect(outcome).toEqual({ status: 'unavailable', reason, retryAfterMs: undefined });
    expect(stored).toBe(0);
  });

  const json = { 'content-type': 'application/json' };

  test.each([400_000, 2_000_000])(
    'of a body with the words for every line of a batch, %i characters, the beginning counts',
    async (length) => {
      const line = `'größe "1"': invalid boolean\n`;
      const message = `partial write: unable to parse ${line.repeat(length / line.length)}dropped=1`;
      const { outcome } = await writeTo({
        kind: 'answer',
        status: 400,
        headers: json,
        body: JSON.stringify({ message }),
      });
      expect(outcome).toMatchObject({ status: 'refused', reason: expect.stringMatching(/^partial write: unable to/) });
    },
  );

  test('the status and the wish to wait count, however long the body is', async () => {
    const body = JSON.stringify({ message: 'y'.repeat(5_000_000) });
    const late = { kind: 'answer', status: 503, headers: { ...json, 'retry-after': '7' }, body } as const;
    expect((await writeTo(late)).outcome).toMatchObject({ status: 'unavailable', retryAfterMs: 7_000 });
    expect((await writeTo({ kind: 'answer', status: 401, headers: json, body })).outcome).toMatchObject({
      status: 'denied',
    });
  });

  test('a compressed body that is empty, or ends too early, does not hide the status', async () => {
    const headers = { ...json, 'content-encoding': 'gzip' };
    const cut = gzipSync(JSON.stringify({ message: 'who is it? '.repeat(100) })).subarray(0, -6);
    for (const body of ['', cut]) {
      const { outcome } = await writeTo({ kind: 'answer', status: 401, headers, body });
      expect(outcome).toMatchObject({ status: 'denied' });
    }
  });

  test('a wish to wait is passed on', async () => {
    const { outcome } = await writeTo({ kind: 'answer', status: 429, headers: { 'retry-after': '17' } });
    expect(outcome).toEqual({ status: 'unavailable', reason: 'HTTP 429', retryAfterMs: 17_000 });
  });

  test('a page that quotes the request does not bring the token into the log', async () => {
    const body = JSON.stringify({ message: `refused: authorization: Token ${token}` });
    const { outcome } = await writeTo({ kind: 'answer', status: 500, body });
    expect(outcome).toMatchObject({ reason: 'HTTP 500: refused: authorization: Token ***' });
  });
});

test('bodies are compressed where that is configured', async () => {
  await using fake = await startFakeInfluxdb({ version: '2.9.1' });
  fake.createPlace('live');
  const points = Array.from({ length: 100 }, (_, index): Point => ({ ...point, timeMs: point.timeMs + index }));
  for (const gzip of [true, false]) {
    const api = apiOf(2, 'live', token);
    const sink = createInfluxdbSink({ name: 'test', url: fake.url, api, gzip, clock: systemClock });
    expect(await sink.write(points, AbortSignal.timeout(5_000))).toEqual({ status: 'written' });
    sink.close();
  }
  expect(fake.gzipped).toBe(1);
  expect(fake.pointsOf('live')).toHaveLength(100);
});
