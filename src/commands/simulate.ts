import { type Fault, parseFault } from '../simulator/fault.ts';
import { type Simulator, startSimulator } from '../simulator/server.ts';
import { createWorld } from '../simulator/world.ts';
import { type Command, parseDuration, parseOptions, UsageError } from './command.ts';

const usage = `Usage: livetally simulate [options]

Serves a simulated Tencent Live: both endpoints, checked signatures, the documented limits, and rooms with a life of their own.

  --listen HOST:PORT      127.0.0.1:9478; port 0 takes a free one
  --rooms N               200, named room-0001 and on
  --receivers M           300, named user-0001 and on, dealt to the rooms in turn
  --seed S                1; the same seed makes the same world
  --pace P                1; at 60 an hour of the world takes a minute
  --sdk-app-id ID         1400000000
  --identifier NAME       administrator
  --secret-key KEY        simulated-secret-key
  --limits rooms=N,gifts=M | --no-limits
  --latency MIN..MAX      time to answer, such as 20ms..80ms
  --network-delay MIN..MAX  time until a request counts as arrived
  --fault FAULT           may be repeated: code=60007,share=0.1  latency=3s  http=502  silence,room=room-0001  ...
  --answers FILE          writes every answer given as a line of JSON

POST /simulator/faults sets faults while it runs; GET /simulator/report tells the requests, codes and the worst sliding second.
`;

export const simulate: Command = {
  usage,
  async run(context) {
    const options = parseOptions(context, {
      listen: { type: 'string', default: '127.0.0.1:9478' },
      rooms: { type: 'string', default: '200' },
      receivers: { type: 'string', default: '300' },
      seed: { type: 'string', default: '1' },
      pace: { type: 'string', default: '1' },
      'sdk-app-id': { type: 'string', default: '1400000000' },
      identifier: { type: 'string', default: 'administrator' },
      'secret-key': { type: 'string', default: 'simulated-secret-key' },
      limits: { type: 'string' },
      'no-limits': { type: 'boolean', default: false },
      latency: { type: 'string' },
      'network-delay': { type: 'string' },
      fault: { type: 'string', multiple: true, default: [] },
      answers: { type: 'string' },
    });
    const { host, port } = readListen(options.listen);
    const latency = readRange('--latency', options.latency);
    const networkDelay = readRange('--network-delay', options['network-delay']);
    await using simulator = await startSimulator({
      host,
      port,
      clock: context.clock,
      random: context.random,
      world: createWorld({
        seed: readNumber('--seed', options.seed),
        rooms: readNumber('--rooms', options.rooms),
        receivers: readNumber('--receivers', options.receivers),
        pace: readNumber('--pace', options.pace),
      }),
      apps: [
        {
          sdkAppId: readNumber('--sdk-app-id', options['sdk-app-id']),
          identifiers: [options.identifier],
          secretKey: options['secret-key'],
          limits: options['no-limits'] ? unlimited : readLimits(options.limits),
        },
      ],
      faults: options.fault.map(readFault),
      ...(latency && { latency }),
      ...(networkDelay && { networkDelay }),
      ...(options.answers !== undefined && { answersFile: options.answers }),
    });
    context.stdout.write(`simulator listening on ${simulator.url}\n`);
    await new Promise((resolve) => context.stop.addEventListener('abort', resolve, { once: true }));
    for (const line of summary(simulator)) context.stdout.write(`${line}\n`);
    return 0;
  },
};

const unlimited = { room_stats: Number.POSITIVE_INFINITY, gift_count: Number.POSITIVE_INFINITY };

function summary(simulator: Simulator): readonly string[] {
  return simulator
    .report()
    .apps.flatMap(({ sdkAppId, endpoints }) =>
      Object.entries(endpoints).map(
        ([endpoint, { requests, limited, worstSlidingSecond, limit, perSecond }]) =>
          `${sdkAppId} ${endpoint}: ${requests} requests, ${perSecond.toFixed(1)}/s, ` +
          `worst sliding second ${worstSlidingSecond} of ${limit}, ${limited} refused by the limit`,
      ),
    );
}

function readListen(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) throw new UsageError(`--listen ${text}: give HOST:PORT, such as 127.0.0.1:9478.`);
  return { host, port: Number(match?.[3]) };
}

function readNumber(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new UsageError(`${option} ${text}: give a number.`);
  return value;
}

function readRange(
  option: string,
  text: string | undefined,
): { readonly minMs: number; readonly maxMs: number } | undefined {
  if (text === undefined) return undefined;
  const [from = '', to = from] = text.split('..');
  const range = { minMs: parseDuration(option, from), maxMs: parseDuration(option, to) };
  if (range.minMs > range.maxMs) throw new UsageError(`${option} ${text}: the first must not be above the second.`);
  return range;
}

function readLimits(text: string | undefined): { readonly room_stats?: number; readonly gift_count?: number } {
  if (text === undefined) return {};
  const found = new Map(
    text.split(',').map((part) => [part.split('=')[0], readNumber('--limits', part.split('=')[1] ?? '')]),
  );
  const rooms = found.get('rooms');
  const gifts = found.get('gifts');
  if (found.size !== Number(rooms !== undefined) + Number(gifts !== undefined)) {
    throw new UsageError(`--limits ${text}: give rooms=N,gifts=M.`);
  }
  return { ...(rooms !== undefined && { room_stats: rooms }), ...(gifts !== undefined && { gift_count: gifts }) };
}

function readFault(text: string): Fault {
  const parsed = parseFault(text);
  switch (parsed.status) {
    case 'parsed':
      return parsed.fault;
    case 'invalid':
      throw new UsageError(parsed.problem);
    default:
      return parsed satisfies never;
  }
}
