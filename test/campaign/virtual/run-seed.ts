import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreStatus } from '../../../src/model/store-status.ts';
import { endpoints } from '../../../src/model/target.ts';
import { createVirtualClock, type VirtualClock } from '../../virtual-clock.ts';
import { checkNumbers, type Unshowable } from './check-numbers.ts';
import { checkRounds } from './check-rounds.ts';
import { checkSink } from './check-sink.ts';
import { StoreReader } from './check-store.ts';
import { checkTiers } from './check-tiers.ts';
import { CollectorLife, type Surroundings } from './collector-life.ts';
import { createDraws } from './draws.ts';
import { Findings } from './findings.ts';
import { LivedTime } from './lived-time.ts';
import { Mishaps } from './mishaps.ts';
import { drawScenario, type Scenario } from './scenario.ts';
import { SimulatedSink } from './simulated-sink.ts';
import { TruthLog } from './truth-log.ts';
import { Upstream } from './upstream.ts';
import { createSetup } from './watchlist.ts';

export type SeedReport = {
  readonly seed: number;
  readonly due: number;
  readonly committed: number;
  readonly crashes: number;
  readonly stops: number;
  readonly makings: number;
  /** Requests that came to the server beyond its limit in some second. */
  readonly overLimit: number;
  readonly findings: Findings;
  readonly outcomes: ReadonlyMap<string, number>;
  readonly unshowable: ReadonlyMap<Unshowable, number>;
  /** Changes with anything that the run did: equal seeds have equal ones. */
  readonly fingerprint: string;
};

export type RunOptions = {
  /** Empty, for the stores of this run; in memory, where there is such a file system. */
  readonly folder: string;
  readonly scenario?: Scenario;
  /** What the collector would log, with the server's time in front. */
  readonly log?: (line: string) => void;
};

/** Lives through everything that the seed has in store for a collector, then holds what it left behind against the truth. */
export async function runSeed(seed: number, options: RunOptions): Promise<SeedReport> {
  return await new Run(options.scenario ?? drawScenario(seed), options).live();
}

const minuteMs = 60_000;
const stepMs = 2_000;
/** What may be on its way to the sink in calm weather. */
const fewRows = 100;

class Run {
  readonly #scenario: Scenario;
  readonly #options: RunOptions;
  readonly #clock: VirtualClock;
  readonly #mishaps: Mishaps;
  readonly #log = new TruthLog();
  readonly #findings = new Findings();
  readonly #lived = new LivedTime();
  readonly #reader: StoreReader;
  readonly #surroundings: Surroundings;
  readonly #outcomes = new Map<string, number>();
  #due = 0;
  #crashes = 0;
  #stops = 0;
  #steps = 0;
  #files = 0;
  readonly #committed = { room_stats: 0, gift_count: 0 };

  constructor(scenario: Scenario, options: RunOptions) {
    this.#scenario = scenario;
    this.#options = options;
    const timers = createDraws(scenario.seed, 'timers');
    this.#clock = createVirtualClock({
      wallMs: scenario.startMs,
      lateMs: () => (timers.oneIn(100) ? timers.between(0, 40) : timers.uniform()),
    });
    this.#mishaps = new Mishaps(scenario, this.#clock, (line) => this.#tell(line));
    const upstream = new Upstream(scenario, this.#clock, this.#log);
    this.#reader = new StoreReader(this.#log, this.#findings);
    this.#surroundings = {
      scenario,
      clock: this.#clock,
      upstream,
      sink: new SimulatedSink(scenario, this.#clock),
      setup: createSetup(scenario, upstream),
      log: this.#log,
      findings: this.#findings,
      random: createDraws(scenario.seed, 'collector').below,
      watchlist: createDraws(scenario.seed, 'watchlist'),
      messages: createDraws(scenario.seed, 'messages'),
      tell: (line) => this.#tell(line),
      counted: (name, outcome, by) => {
        if (name === 'livetally_polls_due_total') this.#due += by;
        if (name === 'livetally_polls_total') this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + by);
      },
    };
  }

  async live(): Promise<SeedReport> {
    const { lengthMs } = this.#scenario;
    while (this.#clock.monotonicMs() < lengthMs && this.#findings.isClean) {
      const isLast = await this.#liveOnce(lengthMs);
      if (isLast) break;
    }
    const { upstream, sink, setup } = this.#surroundings;
    upstream.clearUp();
    sink.clearUp();
    const status = await this.#liveInPeace();
    if (status !== undefined) {
      checkSink(sink, this.#log, status, this.#findings);
      checkTiers(this.#path, { log: this.#log, sink, status }, this.#findings);
    }
    checkRounds(this.#path, { setup, lived: this.#lived, log: this.#log }, this.#findings);
    const unshowable = new Map<Unshowable, number>();
    let makings = 0;
    for (const endpoint of endpoints) {
      const numbers = checkNumbers(this.#log.taken(endpoint), this.#findings);
      makings += numbers.makings;
      for (const [kind, count] of numbers.unshowable) unshowable.set(kind, (unshowable.get(kind) ?? 0) + count);
    }
    const overLimit = upstream.excess(setup.limits);
    this.#findings.add('wrong', `${overLimit} requests came beyond the limit`, overLimit);
    const committed = endpoints.reduce((sum, endpoint) => sum + this.#log.taken(endpoint).length, 0);
    return {
      seed: this.#scenario.seed,
      ...{ due: this.#due, committed, crashes: this.#crashes, stops: this.#stops, makings, overLimit, unshowable },
      findings: this.#findings,
      outcomes: this.#outcomes,
      fingerprint: [this.#steps, this.#clock.monotonicMs(), this.#due, committed, sink.fingerprint()].join('-'),
    };
  }

  /** One life amid faults, and what follows on its end. True when the time is over. */
  async #liveOnce(untilMs: number): Promise<boolean> {
    const end = this.#mishaps.drawEnd();
    const life = this.#begin(end.atStep);
    await this.#pass(life, Math.min(untilMs, this.#clock.monotonicMs() + end.afterMs));
    if (life.isAlive && end.kind === 'stop') await this.#stop(life);
    else {
      if (life.isAlive && end.kind === 'stop_cut_short') await this.#beginToStop(life);
      this.#crash(life);
    }
    const downMs = this.#mishaps.drawDownMs();
    this.#tell(`down for ${downMs / 1000} s`);
    const leftMs = Math.max(0, untilMs - this.#clock.monotonicMs());
    await this.#clock.advance(Math.min(downMs, leftMs));
    return downMs >= leftMs;
  }

  /** Calm weather and no mishaps: all that waits is delivered. */
  async #liveInPeace(): Promise<StoreStatus | undefined> {
    const life = this.#begin(Number.POSITIVE_INFINITY);
    for (let minutes = 0; minutes < 60 && life.isAlive; minutes += 10) {
      await this.#clock.advance(10 * minuteMs);
      life.askStatus();
      await this.#clock.advance(1_000);
      life.look(this.#lived);
      if (life.lastStatus?.sinks.every(({ waiting }) => waiting < fewRows)) break;
    }
    await this.#stop(life);
    return life.lastStatus;
  }

  /** Lives until an instant, or until the process dies. */
  async #pass(life: CollectorLife, untilMs: number): Promise<void> {
    while (life.isAlive) {
      const nowMs = this.#clock.monotonicMs();
      if (nowMs >= untilMs) return;
      this.#mishaps.befall(untilMs);
      const nextMs = Math.min(untilMs, this.#mishaps.nextMs, nowMs + stepMs);
      await this.#clock.advance(Math.max(0, nextMs - nowMs));
      life.look(this.#lived);
    }
  }

  #begin(diesAtStep: number): CollectorLife {
    const life = new CollectorLife({ ...this.#surroundings, path: this.#path, diesAtStep });
    this.#lived.began(this.#clock.wallMs());
    this.#tell('started');
    return life;
  }

  async #stop(life: CollectorLife): Promise<void> {
    this.#tell('stopping');
    this.#stops++;
    let isStopped = false;
    const stopping = life.stop().then(() => {
      isStopped = true;
    });
    for (let seconds = 0; seconds < 30 && !isStopped && life.isAlive; seconds++) await this.#clock.advance(1_000);
    if (isStopped) await stopping;
    else this.#findings.add('wrong', 'the collector has not stopped within 30 s');
    this.#settle(life, { isClean: true });
    life.die(() => {});
  }

  async #beginToStop(life: CollectorLife): Promise<void> {
    this.#tell('stopping');
    // It may end well before it is cut short.
    life.stop().catch((cause: unknown) => this.#findings.add('wrong', `the stop has failed: ${cause}`));
    await this.#clock.advance(this.#mishaps.drawPatienceMs());
  }

  #crash(life: CollectorLife): void {
    this.#crashes++;
    this.#tell('killed');
    const before = this.#path;
    this.#files++;
    life.die(() => {
      for (const suffix of ['', '-wal']) {
        if (existsSync(before + suffix)) copyFileSync(before + suffix, this.#path + suffix);
      }
    });
    for (const suffix of ['', '-wal', '-shm', '.lock']) rmSync(before + suffix, { force: true });
    this.#settle(life, { isClean: false });
  }

  /** A life is over: what it was told is on the disk must be there, and what is not there has never been. */
  #settle({ acknowledged, steps }: CollectorLife, { isClean }: { readonly isClean: boolean }): void {
    this.#steps += steps;
    this.#lived.ended(this.#clock.wallMs(), this.#clock.monotonicMs());
    for (const endpoint of endpoints) this.#committed[endpoint] += acknowledged[endpoint];
    Object.assign(this.#committed, this.#reader.compare(this.#path, this.#committed));
    if (!isClean) this.#log.forget(this.#committed);
    for (const endpoint of endpoints) {
      const missing = this.#log.taken(endpoint).length - this.#committed[endpoint];
      this.#findings.add('lost', `${missing} samples of ${endpoint} were not committed before the stop`, missing);
    }
  }

  get #path(): string {
    return join(this.#options.folder, `store-${this.#scenario.seed}-${this.#files}.db`);
  }

  #tell(line: string): void {
    this.#options.log?.(`${new Date(this.#surroundings.upstream.serverMs()).toISOString()} ${line}`);
  }
}
