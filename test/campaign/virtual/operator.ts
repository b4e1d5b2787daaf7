import type { WatchedTarget } from '../../../src/config/config.ts';
import type { Schedule } from '../../../src/model/round.ts';
import type { Labels, Series } from '../../../src/model/target.ts';
import { cronPatterns } from './cron-patterns.ts';
import { createDraws, type Draws } from './draws.ts';
import type { Scenario } from './scenario.ts';
import type { Setup } from './watchlist.ts';

/** What is configured in one life of the process. */
export type LifeConfig = {
  readonly watchlist: readonly WatchedTarget[];
  readonly scheduleOf: ReadonlyMap<Series, Schedule>;
  /** Each that has a target. */
  readonly schedules: readonly Schedule[];
  readonly reportingZone: string;
};

const plain: Labels = {};
const labelled = [{ team: 'music' }, { team: 'games', tier: 'gold' }] as const;
const reportingZones = [
  'Etc/UTC',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Pacific/Chatham',
] as const;

/** Between two lives the operator changes what the seed has it so: labels, targets, expressions, the reporting zone. */
export class Operator {
  readonly #scenario: Scenario;
  readonly #setup: Setup;
  readonly #relabelling: Draws;
  readonly #draws: Draws;

  constructor(scenario: Scenario, setup: Setup) {
    this.#scenario = scenario;
    this.#setup = setup;
    this.#relabelling = createDraws(scenario.seed, 'watchlist');
    this.#draws = createDraws(scenario.seed, 'operator');
  }

  nextLife(): LifeConfig {
    const { turns, timezone } = this.#scenario;
    const planned = this.#setup.targets.map((target) => ({ ...target, labels: this.#labels() }));
    // One stays: a watchlist without any target is refused.
    const present = planned.filter(
      (_, index) => turns.absentOneIn === 0 || !this.#draws.oneIn(turns.absentOneIn) || index === 0,
    );
    const schedules = new Map(present.map(({ schedule }) => [schedule, schedule]));
    if (turns.changesCron) {
      for (const schedule of schedules.keys())
        schedules.set(schedule, { ...schedule, cron: this.#cron(schedule.cron) });
    }
    const watchlist = present.map(({ target, labels, schedule }) => ({
      series: { target, labels },
      schedule: schedules.get(schedule) ?? schedule,
    }));
    return {
      watchlist,
      scheduleOf: new Map(watchlist.map(({ series, schedule }) => [series, schedule])),
      schedules: [...schedules.values()],
      reportingZone: turns.changesReporting ? this.#draws.pick(reportingZones) : timezone,
    };
  }

  #labels(): Labels {
    const draws = this.#relabelling;
    if (!this.#scenario.relabels || !draws.oneIn(3)) return plain;
    return labelled[draws.below(labelled.length)] ?? plain;
  }

  /** Not faster: the limits are those of the first, and a stale answer must not outlive three polls. */
  #cron(first: string): string {
    const leastMs = cronPatterns[first]?.intervalMs ?? 0;
    const slower = Object.keys(cronPatterns).filter((cron) => (cronPatterns[cron]?.intervalMs ?? 0) >= leastMs);
    return this.#draws.oneIn(2) ? first : (slower[this.#draws.below(slower.length)] ?? first);
  }
}
