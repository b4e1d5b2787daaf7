import type { Outcome } from '../../../src/model/outcome.ts';
import type { Totals } from '../../../src/model/sample.ts';
import type { Endpoint, Target } from '../../../src/model/target.ts';
import type { Life } from '../../../src/simulator/life.ts';
import { createWorld, type World } from '../../../src/simulator/world.ts';
import type { TencentClient, TencentClientOptions } from '../../../src/tencent/client.ts';
import { outcomeOfCode } from '../../../src/tencent/error-codes.ts';
import type { VirtualClock } from '../../virtual-clock.ts';
import { ArrivalLog } from './arrival-log.ts';
import { createDraws, type Draws } from './draws.ts';
import type { MortalProcess } from './mortal-process.ts';
import type { Scenario } from './scenario.ts';
import type { TruthLog } from './truth-log.ts';
import { createWeather, type Weather } from './weather.ts';

const hourMs = 3_600_000;

/** What goes wrong for a while. `slow` and `partial` are answers all the same. */
const troubles = [
  ...['code', 'code', 'http_error', 'timeout', 'network_error', 'bad_answer'],
  ...['slow', 'slow', 'mixed', 'partial', 'false_gone'],
] as const;
type Trouble = (typeof troubles)[number];

/** Every documented code but that of a room that is gone, and some that are not documented. */
const codes = [
  ...[60002, 60003, 60004, 60005, 60006, 60007, 60008, 60009, 60010, 60011, 60012, 60013, 60014, 60015, 60016, 60017],
  ...[60018, 60019, 60020, 60021, 60025, 60026, 60027, 60028, 70001, 70003, 70009, 70013, 70014, 70016, 70020, 70050],
  ...[70051, 70107, 70169, 70250, 70402, 70500, 100001, 100002, 100003, 100005, 100006, 100007, 100012, 100013, 100015],
  ...[1, 99_999],
] as const;

/** Tencent's service as the client shows it: the world's rooms, seen through a network and a service that fail as the seed says. */
export class Upstream {
  readonly arrivals = new ArrivalLog();
  readonly #scenario: Scenario;
  readonly #clock: VirtualClock;
  readonly #log: TruthLog;
  readonly #draws: Draws;
  readonly #world: World;
  readonly #lives = new Map<string, readonly Life[]>();
  readonly #weather: Weather<Trouble>;

  constructor(scenario: Scenario, clock: VirtualClock, log: TruthLog) {
    this.#scenario = scenario;
    this.#clock = clock;
    this.#log = log;
    this.#draws = createDraws(scenario.seed, 'upstream');
    this.#world = createWorld(scenario.world);
    this.#weather = createWeather(this.#draws, scenario.upstream.faults ? troubles : []);
  }

  get roomIds(): readonly string[] {
    return this.#world.roomIds;
  }

  receiversOf(roomId: string): readonly string[] {
    return this.#world.receiversOf(roomId);
  }

  clearUp(): void {
    this.#weather.clearUp();
  }

  /** What the client of a process is to it. */
  createClient({ sdkAppId, requestTimeoutMs }: TencentClientOptions, process: MortalProcess): TencentClient {
    return {
      request: (target, signal, departed) =>
        this.#request(target, signal, departed, { sdkAppId, requestTimeoutMs, process }),
      describeRequest: () => '',
      signatureExpiresAtMs: () => process.clock.wallMs(),
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
  }

  #request(
    target: Target,
    signal: AbortSignal,
    departed: (() => void) | undefined,
    { sdkAppId, requestTimeoutMs, process }: { sdkAppId: number; requestTimeoutMs: number; process: MortalProcess },
  ): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const end = (outcome: Outcome) => {
      cancel();
      signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    const onAbort = () => end({ status: 'cancelled' });
    const depart = () => {
      departed?.();
      // The network delays one request by up to 15 ms more than another.
      const wayMs = this.#draws.between(2, 17);
      this.arrivals.add(`${sdkAppId} ${target.endpoint}`, this.#clock.monotonicMs() + wayMs);
      const { outcome, latencyMs, note } = this.#answer(target, wayMs, requestTimeoutMs);
      cancel = process.clock.after(latencyMs, () => {
        note?.();
        end(outcome);
      });
    };
    let cancel = () => {};
    if (signal.aborted) return Promise.resolve({ status: 'cancelled' });
    signal.addEventListener('abort', onAbort, { once: true });
    if (this.#draws.oneIn(20)) cancel = process.clock.after(this.#draws.logBetween(1, 300), depart);
    else depart();
    return promise;
  }

  #answer(target: Target, wayMs: number, timeoutMs: number): Answer {
    const trouble = this.#weather.at(this.#clock.monotonicMs());
    const latencyMs = 2 * wayMs + this.#draws.between(5, 60);
    if (trouble === undefined) return this.#read(target, wayMs, latencyMs);
    switch (trouble) {
      case 'slow':
        return this.#read(target, wayMs, this.#draws.between(latencyMs, timeoutMs));
      case 'partial':
        return this.#read(target, wayMs, latencyMs, this.#scenario.upstream.missingCounters);
      case 'false_gone':
        if (!this.#scenario.upstream.falseGone) return this.#read(target, wayMs, latencyMs);
        return {
          outcome: outcomeOfCode(100004),
          latencyMs,
          note: () => this.#log.reportedGone(target, this.#isThere(target)),
        };
      default:
        return this.#fail(trouble, latencyMs, timeoutMs);
    }
  }

  #fail(trouble: Exclude<Trouble, 'slow' | 'partial' | 'false_gone'>, latencyMs: number, timeoutMs: number): Answer {
    const draws = this.#draws;
    switch (trouble) {
      case 'code':
        // For as long as an episode lasts it is one code, as a service would have it.
        return { outcome: outcomeOfCode(codes[this.#weather.episode % codes.length] ?? 1), latencyMs };
      case 'mixed':
        return { outcome: outcomeOfCode(draws.pick(codes)), latencyMs };
      case 'http_error':
        return { outcome: { status: 'http_error', httpStatus: draws.pick([302, 404, 429, 500, 502, 503]) }, latencyMs };
      case 'timeout':
        return { outcome: { status: 'timeout' }, latencyMs: timeoutMs };
      case 'network_error':
        return { outcome: { status: 'network_error', reason: 'ECONNRESET' }, latencyMs };
      case 'bad_answer': {
        const reason = draws.pick(['not_json', 'too_large', 'wrong_shape', 'bad_counter']);
        return { outcome: { status: 'bad_answer', reason }, latencyMs };
      }
      default:
        return trouble satisfies never;
    }
  }

  #read(target: Target, wayMs: number, latencyMs: number, isPartial = false): Answer {
    const atMs = this.serverMs() + wayMs;
    const reading = this.#world.read(target, atMs);
    if (reading.status === 'gone') {
      return { outcome: outcomeOfCode(100004), latencyMs, note: () => this.#log.reportedGone(target, false) };
    }
    if (reading.status === 'unknown_user') return { outcome: outcomeOfCode(100002), latencyMs };
    const totals = isPartial ? this.#withHoles(reading.totals) : reading.totals;
    if (totals.every((total) => total === undefined)) {
      return { outcome: { status: 'bad_answer', reason: 'wrong_shape' }, latencyMs };
    }
    const life = this.#lifeAt(target.roomId, atMs);
    const isStale = life.dips.some(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
    const truth = { making: life.createdMs, isStale, answered: totals };
    return { outcome: { status: 'answered', totals }, latencyMs, note: () => this.#log.answered(target, truth) };
  }

  #withHoles(totals: Totals): Totals {
    return totals.map((total) => (this.#draws.oneIn(4) ? undefined : total));
  }

  #isThere(target: Target): boolean {
    return this.#world.read(target, this.serverMs()).status !== 'gone';
  }

  serverMs(): number {
    return this.#scenario.startMs + this.#clock.monotonicMs();
  }

  #lifeAt(roomId: string, atMs: number): Life {
    const { startMs, lengthMs } = this.#scenario;
    const lives = this.#lives.get(roomId) ?? this.#world.truth(roomId, startMs, startMs + lengthMs + 48 * hourMs);
    this.#lives.set(roomId, lives);
    const life = lives.find(({ createdMs, destroyedMs }) => createdMs <= atMs && atMs < destroyedMs);
    if (life === undefined) throw new Error(`the world answers for ${roomId}, of which its truth knows nothing`);
    return life;
  }

  /** Of one SDKAppID and endpoint: more than its limit allows in some second. */
  excess(limits: Readonly<Record<Endpoint, number>>): number {
    return this.arrivals.excess((key) => limits[key.endsWith('room_stats') ? 'room_stats' : 'gift_count']);
  }
}

type Answer = {
  readonly outcome: Outcome;
  readonly latencyMs: number;
  /** What the truth log learns when the answer is there. */
  readonly note?: () => void;
};
