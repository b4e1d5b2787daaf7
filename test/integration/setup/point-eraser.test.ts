import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createMask } from '../../../src/model/without-secrets.ts';
import { createInfluxdbApi } from '../../../src/setup/influxdb-api.ts';
import { createPointEraser, type PointEraserOptions } from '../../../src/setup/point-eraser.ts';
import { startHttpServer } from '../tencent/servers.ts';

const authorization = 'Token a-token-nobody-may-see';
const points = { measurement: 'room_stats', app: 'my "own"', fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2026, 0, 2) };

const eraserOf = (url: string, changes: Partial<PointEraserOptions> = {}) =>
  createPointEraser(createInfluxdbApi({ url, timeoutMs: 5_000, mask: createMask(['a-token-nobody-may-see']) }), {
    ...{ url, org: 'shows', authorization, ...changes },
  });

/** Calls itself this version and answers everything so. */
function answering(response: ServerResponse, version: string | undefined, status = 200, body: object = {}): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(version !== undefined && { 'x-influxdb-version': version }),
  });
  response.end(status === 204 ? undefined : JSON.stringify(body));
}

describe('points are deleted', () => {
  test('from a bucket by measurement, app and time, to its last nanosecond', async () => {
    await using server = await startHttpServer((response) => answering(response, 'v2.9.1', 204));
    await (await eraserOf(server.baseUrl)).erase('live', points);
    expect(server.requests.at(-1)).toMatchObject({ method: 'POST', url: '/api/v2/delete?org=shows&bucket=live' });
    expect(JSON.parse(server.requests.at(-1)?.body ?? '')).toEqual({
      start: '2026-01-01T00:00:00.000Z',
      stop: '2026-01-01T23:59:59.999999999Z',
      predicate: '_measurement="room_stats" AND app="my \\"own\\""',
    });
  });

  test('from a database with InfluxQL, and up to the end of time', async () => {
    await using server = await startHttpServer((response) => answering(response, '1.8.10', 200, { results: [{}] }));
    const eraser = await eraserOf(server.baseUrl, { org: undefined });
    await eraser.erase('live/raw', { ...points, toMs: Number.POSITIVE_INFINITY });
    expect(server.requests.at(-1)).toMatchObject({ method: 'POST', url: '/query?db=live' });
    expect(new URLSearchParams(server.requests.at(-1)?.body).get('q')).toBe(
      `DELETE FROM "room_stats" WHERE "app" = 'my "own"' AND time >= 1767225600000ms AND time < 9214646400000ms`,
    );
  });

  test.each([undefined, '3.4.0'])('from InfluxDB 1 and 2 alone: version %s is refused', async (version) => {
    await using server = await startHttpServer((response) => answering(response, version));
    await expect(eraserOf(server.baseUrl)).rejects.toThrow(
      /points of a time can be deleted from InfluxDB 1 and 2 alone/,
    );
    expect(server.requests.map(({ url }) => url)).toEqual(['/ping']);
  });

  test.each([
    [undefined, 200, { results: [{ error: 'user "w" may not, a-token-nobody-may-see' }] }],
    ['shows', 401, { message: 'unauthorized access: a-token-nobody-may-see' }],
  ])('or it is told what to give, without the token (organization %s)', async (org, status, body) => {
    await using server = await startHttpServer((response, { url }) =>
      answering(response, org === undefined ? '1.8.10' : 'v2.9.1', url === '/ping' ? 200 : status, body),
    );
    const eraser = await eraserOf(server.baseUrl, { org });
    const words = await eraser.probe('live').catch(({ message }: Error) => message);
    expect(words).toMatch(
      /^points cannot be deleted from live at http.*; give influxdb credentials that may write there/,
    );
    expect(words).not.toContain('nobody-may-see');
  });
});
