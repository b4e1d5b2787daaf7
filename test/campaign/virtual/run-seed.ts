import type { Schedule } from '../../../src/model/round.ts';
import type { StoreStatus } from '../../../src/model/store-status.ts';
import { endpoints } from '../../../src/model/target.ts';
import { createVirtualClock, type VirtualClock } from '../../virtual-clock.ts';
import { checkStoreVerified } from './check-verified.ts';
import { CollectorLife, type Surroundings } from './collector-life.ts';
import { Disk } from './disk.ts';
import { createDraws, type Draws } from './draws.ts';
import { Findings } from './findings.ts';
import { type Judgement, judge } from './judge.ts';
import { Mishaps } from './mishaps.ts';
import { type LifeConfig, Operator } from './operator.ts';
import type { RecallContext } from './recall-copy.ts';
import { Records } from './records.ts';
import { drawScenario, type Scenario } from './scenario.ts';
import { SimulatedSink } from './simulated-sink.ts';
import { StoreFiles } from './store-files.ts';
import { Upstream } from './upstream.ts';
import { createSetup } from './watchlist.ts';

export type SeedReport = Judgement & {
  readonly seed: number;
  readonly due: number;
  readonly committed: number;
  readonly crashes: number;
  readonly stops: number;
  readonly findings: Findings;
  readonly outcomes: ReadonlyMap<string, number>;
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
/** What an operator takes to put a copy in the place of the store, at the least. */
const restoreMs = 5 * minuteMs;

class Run {
  readonly #scenario: Scenario;
  readonly #options: RunOptions;
  readonly #clock: VirtualClock;
  readonly #mishaps: Mishaps;
  readonly #operator: Operator;
  readonly #records: Records;
  readonly #looks: Draws;
  readonly #recalls: Draws;
  readonly #findings = new Findings();
  readonly #surroundings: Surroundings;
  readonly #outcomes = new Map<string, number>();
  readonly #schedules: Schedule[] = [];
  #config: LifeConfig | undefined;
  #backupMs: number;
  readonly #counts = { due: 0, crashes: 0, stops: 0 };
  #steps = 0;

  constructor(scenario: Scenario, options: RunOptions) {
    this.#scenario = scenario;
    this.#options = options;
    const timers = createDraws(scenario.seed, 'timers');
    this.#clock = createVirtualClock({
      wallMs: scenario.startMs,
      lateMs: () => (timers.oneIn(100) ? timers.between(0, 40) : timers.uniform()),
      between: 'promises',
    });
    this.#mishaps = new Mishaps(scenario, this.#clock, (line) => this.#tell(line));
    this.#looks = createDraws(scenario.seed, 'looks');
    this.#recalls = createDraws(scenario.seed, 'recalls');
    this.#backupMs = scenario.turns.backup?.atMs ?? Number.POSITIVE_INFINITY;
    this.#records = new Records(new StoreFiles(options.folder, scenario.seed), this.#findings);
    const upstream = new Upstream(scenario, this.#clock, this.#records.log);
    const setup = createSetup(scenario, upstream);
    this.#operator = new Operator(scenario, setup);
    this.#surroundings = {
      ...{ scenario, upstream, setup },
      clock: this.#clock,
      sink: new SimulatedSink(scenario, this.#clock),
      disk: new Disk(scenario, this.#clock),
      log: this.#records.log,
      findings: this.#findings,
      random: createDraws(scenario.seed, 'collector').below,
      messages: createDraws(scenario.seed, 'messages'),
      tell: (line) => this.#tell(line),
      counted: (name, outcome, by) => {
        if (name === 'livetally_polls_due_total') this.#counts.due += by;
        if (name === 'livetally_polls_total') this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + by);
      },
    };
  }

  async live(): Promise<SeedReport> {
    const { lengthMs, turns } = this.#scenario;
    while (this.#clock.monotonicMs() < lengthMs && this.#findings.isClean) {
      const isLast = await this.#liveOnce(lengthMs);
      if (this.#clock.monotonicMs() >= (turns.backup?.restoredMs ?? lengthMs)) await this.#goBackToCopy({ isLast });
      if (isLast) break;
    }
    await this.#goBackToCopy({ isLast: true });
    const { upstream, sink, disk } = this.#surroundings;
    for (const place of [upstream, sink, disk]) place.clearUp();
    let status = await this.#liveInPeace();
    if (status?.sinks.some(({ waiting }) => waiting > 0)) {
      // Of the windows that end right before a stop only a part may be shipped in the time that it has: it stops between two ends.
      await this.#clock.advance(2.5 * minuteMs);
      status = await this.#liveInPeace();
    }
    const judgement = await judge({
      ...{ ...this.#surroundings, status, schedules: this.#schedules, reportingZone: this.#reportingZone },
      ...{ path: this.#records.files.path, lived: this.#records.lived, isWholeAgain: this.#records.isWholeAgain },
    });
    const committed = endpoints.reduce((sum, endpoint) => sum + this.#records.log.taken(endpoint).length, 0);
    return {
      seed: this.#scenario.seed,
      ...{ ...this.#counts, committed, ...judgement },
      findings: this.#findings,
      outcomes: this.#outcomes,
      fingerprint: [this.#steps, this.#clock.monotonicMs(), this.#counts.due, committed, sink.fingerprint()].join('-'),
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
      await this.#crash(life);
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
      life.look(this.#records.lived);
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
      if (nowMs >= this.#backupMs) await this.#backUp();
      this.#mishaps.befall(untilMs);
      const nextMs = Math.min(untilMs, this.#mishaps.nextMs, nowMs + stepMs);
      await this.#clock.advance(Math.max(0, nextMs - nowMs));
      life.look(this.#records.lived);
    }
  }

  #begin(diesAtStep: number): CollectorLife {
    const config = this.#operator.nextLife();
    this.#config = config;
    this.#schedules.push(...config.schedules);
    const life = new CollectorLife({ ...this.#surroundings, config, path: this.#records.files.path, diesAtStep });
    this.#records.lived.began(this.#clock.wallMs(), config.schedules);
    this.#tell('started');
    return life;
  }

  async #stop(life: CollectorLife): Promise<void> {
    this.#tell('stopping');
    let isStopped = false;
    const stopping = life.stop().then(() => {
      isStopped = true;
    });
    const wasTroubled = this.#surroundings.disk.isTroubled;
    for (let seconds = 0; seconds < 30 && !isStopped && life.isAlive; seconds++) await this.#clock.advance(1_000);
    // A disk that refuses may be all that keeps it: then it is killed, as a collector ends itself after 13 s.
    if (!isStopped && (wasTroubled || this.#surroundings.disk.isTroubled)) return await this.#crash(life);
    this.#counts.stops++;
    if (isStopped) await stopping;
    else this.#findings.add('wrong', 'the collector has not stopped within 30 s');
    this.#steps += life.steps;
    this.#records.lifeEnded(life, this.#clock, { isClean: true });
    life.die(() => {});
  }

  async #beginToStop(life: CollectorLife): Promise<void> {
    this.#tell('stopping');
    // It may end well before it is cut short.
    life.stop().catch((cause: unknown) => this.#findings.add('wrong', `the stop has failed: ${cause}`));
    await this.#clock.advance(this.#mishaps.drawPatienceMs());
  }

  async #crash(life: CollectorLife): Promise<void> {
    this.#counts.crashes++;
    this.#tell('killed');
    this.#records.files.crash((leave) => life.die(leave));
    this.#steps += life.steps;
    this.#records.lifeEnded(life, this.#clock, { isClean: false });
    const { looksOneIn } = this.#scenario.turns;
    if (looksOneIn > 0 && this.#looks.oneIn(looksOneIn)) await this.#verify('after a crash');
  }

  async #verify(when: string): Promise<void> {
    const { setup, findings, clock } = this.#surroundings;
    const context = { setup, findings, reportingZone: this.#reportingZone };
    await checkStoreVerified(this.#records.files.path, when, { ...context, wallMs: clock.wallMs() });
  }

  get #reportingZone(): string {
    return this.#config?.reportingZone ?? this.#scenario.timezone;
  }

  async #backUp(): Promise<void> {
    if (await this.#records.backUp()) this.#backupMs = Number.POSITIVE_INFINITY;
  }

  /** Where there is one: once, or once more with recall where somebody thinks of it later. */
  async #goBackToCopy({ isLast }: { readonly isLast: boolean }): Promise<void> {
    if (!this.#records.hasCopy) return;
    this.#tell('the collector goes on from the copy');
    this.#backupMs = Number.POSITIVE_INFINITY;
    // What was on its way to the sink when the last life ended has arrived by then.
    await this.#clock.advance(restoreMs);
    await this.#records.goBackToCopy(this.#surroundings.sink, this.#recall(isLast));
    await this.#verify('of the copy');
  }

  #recall(isLast: boolean): RecallContext | 'later' | undefined {
    const { recalls } = this.#scenario.turns;
    if (recalls === 'never') return undefined;
    // With a clock that was set back the next life would have the same instants for others.
    const isTooEarly = this.#clock.wallMs() <= this.#records.lastDueMs;
    if (recalls === 'later' && !isLast && !isTooEarly && !this.#records.isToGoBackAgain) return 'later';
    return { ...this.#surroundings, reportingZone: this.#reportingZone, draws: this.#recalls };
  }

  #tell(line: string): void {
    this.#options.log?.(`${new Date(this.#surroundings.upstream.serverMs()).toISOString()} ${line}`);
  }
}
