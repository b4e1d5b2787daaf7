import type { Clock } from '../model/clock.ts';
import type { Random } from '../model/random.ts';
import type { Totals } from '../model/sample.ts';
import type { Endpoint } from '../model/target.ts';
import { ActiveFaults, type Strike } from './active-faults.ts';
import { failure, renderAnswer } from './answer.ts';
import { breakAnswer, type Delivery, deliverJson } from './broken-answer.ts';
import type { BreakingFault, Fault } from './fault.ts';
import { type Query, type RequestBody, readBody, readCommand, readQuery, type ServiceRequest } from './request.ts';
import { type AppReport, AppTraffic, count, documentedLimits, type Limits } from './traffic.ts';
import { createUserSigCheck, type UserSigCheck } from './user-sig-check.ts';
import type { World } from './world.ts';

export type SimulatedApp = {
  readonly sdkAppId: number;
  /** The administrators. */
  readonly identifiers: readonly string[];
  readonly secretKey: string;
  /** The documented ones by default. */
  readonly limits?: Partial<Limits>;
};

export type ServiceOptions = {
  readonly apps: readonly SimulatedApp[];
  readonly world: World;
  readonly clock: Clock;
  readonly random: Random;
  readonly faults?: readonly Fault[];
  /** Refused requests use the limit too; by default only those that were let through do. */
  readonly refusedCount?: boolean;
  /** Answers `get_room_statistic` like `get_room_stats`, as Tencent's own manager asks for it; 60009 by default. */
  readonly roomStatisticAnswers?: boolean;
  /** Called with every answer as it is decided; the truth that tests compare with. */
  readonly onAnswer?: (answer: GivenAnswer) => void;
};

/** What one request was answered with. What could not be read from the request is undefined. */
export type GivenAnswer = {
  /** When the request arrived: epoch milliseconds, and milliseconds of the simulator's monotonic clock. */
  readonly wallMs: number;
  readonly arrivedMs: number;
  readonly sdkAppId: number | undefined;
  readonly endpoint: Endpoint | undefined;
  readonly roomId: string | undefined;
  readonly userId: string | undefined;
  readonly requestId: string;
  /** ErrorCode and totals as they are meant; where a fault broke the answer, the client may have seen neither. */
  readonly code: number;
  readonly totals: Totals | undefined;
  /** The kind of fault that broke the answer. */
  readonly fault: BreakingFault['kind'] | undefined;
};

export type SimulatorReport = {
  readonly apps: readonly AppReport[];
  /** Answers to requests that named no known app and command, by code. */
  readonly strays: Readonly<Record<string, number>>;
};

/** Milliseconds of the monotonic clock: the request has arrived at one, and had not at the other. */
export type Arrival = { readonly atMs: number; readonly notBeforeMs: number };

export type Service = {
  /** `delayMs` is what faults add to the time that an answer takes. */
  handle(request: ServiceRequest, arrival: Arrival): { readonly delivery: Delivery; readonly delayMs: number };
  readonly faults: ActiveFaults;
  report(): SimulatorReport;
};

/**
 * The service without its HTTP. A request is counted first, then checked in this order: signature, limits, body, room; so a
 * request with a bad body uses the limit, and one with a bad signature does not. Faults strike what the limits let through.
 */
export function createService(options: ServiceOptions): Service {
  const { clock, random, onAnswer } = options;
  const apps = createApps(options);
  const commands = new Map<string, Endpoint>([
    ['get_room_stats', 'room_stats'],
    ['get_gift_count', 'gift_count'],
  ]);
  if (options.roomStatisticAnswers) commands.set('get_room_statistic', 'room_stats');
  const faults = new ActiveFaults(random);
  faults.set(options.faults ?? [], clock.monotonicMs());
  const strays = new Map<string, number>();
  const requestIdPrefix = `Id-${random(2 ** 32).toString(16)}-O-Seq-`;
  let handled = 0;

  return {
    faults,
    report: () => ({
      apps: [...apps.values()].map(({ traffic, sdkAppId }) => traffic.report(sdkAppId)),
      strays: Object.fromEntries(strays),
    }),
    handle(request, { atMs: arrivedMs, notBeforeMs }) {
      const wallMs = clock.wallMs();
      const requestId = requestIdPrefix + ++handled;
      const endpoint = commands.get(readCommand(request.url) ?? '');
      const query = readQuery(request.url);
      const app = apps.get(query.sdkAppId ?? '');
      const known = { requestId, wallMs, arrivedMs, endpoint, sdkAppId: app?.sdkAppId };
      if (endpoint === undefined || app === undefined) {
        const code = endpoint === undefined ? 60009 : query.sdkAppId === null ? 60012 : 70020;
        count(strays, String(code));
        onAnswer?.({ ...known, code, roomId: undefined, userId: undefined, totals: undefined, fault: undefined });
        return { delivery: deliverJson(renderAnswer(failure(requestId, code))), delayMs: 0 };
      }
      app.traffic.arrive(endpoint, arrivedMs, notBeforeMs);
      const refusal =
        checkSender(app, request, query, wallMs) ||
        app.traffic.admit(endpoint, arrivedMs, faults.eaten(app.sdkAppId, endpoint, arrivedMs), notBeforeMs);
      const body = readBody(endpoint, request.body);
      const { roomId, userId } = typeof body === 'number' ? unread : body;
      const answer = refusal === 0 ? look(options.world, body, wallMs) : refuse(refusal);
      const { delayMs, breaking } =
        refusal === 0 ? faults.strike({ sdkAppId: app.sdkAppId, endpoint, roomId }, arrivedMs) : noStrike;
      const meant = breaking?.kind === 'code' ? refuse(breaking.code) : answer;
      app.traffic.answer(endpoint, meant.code, breaking?.kind);
      onAnswer?.({ ...known, ...meant, roomId, userId, fault: breaking?.kind });
      const right = { requestId, endpoint, ...meant };
      return { delivery: breaking ? breakAnswer(breaking, right) : deliverJson(renderAnswer(right)), delayMs };
    },
  };
}

type App = {
  readonly sdkAppId: number;
  readonly identifiers: ReadonlySet<string>;
  readonly checkUserSig: UserSigCheck;
  readonly traffic: AppTraffic;
};

type Found = { readonly code: number; readonly totals: Totals | undefined };

const unread = { roomId: undefined, userId: undefined };
const noStrike: Strike = { delayMs: 0, breaking: undefined };

/** By the SDKAppID as a query carries it. */
function createApps({ apps, refusedCount = false }: ServiceOptions): ReadonlyMap<string, App> {
  const byId = new Map<string, App>();
  for (const { sdkAppId, identifiers, secretKey, limits } of apps) {
    if (byId.has(String(sdkAppId)))
      throw new Error(`SDKAppID ${sdkAppId} is simulated twice; give one app both identifiers`);
    byId.set(String(sdkAppId), {
      sdkAppId,
      identifiers: new Set(identifiers),
      checkUserSig: createUserSigCheck(sdkAppId, secretKey),
      traffic: new AppTraffic({ ...documentedLimits, ...limits }, refusedCount),
    });
  }
  return byId;
}

/** 0, or the code of the refusal. */
function checkSender(app: App, request: ServiceRequest, query: Query, nowMs: number): number {
  if (request.method !== 'POST' || !query.isComplete) return 60002;
  if (query.identifier === null || query.userSig === null) return 60004;
  const verdict = app.checkUserSig(query.identifier, query.userSig, nowMs);
  if (verdict !== 0) return verdict;
  return app.identifiers.has(query.identifier) ? 0 : 60010;
}

function look(world: World, body: RequestBody | number, nowMs: number): Found {
  if (typeof body === 'number') return refuse(body);
  const { roomId, userId } = body;
  const reading = world.read(
    userId === undefined ? { endpoint: 'room_stats', roomId } : { endpoint: 'gift_count', roomId, userId },
    nowMs,
  );
  switch (reading.status) {
    case 'exists':
      return { code: 0, totals: reading.totals };
    case 'gone':
      return refuse(100004);
    case 'unknown_user':
      return refuse(70107);
    default:
      return reading satisfies never;
  }
}

function refuse(code: number): Found {
  return { code, totals: undefined };
}
