import { join } from 'node:path';
import * as z from 'zod';
import { type ServerProcess, spawnServer } from '../real/servers/spawn-server.ts';
import type { Workload } from './workload.ts';

export type BenchSimulator = {
  readonly server: ServerProcess;
  /** What has arrived so far, by endpoint. */
  report(): Promise<Traffic>;
  /** From now on this share of the requests is answered with a passing failure, after which livetally tries again. */
  failShare(share: number): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type SimulatorSettings = Pick<Workload, 'rooms' | 'receivers'> & {
  /** null lets everything through: what is compared by CPU must not differ in how much was refused. */
  readonly limits: { readonly room_stats: number; readonly gift_count: number } | null;
  readonly networkDelay: { readonly minMs: number; readonly maxMs: number };
};

const lane = z.object({
  requests: z.number(),
  limited: z.number(),
  byCode: z.record(z.string(), z.number()),
  worstSlidingSecond: z.number(),
  lastArrivalMs: z.number().optional(),
});
const report = z.object({
  apps: z.tuple([z.object({ endpoints: z.object({ room_stats: lane, gift_count: lane }) })]),
});
export type EndpointTraffic = z.infer<typeof lane>;
export type Traffic = { readonly room_stats: EndpointTraffic; readonly gift_count: EndpointTraffic };

/** As far as a server on the same continent, and as uneven. */
export const networkDelay = { minMs: 5, maxMs: 20 } as const;

/** Each collector gets a simulator of its own, so that its requests are counted apart from the others'. */
export async function startBenchSimulator(settings: SimulatorSettings): Promise<BenchSimulator> {
  const server = await spawnServer({
    name: 'simulator',
    binary: process.execPath,
    argumentsAt: ({ port }) => [
      join(import.meta.dirname, 'simulator-process.ts'),
      JSON.stringify({ ...settings, port }),
    ],
    healthPath: '/simulator/report',
  });
  return {
    server,
    async report() {
      const answer = await fetch(`${server.url}/simulator/report`);
      return report.parse(await answer.json()).apps[0].endpoints;
    },
    async failShare(share) {
      const faults = JSON.stringify([{ kind: 'code', code: 60008, share }]);
      const answer = await fetch(`${server.url}/simulator/faults`, { method: 'POST', body: faults });
      if (!answer.ok) throw new Error(`the simulator refused the faults: ${await answer.text()}`);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Polls answered with counters. */
export function answeredPolls({ room_stats, gift_count }: Traffic): number {
  return (room_stats.byCode['0'] ?? 0) + (gift_count.byCode['0'] ?? 0);
}
