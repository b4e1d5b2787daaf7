import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  account,
  askReceiver,
  askRoom,
  codeOf,
  commandUrl,
  roomsAt,
  send,
  signature,
  start,
  world,
} from './raw-client.ts';

describe('the simulated service', () => {
  test('answers get_room_stats with the six counters of the room, in the documented form', async () => {
    await using simulator = await start();
    const nowMs = simulator.clock.wallMs();
    const { live } = roomsAt(nowMs);
    const [viewers, gifts, coins, senders, likes, messages] =
      world.totals({ endpoint: 'room_stats', roomId: live }, nowMs) ?? [];
    const { status, headers, text } = await askRoom(simulator.url, live);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(text)).toEqual({
      ActionStatus: 'OK',
      ErrorInfo: '',
      ErrorCode: 0,
      RequestId: expect.stringMatching(/^Id-[0-9a-f]+-O-Seq-1$/),
      Response: {
        TotalViewers: viewers,
        TotalGiftsSent: gifts,
        TotalGiftCoins: coins,
        TotalUniqueGiftSenders: senders,
        TotalLikesReceived: likes,
        TotalMsgCount: messages,
      },
    });
  });

  test('answers get_gift_count with the three counters of the receiver, and the Sequence of the documented sample', async () => {
    await using simulator = await start();
    const nowMs = simulator.clock.wallMs();
    const { live, receiver } = roomsAt(nowMs);
    const [count, coins, senders] =
      world.totals({ endpoint: 'gift_count', roomId: live, userId: receiver }, nowMs) ?? [];
    const { text } = await askReceiver(simulator.url, live, receiver);
    expect(JSON.parse(text)).toMatchObject({
      ErrorCode: 0,
      Response: { Sequence: 1, TotalCount: count, TotalCoins: coins, GiftSenderCount: senders },
    });
  });

  test('answers 100004 for a room that is gone, and 70107 for a receiver that nobody is', async () => {
    await using simulator = await start();
    const { live, gone, receiver } = roomsAt(simulator.clock.wallMs());
    expect(codeOf(await askRoom(simulator.url, gone))).toBe(100004);
    expect(codeOf(await askReceiver(simulator.url, gone, receiver))).toBe(100004);
    expect(codeOf(await askReceiver(simulator.url, live, 'nobody'))).toBe(70107);
  });

  test.each([
    ['no sdkappid', { sdkappid: undefined }, 60012],
    ['an sdkappid that is not here', { sdkappid: '1400000001' }, 70020],
    ['parameter names in another case', { sdkappid: undefined, SDKAppID: '1400000000' }, 60012],
    ['no identifier', { identifier: undefined }, 60004],
    ['no usersig', { usersig: undefined }, 60004],
    ['no random', { random: undefined }, 60002],
    ['a random of more than 32 bits', { random: '4294967296' }, 60002],
    ['a random below 0', { random: '-1' }, 60002],
    ['another contenttype', { contenttype: 'xml' }, 60002],
    ['a usersig cut off', { usersig: signature().slice(0, 40) }, 70003],
    [
      'a usersig that is no content of a signature',
      { usersig: deflateSync('{"TLS.ver":"2.0"}').toString('base64') },
      70003,
    ],
    ['a usersig made with another key', { usersig: signature({ secretKey: 'another key' }) }, 70009],
    ['a usersig for another app', { usersig: signature({ sdkAppId: 1400000001 }) }, 70014],
    ['a usersig for another identifier', { usersig: signature({ identifier: 'somebody' }) }, 70013],
    [
      'a user that is no administrator',
      { identifier: 'somebody', usersig: signature({ identifier: 'somebody' }) },
      60010,
    ],
    ['a usersig that expired a second ago', { usersig: signature({ lifeSeconds: -1 }) }, 70001],
  ])('refuses a query with %s', async (_, changes, code) => {
    await using simulator = await start();
    const { live } = roomsAt(simulator.clock.wallMs());
    const url = commandUrl(simulator.url, 'get_room_stats', changes);
    expect(codeOf(await send(url, { body: JSON.stringify({ RoomId: live }) }))).toBe(code);
  });

  test('refuses a signature that it took before, once its life is over', async () => {
    await using simulator = await start();
    const { live } = roomsAt(simulator.clock.wallMs());
    const url = commandUrl(simulator.url, 'get_room_stats', { usersig: signature({ lifeSeconds: 60 }) });
    const body = JSON.stringify({ RoomId: live });
    expect(codeOf(await send(url, { body }))).toBe(0);
    await simulator.clock.advance(61_000);
    expect(codeOf(await send(url, { body }))).toBe(70001);
  });

  test.each([
    ['no body', 'get_room_stats', '', 60003],
    ['a body that is not JSON', 'get_room_stats', '{"RoomId":"a",}', 60003],
    ['a list for a body', 'get_room_stats', '[]', 60003],
    ['no RoomId', 'get_room_stats', '{"roomId":"a"}', 100002],
    ['an empty RoomId', 'get_room_stats', '{"RoomId":""}', 100002],
    ['a RoomId that is a number', 'get_room_stats', '{"RoomId":7}', 100002],
    ['a RoomId of 49 bytes', 'get_room_stats', JSON.stringify({ RoomId: `${'é'.repeat(24)}a` }), 100002],
    ['no From_Account', 'get_gift_count', '{"RoomId":"a"}', 100002],
    ['a From_Account that is a number', 'get_gift_count', '{"RoomId":"a","From_Account":7}', 100002],
  ])('refuses %s', async (_, command, body, code) => {
    await using simulator = await start();
    expect(codeOf(await send(commandUrl(simulator.url, command), { body }))).toBe(code);
  });

  test('takes a RoomId of 48 bytes', async () => {
    await using simulator = await start();
    expect(codeOf(await askRoom(simulator.url, 'é'.repeat(24)))).toBe(100004);
  });

  test('answers POST only, and no command but the two', async () => {
    await using simulator = await start();
    expect(codeOf(await send(commandUrl(simulator.url, 'get_room_stats'), { method: 'GET' }))).toBe(60002);
    for (const command of ['destroy_room', 'get_room_statistic', 'GET_ROOM_STATS', '']) {
      expect(codeOf(await send(commandUrl(simulator.url, command), { body: '{"RoomId":"a"}' }))).toBe(60009);
    }
    expect(codeOf(await send(`${simulator.url}/`, { body: '{}' }))).toBe(60009);
    expect(simulator.report().strays).toEqual({ 60009: 5 });
  });

  test('answers get_room_statistic like get_room_stats when asked to', async () => {
    await using simulator = await start({ roomStatisticAnswers: true });
    const { live } = roomsAt(simulator.clock.wallMs());
    const body = JSON.stringify({ RoomId: live });
    expect(codeOf(await send(commandUrl(simulator.url, 'get_room_statistic'), { body }))).toBe(0);
  });

  test('answers a body that is too large with 413', async () => {
    await using simulator = await start();
    const body = 'x'.repeat(100_000);
    expect((await send(commandUrl(simulator.url, 'get_room_stats'), { body })).status).toBe(413);
  });

  test('keeps apps apart: each with its own key and limits', async () => {
    const second = {
      sdkAppId: 1400000001,
      identifiers: ['root', 'administrator'],
      secretKey: 'second key',
      limits: { room_stats: 1 },
    };
    await using simulator = await start({ apps: [account, second] });
    const { live } = roomsAt(simulator.clock.wallMs());
    const body = JSON.stringify({ RoomId: live });
    const ask = (identifier: string) =>
      send(
        commandUrl(simulator.url, 'get_room_stats', {
          sdkappid: '1400000001',
          identifier,
          usersig: signature({ ...second, identifier }),
        }),
        { body },
      );
    expect(codeOf(await ask('root'))).toBe(0);
    expect(codeOf(await ask('administrator'))).toBe(60007);
    expect(codeOf(await askRoom(simulator.url, live))).toBe(0);
  });

  test('does not start with one SDKAppID twice, or on a port in use', async () => {
    await using simulator = await start();
    await expect(start({ apps: [account, account] })).rejects.toThrow('SDKAppID 1400000000 is simulated twice');
    await expect(start({ port: Number(new URL(simulator.url).port) })).rejects.toThrow('cannot listen on 127.0.0.1');
  });
});
