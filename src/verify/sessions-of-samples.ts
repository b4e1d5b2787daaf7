import { sessionPoint } from '../model/point.ts';
import type { Sample } from '../model/sample.ts';
import { tableOf } from '../model/stored-table.ts';
import { describeTarget, type Endpoint } from '../model/target.ts';
import type { Session } from '../model/window.ts';
import { sessionDifference } from './difference.ts';
import { type Findings, instant } from './findings.ts';
import type { KnownTime } from './known-time.ts';
import { keyOf, plainPoint } from './point-sums.ts';
import type { RollUp } from './roll-up.ts';
import { type Row, slices, type TimeRange, type VerifiedStore } from './verified-store.ts';

export type SessionsOptions = {
  readonly store: VerifiedStore;
  readonly endpoint: Endpoint;
  readonly rollUp: RollUp;
  /** Sessions that lie wholly in it are looked at. */
  readonly time: TimeRange;
  readonly findings: Findings;
};

const rowsPerSlice = 2_000;

/** Makes the sessions anew and holds what the store has of them against that. Keeps a few hundred bytes for each target. */
export class SessionsOfSamples {
  readonly #options: SessionsOptions;
  readonly #states = new Map<number, string>();
  /** Of sessions that are over, until it is known which samples were there. */
  readonly #over: { readonly seriesId: number; readonly session: Session }[] = [];
  readonly #seen = new Set<string>();
  readonly #open = new Set<string>();
  #lastMs = Number.NEGATIVE_INFINITY;
  #looked = 0;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  get looked(): number {
    return this.#looked;
  }

  /**
   * Keys of the points of open sessions: where a store went on from a copy of itself, the database can have one that was
   * closed after the copy was made, and will be written again.
   */
  get open(): ReadonlySet<string> {
    return this.#open;
  }

  /** In the order of their ids. */
  add(targetId: number, rows: readonly Row<Sample>[]): void {
    const samples = rows.map(({ seriesId, content }) => ({ seriesId, sample: content }));
    const { state, ended } = this.#options.rollUp.addToSession(this.#states.get(targetId), samples);
    this.#states.set(targetId, state);
    this.#over.push(...ended);
    this.#lastMs = Math.max(this.#lastMs, rows.at(-1)?.content.dueMs ?? this.#lastMs);
  }

  /** `known`: of the samples. */
  finish(known: KnownTime): void {
    const { store, rollUp, endpoint } = this.#options;
    for (const { seriesId, session } of this.#over) this.#check(seriesId, session, known);
    for (const [targetId, state] of this.#states) {
      const isOpen = store.hasOpenSession(targetId);
      for (const { seriesId, session } of rollUp.endSession(state, Number.POSITIVE_INFINITY).ended) {
        const found = store.sessionOf(endpoint, seriesId, session.startMs);
        // It has got samples since, which were not added here or are not in the row.
        if (isOpen) this.#open.add(keyOf(plainPoint(sessionPoint(store.seriesOf(seriesId), session))));
        if (isOpen || (found !== undefined && found.content.endMs > this.#lastMs)) this.#see(seriesId, session);
        else this.#check(seriesId, session, known);
      }
    }
    this.#findStrangers(known);
  }

  #see(seriesId: number, { startMs }: Session): void {
    this.#seen.add(`${seriesId} ${startMs}`);
  }

  #check(seriesId: number, session: Session, known: KnownTime): void {
    const { store, endpoint } = this.#options;
    this.#see(seriesId, session);
    if (!this.#isWhole(session, known)) return;
    this.#looked++;
    const found = store.sessionOf(endpoint, seriesId, session.startMs);
    const words =
      found === undefined
        ? `is not there, and should hold ${session.samples} samples`
        : sessionDifference(endpoint, found.content, session);
    if (words !== undefined) this.#tell(seriesId, session, words);
  }

  #isWhole({ startMs, endMs }: Session, known: KnownTime): boolean {
    const { fromMs, toMs } = this.#options.time;
    return startMs >= fromMs && endMs < toMs && known.covers({ fromMs: startMs, toMs: endMs + 1 });
  }

  /** Rows of sessions that no sample belongs to. */
  #findStrangers(known: KnownTime): void {
    const { store, endpoint } = this.#options;
    const table = tableOf(endpoint, 'session');
    for (const range of slices(store.stored(table), rowsPerSlice)) {
      for (const { seriesId, content } of store.readSessions(endpoint, range)) {
        const isSeen = this.#seen.has(`${seriesId} ${content.startMs}`);
        if (isSeen || content.endMs > this.#lastMs || !this.#isWhole(content, known)) continue;
        this.#tell(seriesId, content, 'is there, and no sample belongs to it');
      }
    }
  }

  #tell(seriesId: number, { startMs }: Session, words: string): void {
    const { store, endpoint, findings } = this.#options;
    const target = describeTarget(store.seriesOf(seriesId).target);
    const table = tableOf(endpoint, 'session');
    findings.add('session', table, `the session of ${instant(startMs)} of ${target}: ${words}`, startMs);
  }
}
