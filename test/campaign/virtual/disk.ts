import type { Backlog } from '../../../src/sink/backlog.ts';
import { type JournalOptions, openJournal } from '../../../src/store/journal.ts';
import type { StoredPoint } from '../../../src/store/row-table.ts';
import type { ServedJournal } from '../../../src/store/serve-store.ts';
import type { VirtualClock } from '../../virtual-clock.ts';
import { createDraws, type Draws } from './draws.ts';
import type { Scenario } from './scenario.ts';
import { createWeather, type Weather } from './weather.ts';

/** `full`: nothing can be written. `failing`: nor read. `slow`: the thread of the store stands still for seconds. */
const troubles = ['full', 'failing', 'slow'] as const;
type Trouble = (typeof troubles)[number];

/** As https://www.sqlite.org/rescode.html has them. */
const errors = {
  full: { message: 'database or disk is full', errcode: 13 },
  failing: { message: 'disk I/O error', errcode: 10 },
} as const;

const longestStallMs = 30_000;
const mostReadBefore = 50;

/** What the store lies on. A transaction that it refuses has changed nothing, as SQLite promises; `test/campaign/crash` holds that against SQLite. */
export class Disk {
  readonly #clock: VirtualClock;
  readonly #draws: Draws;
  readonly #weather: Weather<Trouble>;
  #stallUntilMs = Number.NEGATIVE_INFINITY;

  constructor({ seed, turns }: Scenario, clock: VirtualClock) {
    this.#clock = clock;
    this.#draws = createDraws(seed, 'disk');
    this.#weather = createWeather(this.#draws, turns.hasDiskTroubles ? troubles : []);
  }

  get isTroubled(): boolean {
    const nowMs = this.#clock.monotonicMs();
    return nowMs < this.#stallUntilMs || !this.#weather.isCalm(nowMs);
  }

  clearUp(): void {
    this.#weather.clearUp();
  }

  /** How long what is sent to the store now waits before it is looked at. */
  stallMs(): number {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= this.#stallUntilMs && this.#weather.at(nowMs) === 'slow') {
      this.#stallUntilMs = nowMs + this.#draws.logBetween(100, longestStallMs);
    }
    return Math.max(0, this.#stallUntilMs - nowMs);
  }

  /** A journal that lies on it. */
  openJournal(options: JournalOptions): ServedJournal & Backlog {
    const journal = openJournal(options);
    const on =
      (work: 'read' | 'write') =>
      <Args extends readonly unknown[], Result>(call: (...args: Args) => Result) =>
      (...args: Args): Result => {
        this.#refuse(work);
        return call(...args);
      };
    const [reading, writing] = [on('read'), on('write')];
    return {
      commit: writing((batch) => journal.commit(batch)),
      register: writing((series) => journal.register(series)),
      rollUp: writing((untilMs) => journal.rollUp(untilMs)),
      tidy: writing(() => journal.tidy()),
      settle: writing((...settled) => journal.settle(...settled)),
      waitingRanges: reading((sink, table) => journal.waitingRanges(sink, table)),
      readPoints: (table, range, onDamaged) =>
        this.#readSome(journal.readPoints(table, range, onDamaged), range.fromId % mostReadBefore),
      status: () => journal.status(),
      lastDueMs: () => journal.lastDueMs(),
      nextRoundId: () => journal.nextRoundId(),
      openRounds: () => journal.openRounds(),
      [Symbol.dispose]: () => journal[Symbol.dispose](),
    };
  }

  /** A disk that fails does so at any row. */
  *#readSome(points: Iterable<StoredPoint>, readBefore: number): Generator<StoredPoint, void> {
    let read = 0;
    for (const point of points) {
      if (read++ >= readBefore) this.#refuse('read');
      yield point;
    }
  }

  #refuse(work: 'read' | 'write'): void {
    const trouble = this.#weather.at(this.#clock.monotonicMs());
    if (trouble === undefined || trouble === 'slow' || (trouble === 'full' && work === 'read')) return;
    const { message, errcode } = errors[trouble];
    throw Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode });
  }
}
