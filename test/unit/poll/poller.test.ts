import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/model/outcome.ts';
import { answered } from './upstream.ts';
import { startWorld } from './world.ts';

describe('a poll', () => {
  test('tries a transient failure again, at most three times, and ends with the last', async () => {
    const { clock, ended } = startWorld({
      rooms: 2,
      answer: (target, attempt) => {
        if (target.roomId === 'room-0') return attempt < 3 ? { status: 'timeout' } : answered;
        return { status: 'http_error', httpStatus: 503 };
      },
    });
    await clock.advance(10_000 + 14_999);
    expect(ended.find(({ target }) => target === 0)).toMatchObject({ outcome: answered, attempts: 3 });
    expect(ended.find(({ target }) => target === 1)).toMatchObject({
      outcome: { status: 'http_error', httpStatus: 503 },
      attempts: 3,
    });
  });

  test.each<Outcome>([
    { status: 'bad_target', code: 100002, remedy: 'check the room' },
    { status: 'bad_answer', reason: 'not_json' },
    { status: 'unknown_code', code: 1 },
    { status: 'http_error', httpStatus: 404 },
    { status: 'gone', code: 100004 },
  ])('does not try $status again', async (outcome) => {
    const { clock, ended } = startWorld({ rooms: 1, answer: () => outcome });
    await clock.advance(10_000 + 14_999);
    expect(ended).toMatchObject([{ outcome, attempts: 1 }]);
  });

  test('tries once more with a new signature', async () => {
    const { clock, ended } = startWorld({
      rooms: 1,
      answer: (_target, attempt) =>
        attempt === 1 ? { status: 'signature_refused', code: 70001, remedy: 'check the key' } : answered,
    });
    await clock.advance(10_000 + 14_999);
    expect(ended).toMatchObject([{ outcome: answered, attempts: 2 }]);
  });

  test('never lets a poll outlive its interval with retries', async () => {
    const { clock, ended, skipped } = startWorld({
      rooms: 20,
      answer: () => ({ status: 'server_error', code: 60008 }),
      answerMs: () => 7400,
    });
    await clock.advance(10_000 + 60_000);
    expect(Math.max(...ended.map(({ delayMs }) => delayMs))).toBeLessThan(15_000 + 7500);
    for (const { attempts } of ended) expect(attempts).toBeLessThanOrEqual(2);
    expect(skipped.length).toBeGreaterThan(0);
  });
});

const soon = () => new AbortController().signal;

describe('stopping', () => {
  test('calls out nothing more, and lets requests in flight finish', async () => {
    const { clock, polling, ended, upstreams, statuses } = startWorld({ rooms: 1400, answerMs: () => 2000 });
    await clock.advance(10_000 + 5000);
    const requests = upstreams.room_stats.arrivals.length;
    const stopped = polling.stop(soon());
    await clock.advance(2100);
    await stopped;
    expect(upstreams.room_stats.arrivals.length).toBe(requests);
    expect(statuses().filter((status) => status === 'answered').length).toBe(requests);
    // Those called out last that the pace had not let go yet.
    expect(ended.length - requests).toBeLessThanOrEqual(50);
    expect(clock.timers).toBe(0);
  });

  test('gives up requests in flight when the signal aborts, and counts them as cancelled', async () => {
    const { clock, polling, statuses, requests } = startWorld({ rooms: 100, answerMs: () => 3_600_000 });
    await clock.advance(10_000 + 10_000);
    const deadline = new AbortController();
    const stopped = polling.stop(deadline.signal);
    await clock.advance(5000);
    expect(statuses()).toEqual([]);
    deadline.abort();
    await stopped;
    expect(statuses()).toEqual(Array(requests.size).fill('cancelled'));
  });

  test('ends polls that wait for their turn or for a retry', async () => {
    const { clock, polling, ended } = startWorld({ rooms: 50, answer: () => ({ status: 'timeout' }) });
    await clock.advance(10_000 + 10_000);
    const stopped = polling.stop(soon());
    await clock.advance(100);
    await stopped;
    expect(ended.every(({ outcome }) => outcome.status === 'timeout')).toBe(true);
    expect(clock.timers).toBe(0);
  });
});
