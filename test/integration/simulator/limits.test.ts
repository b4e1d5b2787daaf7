import { describe, expect, test } from 'vitest';
import {
  advanceUntilSettled,
  askReceiver,
  askRoom,
  codeOf,
  commandUrl,
  roomsAt,
  send,
  signature,
  start,
} from './raw-client.ts';

describe('the limits of the simulated service', () => {
  test('hold in any sliding second: the request above them gets 60007, and a second later the next gets through', async () => {
    await using simulator = await start({ apps: [limitedTo(3)] });
    const { live } = roomsAt(simulator.clock.wallMs());
    const codes: unknown[] = [];
    for (const pauseMs of [0, 400, 400, 199, 1, 400]) {
      await simulator.clock.advance(pauseMs);
      codes.push(codeOf(await askRoom(simulator.url, live)));
    }
    expect(codes).toEqual([0, 0, 0, 60007, 0, 0]);
    const { room_stats } = simulator.report().apps[0]?.endpoints ?? {};
    expect(room_stats).toMatchObject({ requests: 6, limited: 1, byCode: { 0: 5, 60007: 1 }, worstSlidingSecond: 4 });
  });

  test('are not exceeded by requests that a busy process reads late and all at once', async () => {
    await using simulator = await start({ apps: [limitedTo(3)] });
    const { live } = roomsAt(simulator.clock.wallMs());
    const together = () => Promise.all([1, 2, 3].map(() => askRoom(simulator.url, live)));
    const late = together();
    simulator.clock.stall(300);
    const codes = [...(await late).map(codeOf)];
    await simulator.clock.advance(750);
    codes.push(...(await together()).map(codeOf));
    expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
    expect(simulator.report().apps[0]?.endpoints.room_stats).toMatchObject({
      limited: 0,
      worstSlidingSecond: 3,
      worstSlidingSecondAsRead: 6,
      longestUnreadMs: 300,
    });
  });

  test('are still enforced on what surely came in one second, however late it is read', async () => {
    await using simulator = await start({ apps: [limitedTo(3)] });
    const { live } = roomsAt(simulator.clock.wallMs());
    const flood = [1, 2, 3, 4, 5].map(() => askRoom(simulator.url, live));
    simulator.clock.stall(300);
    const codes = (await Promise.all(flood)).map(codeOf);
    expect(codes.filter((code) => code === 60007)).toHaveLength(2);
    expect(simulator.report().apps[0]?.endpoints.room_stats.worstSlidingSecond).toBe(5);
  });

  test('count a request when it has arrived, after its delay on the network', async () => {
    const delays = [5, 20];
    await using simulator = await start({ apps: [limitedTo(1)], networkDelay: () => delays.shift() ?? 0 });
    const { live } = roomsAt(simulator.clock.wallMs());
    const first = askRoom(simulator.url, live);
    expect(codeOf(await advanceUntilSettled(simulator.clock, 1, first))).toBe(0);
    const arrivedMs = simulator.report().apps[0]?.endpoints.room_stats.firstArrivalMs;
    expect(arrivedMs).toBeGreaterThanOrEqual(5);
    const second = askRoom(simulator.url, live);
    await advanceUntilSettled(simulator.clock, 1, second);
    const report = simulator.report().apps[0]?.endpoints.room_stats;
    expect((report?.lastArrivalMs ?? 0) - (report?.firstArrivalMs ?? 0)).toBeGreaterThanOrEqual(20);
  });

  test('are not used by requests whose signature is refused, but those are counted as arrivals', async () => {
    await using simulator = await start({ apps: [limitedTo(1)] });
    const { live } = roomsAt(simulator.clock.wallMs());
    const forged = commandUrl(simulator.url, 'get_room_stats', { usersig: signature({ secretKey: 'another' }) });
    expect(codeOf(await send(forged, { body: '{}' }))).toBe(70009);
    expect(codeOf(await askRoom(simulator.url, live))).toBe(0);
    expect(simulator.report().apps[0]?.endpoints.room_stats).toMatchObject({ requests: 2, worstSlidingSecond: 2 });
  });

  test('of the whole app are answered with 60011', async () => {
    await using simulator = await start({ apps: [{ ...limitedTo(5), limits: { app: 1 } }] });
    const { live, receiver } = roomsAt(simulator.clock.wallMs());
    expect(codeOf(await askRoom(simulator.url, live))).toBe(0);
    expect(codeOf(await askReceiver(simulator.url, live, receiver))).toBe(60011);
  });

  test('shrink while another program uses the account', async () => {
    await using simulator = await start({
      apps: [limitedTo(3)],
      faults: [{ kind: 'throttle', perSecond: 2, forMs: 60_000 }],
    });
    const { live } = roomsAt(simulator.clock.wallMs());
    expect(codeOf(await askRoom(simulator.url, live))).toBe(0);
    expect(codeOf(await askRoom(simulator.url, live))).toBe(60007);
    await simulator.clock.advance(60_000);
    expect(codeOf(await askRoom(simulator.url, live))).toBe(0);
    expect(codeOf(await askRoom(simulator.url, live))).toBe(0);
  });
});

function limitedTo(perSecond: number) {
  return {
    sdkAppId: 1400000000,
    identifiers: ['administrator'],
    secretKey: 'a key of this test alone',
    limits: { room_stats: perSecond, gift_count: perSecond },
  };
}
