import { counted } from '../model/figures.ts';
import { type Fault, parseFault } from '../simulator/fault.ts';
import { type Simulator, startSimulator } from '../simulator/server.ts';
import type { EndpointReport } from '../simulator/traffic.ts';
import { createWorld } from '../simulator/world.ts';
import { type Command, parseOptions, UsageError } from './command.ts';
import { readDurations, readLimits, readListen, readPositiveNumber, readWholeNumber } from './option-values.ts';

const usage = `Usage: livetally simulate [options]

Serves a simulated Tencent Live: both endpoints, checked signatures, the documented limits, and rooms with a life of their own.

  --listen HOST:PORT      127.0.0.1:9478; port 0 takes a free one
  --rooms N               200, named room-0001 and on
  --receivers M           300, named user-0001 and on, dealt to the rooms in turn
  --seed S                1; the same seed makes the same world
  --pace P                1; at 60 an hour of the world takes a minute
  --shows-per-day N       1; shows of each room in a day of the world, of 0.7 to 5 hours each
  --sdk-app-id ID         1400000000
  --identifier NAME       administrator
  --secret-key KEY        simulated-secret-key
  --limits rooms=N,gifts=M  rooms=100,gifts=200, the documented ones; or --no-limits
  --latency MIN..MAX      time to answer, such as 50ms or 20ms..80ms; none
  --network-delay MIN..MAX  time until a request counts as arrived; none
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
      'shows-per-day': { type: 'string', default: '1' },
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
    const { latency, 'network-delay': networkDelay, limits, 'no-limits': isUnlimited } = options;
    if (limits !== undefined && isUnlimited) throw new UsageError('--limits and --no-limits exclude each other.');
    await using simulator = await startSimulator({
      ...readListen('--listen', options.listen),
      clock: context.clock,
      random: context.random,
      world: createWorld({
        seed: readWholeNumber('--seed', options.seed, { minimum: 0, maximum: 2 ** 32 - 1 }),
        rooms: readWholeNumber('--rooms', options.rooms, { minimum: 1, maximum: mostInWorld }),
        receivers: readWholeNumber('--receivers', options.receivers, { minimum: 0, maximum: mostInWorld }),
        pace: readPositiveNumber('--pace', options.pace, 3600),
        showsPerDay: readPositiveNumber('--shows-per-day', options['shows-per-day'], 24),
      }),
      apps: [
        {
          sdkAppId: readWholeNumber('--sdk-app-id', options['sdk-app-id'], { minimum: 1, maximum: 2 ** 32 - 1 }),
          identifiers: [options.identifier],
          secretKey: options['secret-key'],
          limits: isUnlimited ? unlimited : limits === undefined ? {} : readLimits('--limits', limits),
        },
      ],
      faults: options.fault.map(readFault),
      ...(latency !== undefined && { latency: readDurations('--latency', latency) }),
      ...(networkDelay !== undefined && { networkDelay: readDurations('--network-delay', networkDelay) }),
      ...(options.answers !== undefined && { answersFile: options.answers }),
    });
    context.stdout.write(`simulator listening on ${simulator.url}\n`);
    await new Promise((resolve) => context.stop.addEventListener('abort', resolve, { once: true }));
    for (const line of summary(simulator)) context.stdout.write(`${line}\n`);
    return 0;
  },
};

/** More than three times the largest watchlist; a world of so many takes some 270 MB. */
const mostInWorld = 300_000;

const unlimited = { room_stats: Number.POSITIVE_INFINITY, gift_count: Number.POSITIVE_INFINITY };

function summary(simulator: Simulator): readonly string[] {
  return simulator
    .report()
    .apps.flatMap(({ sdkAppId, endpoints }) =>
      Object.entries(endpoints).map(([endpoint, traffic]) => `${sdkAppId} ${endpoint}: ${describeTraffic(traffic)}`),
    );
}

function describeTraffic(traffic: EndpointReport): string {
  const { requests, limited, worstSlidingSecond, worstSlidingSecondAsRead, longestUnreadMs, limit, perSecond } =
    traffic;
  const wasLate = worstSlidingSecondAsRead > worstSlidingSecond;
  const asRead = wasLate ? ` (${worstSlidingSecondAsRead} as read, up to ${Math.round(longestUnreadMs)} ms late)` : '';
  const ofLimit = limit === Number.POSITIVE_INFINITY ? '' : ` of ${limit}`;
  return (
    `${counted(requests, 'request')}, ${perSecond.toFixed(1)}/s, ` +
    `worst sliding second ${worstSlidingSecond}${ofLimit}${asRead}, ${limited} refused by the limit`
  );
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
