import type { Sample } from '../model/sample.ts';
import type { TallyState } from '../model/tally-state.ts';
import { endpoints, type Series } from '../model/target.ts';
import type { Journal } from '../store/journal.ts';
import type { Registration } from '../store/series-table.ts';
import { decodeTallyState, encodeTallyState } from '../tally/state-text.ts';
import { type Counted, isForgotten, isOfOtherLife, meet, recount, retell } from './recount.ts';

export type RememberingStore = Pick<Journal, 'register' | 'readRows'> & {
  status(): Pick<ReturnType<Journal['status']>, 'committed'>;
};

const rowsPerLook = 5_000;
/** Others may have been asked this long before the first target that shows a life of its own. */
const roundMs = 60_000;

export type Found = { readonly series: Series; readonly sample: Sample };

export type Fresh = {
  readonly series: Series;
  readonly registration: Registration;
  readonly sample: Sample;
  /** It is not what the database has. */
  readonly isMended: boolean;
  readonly state: string;
};

/** What the tally remembers of each target, as far as the samples have come. */
export class Memory {
  readonly #store: RememberingStore;
  readonly #registrations = new Map<string, Registration>();
  readonly #states = new Map<number, TallyState | undefined>();
  /** Targets with samples of a life of livetally that had not known of the ones before. */
  readonly #retold = new Set<number>();
  /** Targets that were gone when the store ended. */
  readonly #goneBefore = new Set<number>();
  /** Since when there are samples of such lives: for targets whose first ones of them are missing. */
  readonly #otherLivesMs: number[] = [];
  /** When the last sample of a series was due that the store has. */
  readonly #lastDueMs: ReadonlyMap<number, number>;

  constructor(store: RememberingStore, fromMs: number) {
    this.#store = store;
    this.#lastDueMs = lastDueInstants(store, fromMs);
  }

  /** What is to be taken next, of each target in the order of time. */
  meet(found: readonly Found[]): void {
    this.#register(found.map(({ series }) => series));
    const latest = new Map<number, number>();
    let otherLifeMs = Number.POSITIVE_INFINITY;
    for (const { series, sample } of found) {
      const { dueMs, gapMs = 0 } = sample;
      const { targetId } = this.#registrationOf(series);
      const beforeMs = latest.get(targetId) ?? this.#states.get(targetId)?.dueMs ?? 0;
      if (dueMs <= beforeMs) continue;
      latest.set(targetId, dueMs);
      if (dueMs - gapMs < beforeMs) otherLifeMs = Math.min(otherLifeMs, dueMs);
    }
    if (otherLifeMs < Number.POSITIVE_INFINITY) this.#otherLivesMs.push(otherLifeMs - roundMs);
  }

  /** Those behind the last sample that the store has of their target. */
  takeFresh(found: readonly Found[]): readonly Fresh[] {
    const fresh: Fresh[] = [];
    for (const { series, sample } of found) {
      const registration = this.#registrationOf(series);
      const before = this.#states.get(registration.targetId);
      const lastDueMs = this.#lastDueMs.get(registration.seriesId) ?? 0;
      if (sample.dueMs <= Math.max(before?.dueMs ?? 0, lastDueMs)) continue;
      const { whole, after } = this.#count(registration.targetId, sample, lastDueMs);
      this.#states.set(registration.targetId, after);
      fresh.push({
        ...{ series, registration, sample: whole, isMended: whole !== sample },
        state: encodeTallyState(after),
      });
    }
    return fresh;
  }

  #count(targetId: number, sample: Sample, lastDueMs: number): Counted {
    const before = this.#states.get(targetId);
    if (before === undefined) return meet(lastDueMs, sample);
    if (isForgotten(before, sample)) return meet(before.dueMs, sample);
    const { dueMs, gapMs = 0 } = sample;
    const lifeMs = this.#otherLivesMs.findLast((sinceMs) => sinceMs <= dueMs) ?? 0;
    const isBehindLife = before.dueMs < lifeMs && dueMs - gapMs !== before.dueMs;
    const isNew = isBehindLife || isOfOtherLife(before, sample);
    if (isNew) this.#retold.add(targetId);
    if (!this.#retold.has(targetId)) return recount(before, sample);
    return retell(before, sample, { isNew, heardOld: this.#goneBefore.has(targetId) });
  }

  #registrationOf(series: Series): Registration {
    const registration = this.#registrations.get(keyOf(series));
    if (registration === undefined) throw new Error('a series was not registered');
    return registration;
  }

  #register(series: readonly Series[]): void {
    const keyed = series.map((one) => [keyOf(one), one] as const);
    const unknown = new Map(keyed.filter(([key]) => !this.#registrations.has(key)));
    const registrations = this.#store.register([...unknown.values()]);
    for (const [index, key] of [...unknown.keys()].entries()) {
      const registration = registrations[index];
      if (registration === undefined) throw new Error('the store has left out a series');
      this.#registrations.set(key, registration);
      // A target that was relabelled has two series, and is remembered once.
      if (this.#states.has(registration.targetId)) continue;
      const state = read(registration.state);
      this.#states.set(registration.targetId, state);
      if (state?.gone === true) this.#goneBefore.add(registration.targetId);
    }
  }
}

/** Of samples that were due since an instant, by series: what is remembered of a target may be missing or unreadable. */
function lastDueInstants(store: RememberingStore, fromMs: number): ReadonlyMap<number, number> {
  const instants = new Map<number, number>();
  for (const endpoint of endpoints) {
    let toId = store.status().committed[endpoint];
    for (let newestMs = fromMs; toId > 0 && newestMs >= fromMs; toId -= rowsPerLook) {
      newestMs = 0;
      for (const { seriesId, sample } of store.readRows(
        endpoint,
        { fromId: Math.max(0, toId - rowsPerLook), toId },
        rowsPerLook,
      )) {
        newestMs = Math.max(newestMs, sample.dueMs);
        instants.set(seriesId, Math.max(instants.get(seriesId) ?? 0, sample.dueMs));
      }
    }
  }
  return instants;
}

function keyOf({ target, labels }: Series): string {
  return JSON.stringify([target, Object.entries(labels).sort()]);
}

/** What cannot be read is as good as nothing: the collector meets such a target anew as well. */
function read(text: string | undefined): TallyState | undefined {
  const decoded = text === undefined ? undefined : decodeTallyState(text);
  return decoded?.status === 'read' ? decoded.state : undefined;
}
