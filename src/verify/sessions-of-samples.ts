import { sessionPoint } from '../model/point.ts';
import type { Sample } from '../model/sample.ts';
import { tableOf } from '../model/stored-table.ts';
import { describeTarget, type Endpoint } from '../model/target.ts';
import type { Session } from '../model/window.ts';
import { checkPresence } from './check-rows.ts';
import { sessionDifference } from './difference.ts';
import { type Findings, instant } from './findings.ts';
import { KnownTime } from './known-time.ts';
import { keyOf, plainPoint } from './point-sums.ts';
import type { RollUp } from './roll-up.ts';
import { RowMarks } from './row-marks.ts';
import { type Row, slices, type TimeRange, type VerifiedStore } from './verified-store.ts';

export type SessionsOptions = {
  readonly store: Pick<
    VerifiedStore,
    'sessionOf' | 'readSessions' | 'stored' | 'deleted' | 'faultOf' | 'writtenMs' | 'hasOpenSession' | 'seriesOf'
  >;
  readonly endpoint: Endpoint;
  readonly rollUp: RollUp;
  /** Sessions that lie wholly in it are looked at. */
  readonly time: TimeRange;
  readonly findings: Findings;
};

const rowsPerSlice = 2_000;

/**
 * Makes the sessions anew and holds what the store has of them against that, each as soon as it is over. Keeps a few hundred
 * bytes for each target and a bit for each session: a store of a year may hold a hundred million.
 */
export class SessionsOfSamples {
  readonly #options: SessionsOptions;
  readonly #states = new Map<number, string>();
  readonly #seen = new RowMarks();
  /** The latest of each target, where its row may be written while this looks. */
  readonly #latest = new Set<string>();
  readonly #open = new Set<string>();
  #known: KnownTime;
  #lastMs = Number.NEGATIVE_INFINITY;
  #looked = 0;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#known = new KnownTime(options.store, options.endpoint);
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
    // What the next sample has ended was written with that sample, at the latest.
    for (const one of ended) this.#check(one.seriesId, one.session);
    this.#lastMs = Math.max(this.#lastMs, rows.at(-1)?.content.dueMs ?? this.#lastMs);
  }

  finish(): void {
    const { store, rollUp, endpoint } = this.#options;
    for (const [targetId, state] of this.#states) {
      const isOpen = store.hasOpenSession(targetId);
      for (const { seriesId, session } of rollUp.endSession(state, Number.POSITIVE_INFINITY).ended) {
        const found = store.sessionOf(endpoint, seriesId, session.startMs);
        // It has got samples since, which were not added here or are not in the row.
        if (isOpen) this.#open.add(keyOf(plainPoint(sessionPoint(store.seriesOf(seriesId), session))));
        if (isOpen || (found !== undefined && found.content.endMs > this.#lastMs)) {
          this.#latest.add(sessionKey(seriesId, session));
        } else this.#check(seriesId, session);
      }
    }
    this.#findStrangers();
  }

  #check(seriesId: number, session: Session): void {
    const { store, endpoint } = this.#options;
    const found = store.sessionOf(endpoint, seriesId, session.startMs);
    if (found !== undefined) this.#seen.add(found.id);
    if (!this.#isWhole(session)) return;
    this.#looked++;
    const words =
      found === undefined
        ? `is not there, and should hold ${session.samples} samples`
        : sessionDifference(endpoint, found.content, session);
    if (words !== undefined && this.#isStillWhole(session)) this.#tell(seriesId, session, words);
  }

  /** Whether all samples of it were there to be added; what is deleted never comes back. */
  #isWhole({ startMs, endMs }: Session): boolean {
    const { fromMs, toMs } = this.#options.time;
    return startMs >= fromMs && endMs < toMs && this.#known.covers({ fromMs: startMs, toMs: endMs + 1 });
  }

  /** The same, after another look at what retention has deleted: it may have taken samples before they were read. */
  #isStillWhole(session: Session): boolean {
    this.#known = new KnownTime(this.#options.store, this.#options.endpoint);
    return this.#isWhole(session);
  }

  /** Rows of sessions that no sample belongs to. */
  #findStrangers(): void {
    const { store, endpoint, findings } = this.#options;
    const table = tableOf(endpoint, 'session');
    for (const range of slices(store.stored(table), rowsPerSlice)) {
      const rows = store.readSessions(endpoint, range);
      checkPresence(store, table, range, rows, findings);
      for (const { id, seriesId, content } of rows) {
        if (this.#seen.has(id) || this.#latest.has(sessionKey(seriesId, content))) continue;
        if (content.endMs > this.#lastMs || !this.#isWhole(content)) continue;
        // A session that was written several times is known by its newest row.
        const newestId = store.sessionOf(endpoint, seriesId, content.startMs)?.id ?? id;
        if (this.#seen.has(newestId) || !this.#isStillWhole(content)) continue;
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

function sessionKey(seriesId: number, { startMs }: Session): string {
  return `${seriesId} ${startMs}`;
}
