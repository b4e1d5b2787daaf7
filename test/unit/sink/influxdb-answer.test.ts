import { describe, expect, test } from 'vitest';
import { parseRetryAfter, readAnswer } from '../../../src/sink/influxdb-answer.ts';

const destination = {
  place: 'bucket "live" of organization "shows"',
  credentials: 'a token',
  mask: (words: string) => words,
};
const nowMs = Date.UTC(2026, 0, 1);

function read(httpStatus: number, body: unknown = '', retryAfter?: string) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return readAnswer({ httpStatus, body: text, retryAfter }, destination, nowMs);
}

// Answers as the servers gave them.
const conflict =
  'partial write: field type conflict: input field "f" on measurement "room_stats" is type integer, already exists as type float dropped=2';
const parseError = `unable to parse 'room_stats,room_id=b\\ total=1i 1795317931837': invalid tag format`;
const tooOld2 =
  'failure writing points to database: partial write: dropped 2 points outside retention policy of duration 1h0m0s - oldest point room_stats,room_id=b at 2026-11-20T01:25:31.837Z dropped because it violates a Retention Policy Lower Bound at 2026-11-22T02:25:32.726150424Z, newest point room_stats,room_id=b at 2026-11-21T22:25:31.837Z dropped because it violates a Retention Policy Lower Bound at 2026-11-22T02:25:32.726150424Z dropped=2 for database: 01eb5bde73a31527 for retention policy: autogen';

describe('the answer of InfluxDB', () => {
  test('204 says that every point is stored', () => {
    expect(read(204)).toEqual({ status: 'written' });
  });

  test('a type conflict tells how many points were dropped, with 2.x and with 1.x', () => {
    const message = `failure writing points to database: ${conflict}`;
    expect(read(422, { code: 'unprocessable entity', message })).toEqual({
      status: 'refused',
      reason: message,
      dropped: 2,
    });
    expect(read(400, { error: conflict })).toEqual({ status: 'refused', reason: conflict, dropped: 2 });
  });

  test('a line that does not parse does not tell how many points are bad', () => {
    expect(read(400, { code: 'invalid', message: parseError })).toEqual({
      status: 'refused',
      reason: parseError,
      dropped: undefined,
    });
    expect(read(400, { error: `partial write: ${parseError} dropped=0` })).toMatchObject({
      status: 'refused',
      dropped: undefined,
    });
  });

  test('points beyond the retention are recognised, with 2.x and with 1.x', () => {
    expect(read(422, { code: 'unprocessable entity', message: tooOld2 })).toMatchObject({
      status: 'too_old',
      dropped: 2,
    });
    expect(read(400, { error: 'partial write: points beyond retention policy dropped=7' })).toMatchObject({
      status: 'too_old',
      dropped: 7,
    });
  });

  test('a tag value that looks like an answer is not taken for one', () => {
    const quoted = `unable to parse 'room_stats,room_id=partial write: points beyond retention policy dropped=7 ': invalid tag format`;
    expect(read(400, { message: quoted })).toMatchObject({ status: 'refused', dropped: undefined });
    expect(read(422, { message: tooOld2.replaceAll('room_id=b', 'room_id=dropped=9') })).toMatchObject({ dropped: 2 });
  });

  test('a long answer is shortened', () => {
    const outcome = read(400, { message: Array.from({ length: 50 }, () => parseError).join('\n') });
    expect('reason' in outcome ? outcome.reason.length : 0).toBe(500);
  });

  test('401 and 403 are for the operator to mend', () => {
    expect(read(401, { code: 'unauthorized', message: 'unauthorized access' })).toEqual({
      status: 'denied',
      reason: 'HTTP 401: unauthorized access',
      remedy: 'give a token that may write to bucket "live" of organization "shows"',
    });
    expect(read(403, { code: 'forbidden', message: 'insufficient permissions for write' }).status).toBe('denied');
  });

  test('a bucket, database, organization or retention policy that is missing is named', () => {
    expect(read(404, { code: 'not found', message: 'bucket "live" not found' })).toEqual({
      status: 'missing',
      reason: 'HTTP 404: bucket "live" not found',
      remedy: 'create bucket "live" of organization "shows", or correct its name',
    });
    expect(read(404, { error: 'database not found: "live"' }).status).toBe('missing');
    expect(read(500, { error: 'retention policy not found: week' }).status).toBe('missing');
  });

  test('a server without this API is told from a missing bucket', () => {
    expect(read(404, '404 page not found\n')).toMatchObject({
      status: 'missing',
      remedy: expect.stringContaining('check the URL'),
    });
  });

  test('a request that is too large is told from a bad point', () => {
    expect(read(413, { code: 'request too large', message: 'request body too large' }).status).toBe('too_large');
  });

  test.each([
    [200, '<html>sign in</html>'],
    [302, ''],
    [400, '<html>400 The plain HTTP request was sent to HTTPS port</html>'],
    [408, ''],
    [429, ''],
    [500, { code: 'internal error', message: 'unexpected error writing points to database: timeout' }],
    [502, '<html>bad gateway</html>'],
    [503, ''],
  ])('%i refuses no point: it is tried again', (httpStatus, body) => {
    expect(read(httpStatus, body).status).toBe('unavailable');
  });
});

describe('Retry-After', () => {
  test.each([
    ['7', 7_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['86400', 300_000],
    ['99999999999999999999', 300_000],
    ['Fri, 01 Jan 2027 00:00:00 GMT', 300_000],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s asks for %s ms', (header, delayMs) => {
    expect(parseRetryAfter(header, nowMs)).toBe(delayMs);
  });

  test('is part of the outcome', () => {
    expect(read(429, '', '7')).toEqual({ status: 'unavailable', reason: 'HTTP 429', retryAfterMs: 7_000 });
  });
});
