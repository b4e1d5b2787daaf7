import { randomInt } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { Api } from 'tls-sig-api-v2';
import { expect } from 'vitest';
import type { Clock } from '../../../src/model/clock.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../src/simulator/server.ts';
import { createWorld } from '../../../src/simulator/world.ts';
import { createVirtualClock, type VirtualClock } from '../../virtual-clock.ts';

export const account = { sdkAppId: 1400000000, identifiers: ['administrator'], secretKey: 'a key of this test alone' };

export const world = createWorld({ seed: 1, rooms: 100, receivers: 100, showsPerDay: 6, dipsPerHour: 0 });

/** A room that exists now, with a receiver of it, and one that is gone; both stay so for a while. */
export function roomsAt(nowMs: number): { readonly live: string; readonly receiver: string; readonly gone: string } {
  const isLive = (roomId: string, atMs: number) =>
    world.read({ endpoint: 'room_stats', roomId }, atMs).status === 'exists';
  const soonMs = nowMs + 120_000;
  const live = world.roomIds.find((roomId) => isLive(roomId, nowMs) && isLive(roomId, soonMs));
  const gone = world.roomIds.find((roomId) => !isLive(roomId, nowMs) && !isLive(roomId, soonMs));
  const [receiver] = world.receiversOf(live ?? '');
  if (live === undefined || gone === undefined || receiver === undefined) throw new Error('no such rooms now');
  return { live, receiver, gone };
}

export type Started = AsyncDisposable & Simulator & { readonly clock: VirtualClock };

/** On a clock that stands still; the wall shows the real time, because the official signer looks there. */
export async function start(options: Partial<SimulatorOptions> = {}): Promise<Started> {
  const clock = createVirtualClock({ wallMs: Date.now() });
  const simulator = await startSimulator({ apps: [account], world, clock, random: randomInt, ...options });
  return { ...simulator, clock };
}

export type Answer = { readonly status: number; readonly headers: IncomingMessage['headers']; readonly text: string };

/** Sends one request on a connection of its own; rejects with the system's error when the answer does not come whole. */
export function send(
  url: string,
  { method = 'POST', body = '', onData }: { method?: string; body?: string; onData?: (text: string) => void } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
        onData?.(text);
      });
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

export function signature({
  sdkAppId = account.sdkAppId,
  secretKey = account.secretKey,
  identifier = 'administrator',
  lifeSeconds = 86_400,
} = {}) {
  return new Api(sdkAppId, secretKey).genUserSig(identifier, lifeSeconds);
}

/** A right query, changed: undefined leaves a parameter out. */
export function commandUrl(
  base: string,
  command: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): string {
  const right = {
    sdkappid: String(account.sdkAppId),
    identifier: 'administrator',
    usersig: changes['usersig'] ?? signature(),
    random: String(randomInt(2 ** 32)),
    contenttype: 'json',
    ...changes,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(right)) if (value !== undefined) query.set(name, value);
  return `${base}/v4/live_engine_http_srv/${command}?${query}`;
}

export function askRoom(base: string, roomId: string): Promise<Answer> {
  return send(commandUrl(base, 'get_room_stats'), { body: JSON.stringify({ RoomId: roomId }) });
}

export function askReceiver(base: string, roomId: string, userId: string): Promise<Answer> {
  const body = JSON.stringify({ RoomId: roomId, From_Account: userId });
  return send(commandUrl(base, 'get_gift_count'), { body });
}

/** The ErrorCode of an answer in the documented form of a failure. */
export function codeOf({ status, text }: Answer): unknown {
  expect(status).toBe(200);
  const answer: unknown = JSON.parse(text);
  expect(answer).toMatchObject({ RequestId: expect.stringMatching(/^Id-[0-9a-f]+-O-Seq-\d+$/) });
  if (typeof answer !== 'object' || answer === null || !('ErrorCode' in answer)) return undefined;
  if (answer.ErrorCode !== 0) {
    expect(answer).toEqual({ ...answer, ActionStatus: 'FAIL', ErrorInfo: expect.stringMatching(/./) });
    expect(answer).not.toHaveProperty('Response');
  }
  return answer.ErrorCode;
}

/** Lets real sockets and simulated time move together until the promise is settled. */
export async function advanceUntilSettled<T>(
  clock: Clock & { advance(ms: number): Promise<void> },
  stepMs: number,
  promise: Promise<T>,
): Promise<T> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  while (!isSettled) await clock.advance(stepMs);
  return promise;
}
