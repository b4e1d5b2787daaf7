import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../src/simulator/fault.ts';
import {
  type Answer,
  advanceUntilSettled,
  askReceiver,
  askRoom,
  codeOf,
  commandUrl,
  roomsAt,
  type Started,
  send,
  start,
} from './raw-client.ts';

async function answerWith(fault: Fault): Promise<Answer> {
  await using simulator = await start({ faults: [fault] });
  return await askRoom(simulator.url, roomsAt(simulator.clock.wallMs()).live);
}

describe('a fault of the simulated service', () => {
  test.each([60007, 60011, 70001, 70050, 99999])('code answers %d in the documented form', async (code) => {
    expect(codeOf(await answerWith({ kind: 'code', code }))).toBe(code);
  });

  test.each([200, 500, 502])('http answers a page of HTML with %d', async (status) => {
    const answer = await answerWith({ kind: 'http', status });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('text/html');
    expect(answer.text).toMatch(/^<html>/);
  });

  test('redirect answers with the other address', async () => {
    const answer = await answerWith({ kind: 'redirect', location: 'https://example.org/elsewhere' });
    expect(answer).toMatchObject({ status: 302, headers: { location: 'https://example.org/elsewhere' } });
  });

  test('truncated answers half of the JSON', async () => {
    const { status, text } = await answerWith({ kind: 'truncated' });
    expect(status).toBe(200);
    expect(text).toMatch(/^\{"ActionStatus":"OK"/);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  test('too_large answers as many bytes as it is told, in valid JSON', async () => {
    const { text } = await answerWith({ kind: 'too_large', bytes: 3_000_000 });
    expect(text.length).toBeGreaterThan(3_000_000);
    expect(JSON.parse(text)).toMatchObject({ ErrorCode: 0, Response: { TotalViewers: expect.any(Number) } });
  });

  test('endless sends for as long as the client takes it', async () => {
    await using simulator = await start({ faults: [{ kind: 'endless' }] });
    const { live } = roomsAt(simulator.clock.wallMs());
    let received = 0;
    const answer = send(commandUrl(simulator.url, 'get_room_stats'), {
      body: JSON.stringify({ RoomId: live }),
      onData: (text) => {
        received = text.length;
      },
    });
    const ended = answer.then(
      () => 'ended',
      () => 'broken off',
    );
    while (received < 1_000_000) await simulator.clock.advance(5);
    await simulator[Symbol.asyncDispose]();
    expect(await ended).toBe('broken off');
  });

  test('drip sends the right answer byte by byte, one in each period', async () => {
    await using simulator = await start({ faults: [{ kind: 'drip', everyMs: 100 }] });
    const { live } = roomsAt(simulator.clock.wallMs());
    const lengths = new Set<number>();
    const answer = send(commandUrl(simulator.url, 'get_room_stats'), {
      body: JSON.stringify({ RoomId: live }),
      onData: (text) => lengths.add(text.length),
    });
    const { text } = await advanceUntilSettled(simulator.clock, 100, answer);
    expect(codeOf({ status: 200, headers: {}, text })).toBe(0);
    expect(lengths.size).toBeGreaterThan(10);
    expect(simulator.clock.monotonicMs()).toBeGreaterThanOrEqual((text.length - 1) * 100);
  });

  test.each([
    ['empty', ''],
    ['null', 'null'],
    ['array', '[]'],
    ['deep', expect.stringMatching(/^\[{100000}\]{100000}$/)],
    ['no_response', expect.not.stringContaining('"Response"')],
    ['null_response', expect.stringContaining('"Response":null')],
    ['no_code', expect.not.stringContaining('"ErrorCode"')],
    ['text_code', expect.stringContaining('"ErrorCode":"0"')],
  ] as const)('wrong_shape answers JSON that is not documented: %s', async (shape, text) => {
    expect(await answerWith({ kind: 'wrong_shape', shape })).toMatchObject({ status: 200, text });
  });

  test.each([
    ['text', expect.stringMatching(/^\d+$/)],
    ['negative', expect.toSatisfy((value) => value < 0)],
    ['fractional', expect.toSatisfy((value) => !Number.isInteger(value))],
    ['unsafe', Number.MAX_SAFE_INTEGER + 1],
    ['null', null],
    ['object', { value: expect.any(Number) }],
  ] as const)('bad_counter spoils every counter, or the one that it names: %s', async (value, expected) => {
    const all = JSON.parse((await answerWith({ kind: 'bad_counter', value })).text);
    expect(all).toMatchObject({ ErrorCode: 0, Response: { TotalViewers: expected, TotalMsgCount: expected } });
    const one = JSON.parse((await answerWith({ kind: 'bad_counter', value, counter: 'TotalMsgCount' })).text);
    expect(one).toMatchObject({ Response: { TotalViewers: expect.any(Number), TotalMsgCount: expected } });
  });

  test('bad_counter can leave a counter out', async () => {
    const { text } = await answerWith({ kind: 'bad_counter', value: 'missing', counter: 'TotalViewers' });
    expect(text).not.toContain('TotalViewers');
    expect(text).toContain('TotalGiftsSent');
  });

  test('reset breaks the connection before the answer, or in its middle', async () => {
    await expect(answerWith({ kind: 'reset', when: 'before' })).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(answerWith({ kind: 'reset', when: 'during' })).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('silence never answers, and leaves the others alone', async () => {
    await using simulator = await start({ faults: [{ kind: 'silence', endpoint: 'room_stats' }] });
    const { live, receiver } = roomsAt(simulator.clock.wallMs());
    let outcome = 'waiting';
    const waiting = askRoom(simulator.url, live).then(
      () => {
        outcome = 'answered';
      },
      () => {
        outcome = 'broken off';
      },
    );
    await untilArrived(simulator);
    await simulator.clock.advance(60_000);
    expect(codeOf(await askReceiver(simulator.url, live, receiver))).toBe(0);
    expect(outcome).toBe('waiting');
    await simulator[Symbol.asyncDispose]();
    await waiting;
    expect(outcome).toBe('broken off');
  });

  test('latency delays the right answer, on top of the ordinary latency', async () => {
    await using simulator = await start({
      faults: [{ kind: 'latency', ms: 3000 }],
      latency: { minMs: 100, maxMs: 100 },
    });
    const { live } = roomsAt(simulator.clock.wallMs());
    const answer = askRoom(simulator.url, live);
    expect(codeOf(await advanceUntilSettled(simulator.clock, 50, answer))).toBe(0);
    expect(simulator.clock.monotonicMs()).toBeGreaterThanOrEqual(3100);
  });

  test('is counted beside the codes, and can be replaced while the service runs', async () => {
    await using simulator = await start({
      faults: [
        { kind: 'http', status: 500, count: 1 },
        { kind: 'code', code: 100001, count: 1 },
      ],
    });
    const { live } = roomsAt(simulator.clock.wallMs());
    for (let index = 0; index < 3; index++) await askRoom(simulator.url, live);
    expect(simulator.report().apps[0]?.endpoints.room_stats).toMatchObject({
      requests: 3,
      byFault: { http: 1, code: 1 },
      byCode: { 0: 1, 100001: 1 },
    });
    simulator.setFaults([{ kind: 'code', code: 60008 }]);
    expect(codeOf(await askRoom(simulator.url, live))).toBe(60008);
    simulator.setFaults([]);
    expect(codeOf(await askRoom(simulator.url, live))).toBe(0);
  });
});

async function untilArrived(simulator: Started): Promise<void> {
  while (simulator.report().apps[0]?.endpoints.room_stats.requests === 0) await setImmediate();
}
