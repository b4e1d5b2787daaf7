import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { askReceiver, askRoom, codeOf, roomsAt, send, start, world } from './raw-client.ts';

async function get(url: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const { status, text } = await send(url, { method: 'GET' });
  return { status, body: JSON.parse(text) };
}

describe('the control paths of the simulator', () => {
  test('set faults while it runs, and tell how many requests each has struck', async () => {
    await using simulator = await start();
    const { live } = roomsAt(simulator.clock.wallMs());
    const fault = { kind: 'code', code: 60011, endpoint: 'room_stats' };
    const { status } = await send(`${simulator.url}/simulator/faults`, { body: JSON.stringify([fault]) });
    expect(status).toBe(200);
    expect(codeOf(await askRoom(simulator.url, live))).toBe(60011);
    expect(await get(`${simulator.url}/simulator/faults`)).toEqual({ status: 200, body: [{ fault, struck: 1 }] });
    await send(`${simulator.url}/simulator/faults`, { body: '[]' });
    expect(codeOf(await askRoom(simulator.url, live))).toBe(0);
  });

  test.each(['', '{"kind":"silence"}', '[{"kind":"explode"}]', '[{"kind":"silence","rome":"a"}]'])(
    'refuse %s as faults, say why, and leave those that are set',
    async (body) => {
      await using simulator = await start({ faults: [{ kind: 'silence', room: 'another' }] });
      const answer = await send(`${simulator.url}/simulator/faults`, { body });
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.text)).toEqual({ problem: expect.stringMatching(/./) });
      const { body: faults } = await get(`${simulator.url}/simulator/faults`);
      expect(faults).toEqual([{ fault: { kind: 'silence', room: 'another' }, struck: 0 }]);
    },
  );

  test('give the same report as in process', async () => {
    await using simulator = await start();
    await askRoom(simulator.url, 'room-0001');
    const { body } = await get(`${simulator.url}/simulator/report`);
    expect(body).toEqual(JSON.parse(JSON.stringify(simulator.report())));
    expect(body).toMatchObject({ apps: [{ sdkAppId: 1400000000, endpoints: { room_stats: { requests: 1 } } }] });
  });

  test('give the watchlist of the world, and the truth about a room', async () => {
    await using simulator = await start();
    const { body: watchlist } = await get(`${simulator.url}/simulator/watchlist`);
    expect(watchlist).toHaveLength(100);
    expect(watchlist).toContainEqual({ room: 'room-0003', receivers: ['user-0003'] });
    const untilMs = simulator.clock.wallMs();
    const fromMs = untilMs - 7 * 86_400_000;
    const url = `${simulator.url}/simulator/truth?room=room-0003&since=${fromMs}&until=${untilMs}`;
    const { body: truth } = await get(url);
    const lives = JSON.parse(JSON.stringify(world.truth('room-0003', fromMs, untilMs)));
    expect(lives.length).toBeGreaterThan(7);
    expect(truth).toEqual({ roomId: 'room-0003', receivers: ['user-0003'], lives });
  });

  test.each([
    ['truth?room=nowhere', 404],
    ['truth?room=room-0001&since=yesterday', 400],
    ['truth?room=room-0001&since=0', 400],
    ['nonsense', 404],
  ])('refuse %s', async (path, status) => {
    await using simulator = await start();
    expect(await get(`${simulator.url}/simulator/${path}`)).toMatchObject({ status, body: { problem: /./ } });
  });
});

describe('the answers file of the simulator', () => {
  test('holds every answer with what was asked, what was answered, and what broke it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'livetally-simulator-'));
    await using cleanUp = new AsyncDisposableStack();
    cleanUp.defer(() => rm(folder, { recursive: true }));
    const answersFile = join(folder, 'answers.jsonl');
    const simulator = await start({ answersFile, faults: [{ kind: 'http', status: 502, endpoint: 'gift_count' }] });
    const { live, receiver, gone } = roomsAt(simulator.clock.wallMs());
    await askRoom(simulator.url, live);
    await simulator.clock.advance(1000);
    await askRoom(simulator.url, gone);
    await askReceiver(simulator.url, live, receiver);
    await send(`${simulator.url}/elsewhere`);
    const wallMs = simulator.clock.wallMs();
    await simulator[Symbol.asyncDispose]();

    const lines = (await readFile(answersFile, 'utf8')).trimEnd().split('\n');
    const roomTotals = world.totals({ endpoint: 'room_stats', roomId: live }, wallMs - 1000);
    const giftTotals = world.totals({ endpoint: 'gift_count', roomId: live, userId: receiver }, wallMs);
    const common = { sdkAppId: 1400000000, requestId: expect.any(String) };
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        ...common,
        wallMs: wallMs - 1000,
        arrivedMs: 0,
        endpoint: 'room_stats',
        roomId: live,
        code: 0,
        totals: roomTotals,
      },
      { ...common, wallMs, arrivedMs: 1000, endpoint: 'room_stats', roomId: gone, code: 100004 },
      {
        ...common,
        wallMs,
        arrivedMs: 1000,
        endpoint: 'gift_count',
        roomId: live,
        userId: receiver,
        code: 0,
        totals: giftTotals,
        fault: 'http',
      },
      { requestId: expect.any(String), wallMs, arrivedMs: 1000, code: 60009 },
    ]);
  });

  test('is written while the simulator runs, a quarter of a second behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'livetally-simulator-'));
    await using cleanUp = new AsyncDisposableStack();
    cleanUp.defer(() => rm(folder, { recursive: true }));
    const answersFile = join(folder, 'answers.jsonl');
    await using simulator = await start({ answersFile });
    await askRoom(simulator.url, 'room-0001');
    expect(await readFile(answersFile, 'utf8')).toBe('');
    let text = '';
    while (text === '') {
      await simulator.clock.advance(250);
      text = await readFile(answersFile, 'utf8');
    }
    expect(JSON.parse(text)).toMatchObject({ roomId: 'room-0001' });
  });

  test('that cannot be written stops the start', async () => {
    await expect(start({ answersFile: join(tmpdir(), 'no such folder', 'answers.jsonl') })).rejects.toThrow(
      /^the answers cannot be written to .*answers\.jsonl$/,
    );
  });
});
