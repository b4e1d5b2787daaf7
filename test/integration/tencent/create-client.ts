import type { ReceiverTarget, RoomTarget } from '../../../src/model/target.ts';
import { createTencentClient, type TencentClient, type TencentClientOptions } from '../../../src/tencent/client.ts';
import { createVirtualClock } from '../../virtual-clock.ts';

export const secretKey = '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e';
export const requestTimeoutMs = 5000;
export const room: RoomTarget = { endpoint: 'room_stats', app: 'main', roomId: 'live-room-1' };
export const receiver: ReceiverTarget = {
  endpoint: 'gift_count',
  app: 'main',
  roomId: 'live-room-1',
  userId: 'anchor-1',
};

/** Never aborted. */
export const noSignal = new AbortController().signal;

/** A client whose clock stands still: nothing times out unless a test says so. */
export function createClient(baseUrl: string, overrides: Partial<TencentClientOptions> = {}): TencentClient {
  return createTencentClient({
    baseUrl,
    sdkAppId: 1_400_000_000,
    identifier: 'administrator',
    secretKey,
    commands: { room_stats: 'get_room_stats', gift_count: 'get_gift_count' },
    requestTimeoutMs,
    signatureLifeMs: 86_400_000,
    maxConnections: 100,
    clock: createVirtualClock({ wallMs: Date.UTC(2026, 0, 1) }),
    random: () => 42,
    ...overrides,
  });
}
