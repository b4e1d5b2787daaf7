import * as z from 'zod';
import { startSimulator } from '../../src/simulator/server.ts';
import { systemClock, systemRandom } from '../../src/system-clock.ts';
import { createAlwaysOnWorld } from './always-on-world.ts';
import { account } from './workload.ts';

/** livetally's simulator with the bench's world. Takes its options as JSON, and runs until it is killed. */
const delay = z.object({ minMs: z.number(), maxMs: z.number() });
const { port, rooms, receivers, limits, networkDelay } = z
  .object({
    port: z.number(),
    rooms: z.number(),
    receivers: z.number(),
    limits: z.object({ room_stats: z.number(), gift_count: z.number() }).nullable(),
    networkDelay: delay,
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const { sdkAppId, identifier, secretKey } = account;
const unlimited = { room_stats: Number.POSITIVE_INFINITY, gift_count: Number.POSITIVE_INFINITY };
await startSimulator({
  apps: [{ sdkAppId, identifiers: [identifier], secretKey, limits: limits ?? unlimited }],
  world: createAlwaysOnWorld({ rooms, receivers }),
  clock: systemClock,
  random: systemRandom,
  networkDelay,
  port,
});
