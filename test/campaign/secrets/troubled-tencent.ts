import { createServer, request } from 'node:http';
import { pipeline } from 'node:stream';
import * as z from 'zod';
import { startSimulator } from '../../../src/simulator/server.ts';
import { systemClock, systemRandom } from '../../../src/system-clock.ts';
import { createAlwaysOnWorld } from '../../bench/always-on-world.ts';
import { listen } from '../../integration/tencent/servers.ts';
import { startOddServers } from '../upstream/odd-servers.ts';
import { type Trouble, troubles } from '../upstream/troubles.ts';
import type { Planted } from './find-secrets.ts';

/** The app that nothing is wrong with. */
export const calmApp = 'calm';
export const rooms = 5;

/** Nothing has to pass again here. */
const longestRunMs = 3_600_000;

export type SecretApp = { readonly name: string; readonly sdkAppId: number; readonly baseUrl: string };

export type TroubledTencent = AsyncDisposable & {
  readonly apps: readonly SecretApp[];
  readonly troubles: readonly Trouble[];
  /** From now on each app has its trouble. */
  begin(): void;
  /** Apps whose trouble has met no request yet. */
  unmet(): Promise<readonly string[]>;
  /** All that have been received. */
  signatures(): readonly Planted[];
};

const struckFaults = z.array(z.object({ fault: z.object({ sdkAppId: z.int(), kind: z.string() }), struck: z.int() }));

/** Troubles that the upstream can have: each, one of each outcome, or none. */
export type HowMany = 'all' | 'few' | 'none';

/** Tencent with an app for each of these troubles, and one without. */
export async function startTroubledTencent(secretKey: string, howMany: HowMany): Promise<TroubledTencent> {
  await using started = new AsyncDisposableStack();
  const signatures = new Set<string>();
  const hear = (sent: string) => {
    const [, signature] = /[?&]usersig=([^&\s]+)/.exec(sent) ?? [];
    if (signature !== undefined) signatures.add(signature);
  };
  const odd = started.use(await startOddServers((sent) => hear(sent.toString('latin1'))));
  const all = choose([...troubles, ...odd.troubles], howMany);
  const names = [calmApp, ...all.map(({ app }) => app)];
  const sdkAppIdOf = (app: string) => 1_400_000_000 + names.indexOf(app);
  const simulator = started.use(
    await startSimulator({
      world: createAlwaysOnWorld({ rooms, receivers: rooms }),
      clock: systemClock,
      random: systemRandom,
      apps: names.map((app) => ({ sdkAppId: sdkAppIdOf(app), identifiers: ['administrator'], secretKey })),
    }),
  );
  const echo = started.use(await startEcho(simulator.url, hear));
  const held = started.move();
  return {
    apps: names.map((name) => ({
      name,
      sdkAppId: sdkAppIdOf(name),
      baseUrl: odd.troubles.find(({ app }) => app === name)?.baseUrl ?? echo.baseUrl,
    })),
    troubles: all,
    begin: () =>
      simulator.setFaults(
        all.flatMap(({ app, fault }) =>
          fault === undefined ? [] : [{ ...fault, sdkAppId: sdkAppIdOf(app), forMs: longestRunMs }],
        ),
      ),
    unmet: async () => {
      const faults = struckFaults.parse(await (await fetch(`${simulator.url}/simulator/faults`)).json());
      const limited = new Set(
        simulator
          .report()
          .apps.flatMap(({ sdkAppId, endpoints }) => (endpoints.room_stats.limited > 0 ? sdkAppId : [])),
      );
      return faults
        .filter(({ fault, struck }) => (fault.kind === 'throttle' ? !limited.has(fault.sdkAppId) : struck === 0))
        .map(({ fault }) => names[fault.sdkAppId - sdkAppIdOf(calmApp)] ?? String(fault.sdkAppId));
    },
    signatures: () => [...signatures].map((value) => ({ name: 'signature', value })),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function choose(every: readonly Trouble[], howMany: HowMany): readonly Trouble[] {
  switch (howMany) {
    case 'all':
      return every;
    case 'few':
      return [...new Map(every.map((trouble) => [trouble.outcome, trouble])).values()];
    case 'none':
      return [];
    default:
      return howMany satisfies never;
  }
}

/** Passes requests on as they come, hears what they ask for, and quotes it in a header of the answer. */
async function startEcho(url: string, hear: (path: string) => void) {
  const { hostname, port } = new URL(url);
  return await listen(
    createServer((incoming, outgoing) => {
      const { url: path = '', method, headers } = incoming;
      hear(path);
      const passedOn = request({ hostname, port, path, method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, { ...answer.headers, 'x-echo': path });
        pipeline(answer, outgoing, () => {});
      });
      passedOn.on('error', () => incoming.socket.resetAndDestroy());
      outgoing.once('close', () => passedOn.destroy());
      incoming.pipe(passedOn);
    }),
  );
}
