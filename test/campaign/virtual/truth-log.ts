import type { Schedule } from '../../../src/model/round.ts';
import type { Sample, Totals } from '../../../src/model/sample.ts';
import { type Endpoint, endpoints, type Series, type Target, targetKey } from '../../../src/model/target.ts';

/** What the answer behind a sample really showed. */
export type Truth = {
  /** Which life of the room: the instant of its creation. */
  readonly making: number;
  /** Some counter is of an earlier instant of that life. */
  readonly isStale: boolean;
  /** As they were sent. */
  readonly answered: Totals;
};

/** The room was reported gone since the target's sample before; `perhaps` where a crash may have wiped out the report. */
export type GoneBefore = 'no' | 'perhaps' | 'yes';

export type TakenSample = Truth & {
  readonly series: Series;
  readonly sample: Sample;
  /** Of whose round it is; undefined where the series is on no schedule. */
  readonly schedule: Schedule | undefined;
  readonly goneBefore: GoneBefore;
  /** The latest such report was wrong: the room was there. */
  readonly isGoneFalse: boolean;
  /** Recall has brought it back, and not what was taken before it. */
  readonly isBehindHole?: boolean;
};

/** `after`: so many samples of the endpoint were taken before the first of the reports that may still be remembered. */
type GoneReport = {
  readonly isSure: boolean;
  readonly isFalse: boolean;
  readonly after: number;
  /** It came before this sample, which has never been. */
  readonly before?: TakenSample;
};

/** A sample of those that had never been, as a store has it that got it back. */
export type BroughtBack = { readonly taken: TakenSample; readonly sample: Sample };

/** What was asked and answered, beside the collector: the samples that it took, in the order in which it handed them to the store. */
export class TruthLog {
  readonly #taken: Record<Endpoint, TakenSample[]> = { room_stats: [], gift_count: [] };
  readonly #answers = new Map<string, Truth>();
  readonly #gone = new Map<string, GoneReport>();

  answered(target: Target, truth: Truth): void {
    this.#answers.set(keyOf(target), truth);
  }

  reportedGone(target: Target, isFalse: boolean): void {
    const key = keyOf(target);
    const before = this.#gone.get(key);
    const after = before?.isSure === true ? before.after : this.#taken[target.endpoint].length;
    this.#gone.set(key, { isSure: true, isFalse, after });
  }

  take(series: Series, sample: Sample, schedule: Schedule | undefined): void {
    const key = keyOf(series.target);
    const truth = this.#answers.get(key);
    if (truth === undefined) throw new Error(`a sample of ${key} was taken that nobody answered`);
    const report = this.#gone.get(key);
    const goneBefore = report === undefined ? 'no' : report.isSure ? 'yes' : 'perhaps';
    this.#answers.delete(key);
    this.#gone.delete(key);
    this.#taken[series.target.endpoint].push({
      ...truth,
      series,
      sample,
      schedule,
      goneBefore,
      isGoneFalse: report?.isFalse === true,
    });
  }

  /** In the order of their row ids, which begin with 1, as far as they are in the store or on their way to it. */
  taken(endpoint: Endpoint): readonly TakenSample[] {
    return this.#taken[endpoint];
  }

  /** A process is no more, and this many rows of each table are committed: the samples beyond, which it gives, have never been. */
  forget(committed: Readonly<Record<Endpoint, number>>): Readonly<Record<Endpoint, readonly TakenSample[]>> {
    this.#answers.clear();
    const lost = {
      room_stats: this.#taken.room_stats.splice(committed.room_stats),
      gift_count: this.#taken.gift_count.splice(committed.gift_count),
    };
    // The reports that came before a lost sample are older than it, and whether they are lost too cannot be told.
    for (const endpoint of endpoints) for (const taken of lost[endpoint]) doubt(this.#gone, taken);
    for (const [key, report] of this.#gone) {
      const endpoint = endpoints.find((name) => key.startsWith(`${name}\n`));
      if (endpoint !== undefined && report.after >= committed[endpoint])
        this.#gone.set(key, { ...report, isSure: false });
    }
    return lost;
  }

  /** Of these samples, which have never been, some are in the store after all: those that were `found`, in the order of its rows. */
  takeBack(endpoint: Endpoint, lost: readonly TakenSample[], found: readonly BroughtBack[]): void {
    const places = new Map(found.map(({ taken }, index) => [taken, index]));
    for (const taken of lost) {
      const key = keyOf(taken.series.target);
      if (this.#gone.get(key)?.before === taken) this.#gone.delete(key);
    }
    const back: TakenSample[] = [];
    const doubts = new Map<string, GoneReport>();
    for (const taken of lost) {
      const place = places.get(taken);
      const sample = found[place ?? -1]?.sample;
      // Of a report that came before what is not there, or before another life, nobody can tell whether it is remembered.
      const isDoubtful =
        sample === undefined || sample.gapMs !== taken.sample.gapMs || sample.sessionMs !== taken.sample.sessionMs;
      if (isDoubtful) doubt(doubts, taken);
      if (place === undefined || sample === undefined) continue;
      const key = keyOf(taken.series.target);
      const report = doubts.get(key);
      doubts.delete(key);
      back[place] = {
        ...{ ...taken, sample, schedule: recallSchedule(taken.series.target) },
        isBehindHole: sample.gapMs !== taken.sample.gapMs,
        ...(report !== undefined && { goneBefore: 'perhaps', isGoneFalse: report.isFalse }),
      };
    }
    for (const [key, report] of doubts) if (!this.#gone.has(key)) this.#gone.set(key, report);
    this.#taken[endpoint].push(...back);
  }
}

function doubt(reports: Map<string, GoneReport>, taken: TakenSample): void {
  const key = keyOf(taken.series.target);
  if (taken.goneBefore === 'no' || reports.has(key)) return;
  reports.set(key, { isSure: false, isFalse: taken.isGoneFalse, after: 0, before: taken });
}

/** That of the rounds which `livetally recall` makes of what it brings back. */
function recallSchedule({ app, endpoint }: Target): Schedule {
  return { app, endpoint, cron: '0 * * * *', timezone: 'Etc/UTC' };
}

export function keyOf(target: Target): string {
  return `${target.endpoint}\n${targetKey(target)}`;
}
