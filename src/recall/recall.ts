import { formatSize } from '../model/figures.ts';
import type { IdRange } from '../model/id-range.ts';
import { type Point, sampleOfPoint } from '../model/point.ts';
import type { Round } from '../model/round.ts';
import { type Endpoint, endpoints } from '../model/target.ts';
import { emptyBatch } from '../store/batch.ts';
import type { Journal } from '../store/journal.ts';
import { type Found, type Fresh, Memory } from './memory.ts';

/** The store, open for writing. */
export type RecallStore = Pick<
  Journal,
  'register' | 'nextRoundId' | 'openRounds' | 'lastDueMs' | 'status' | 'readRows' | 'commit' | 'settle' | 'makeRoom'
>;

export type RecallOptions = {
  readonly store: RecallStore;
  /** What the samples' sink has written. */
  readonly readPoints: (
    measurement: Endpoint,
    time: { readonly fromMs: number; readonly toMs: number },
  ) => Promise<readonly Point[]>;
  /** When the first of them lies at an instant or after it. */
  readonly nextMs: (measurement: Endpoint, fromMs: number) => Promise<number | undefined>;
  readonly sink: string;
  readonly nowMs: number;
  /** After each slice; `share` of the time until now is done. */
  readonly pause: (share: number) => Promise<void>;
};

export type Recalled = {
  /** Where the store ended before; undefined for one that never held a sample. */
  readonly sinceMs: number | undefined;
  readonly samples: Readonly<Record<Endpoint, number>>;
  /** Of these samples the ones that are not as they were: their growth was counted anew, from the last that is known. */
  readonly mended: number;
  /** Points that livetally has not written so, and that were left out. */
  readonly strange: number;
};

/** What was not yet answered when the store ended had been due before it: time-outs, repetitions, and a batch on its way. */
const answerMs = 5 * 60_000;
/** At the full rate some twenty thousand points. */
const sliceMs = 60_000;
const hourMs = 60 * 60_000;

/**
 * Brings samples into a store that goes on from a copy of itself: those that were delivered after the copy was made, out of the
 * database that has them. What is remembered of each target follows, so that no growth is lost, and none counts twice; where
 * the database lacks samples as well, the next one shows the growth. Each slice is a commit: broken off, it can be begun again.
 */
export async function recall(options: RecallOptions): Promise<Recalled> {
  const { store, readPoints, nowMs, pause } = options;
  const sinceMs = store.lastDueMs();
  const samples: Record<Endpoint, number> = { room_stats: 0, gift_count: 0 };
  let [mended, strange] = [0, 0];
  if (sinceMs === undefined) return { sinceMs, samples, mended, strange };
  // What was due in an open round may have been answered late.
  const startMs = Math.min(sinceMs - answerMs, ...store.openRounds().map(({ round }) => round.startMs));
  const memory = new Memory(store, startMs - answerMs);
  let fromMs: number | undefined = startMs;
  while (fromMs !== undefined) {
    const toMs: number = fromMs + sliceMs;
    const slice = new Map<Endpoint, readonly Found[]>();
    for (const endpoint of endpoints) {
      const points = await readPoints(endpoint, { fromMs, toMs });
      const found = points.map(sampleOfPoint).filter((one) => one !== undefined);
      strange += points.length - found.length;
      slice.set(
        endpoint,
        found.toSorted((a, b) => a.sample.dueMs - b.sample.dueMs),
      );
    }
    memory.meet([...slice.values()].flat());
    for (const [endpoint, found] of slice) {
      const fresh = memory.takeFresh(found);
      if (fresh.length === 0) continue;
      write(options, endpoint, fresh);
      keepToSize(store);
      samples[endpoint] += fresh.length;
      mended += fresh.filter(({ isMended }) => isMended).length;
    }
    await pause(Math.min(1, (toMs - startMs) / Math.max(1, nowMs - startMs)));
    // The collector's clock may be ahead of this one, by years where the machine started in a wrong one.
    const isEmpty = [...slice.values()].every(({ length }) => length === 0);
    fromMs = isEmpty ? await firstMs(options, toMs) : toMs;
  }
  // Those that were open when the copy was made: until here, what was answered late in them may still be there.
  store.commit({ ...emptyBatch, endBefore: store.nextRoundId() });
  return { sinceMs, samples, mended, strange };
}

async function firstMs({ nextMs }: RecallOptions, fromMs: number): Promise<number | undefined> {
  const found = [await nextMs('room_stats', fromMs), await nextMs('gift_count', fromMs)];
  const known = found.filter((timeMs) => timeMs !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Beyond its size the store would in the end delete what was brought in before there are windows of it. */
function keepToSize(store: RecallStore): void {
  while (store.makeRoom());
  const { sizeBytes, maxSizeBytes } = store.status();
  if (sizeBytes <= maxSizeBytes) return;
  throw new Error(
    `the store has come to ${formatSize(sizeBytes)}, and store.max_size is ${formatSize(maxSizeBytes)}: what was brought in would be deleted before windows are made of it. Raise store.max_size and give the command again; it goes on where it was.`,
  );
}

/** Which schedule they were of is not known: they count as polled in rounds of an hour, of which no failure is known either. */
function write({ store, sink }: RecallOptions, endpoint: Endpoint, fresh: readonly Fresh[]): void {
  const rounds = new Map<string, { readonly id: number; readonly round: Round; due: number }>();
  let nextId = store.nextRoundId();
  const samples = fresh.map(({ series, registration, sample }) => {
    const { app } = series.target;
    const startMs = Math.floor(sample.dueMs / hourMs) * hourMs;
    const key = `${startMs} ${app}`;
    const schedule = { app, endpoint, cron: '0 * * * *', timezone: 'Etc/UTC' };
    const begun = rounds.get(key) ?? { id: nextId++, round: { schedule, startMs }, due: 0 };
    begun.due++;
    rounds.set(key, begun);
    return { endpoint, seriesId: registration.seriesId, roundId: begun.id, sample };
  });
  const firstId = store.status().committed[endpoint] + 1;
  store.commit({
    ...emptyBatch,
    begun: [...rounds.values()],
    samples,
    states: new Map(fresh.map(({ registration, state }) => [registration.targetId, state])),
    ended: [...rounds.values()].map(({ id }) => id),
  });
  for (const range of deliveredRanges(fresh, firstId)) store.settle(sink, endpoint, range, []);
}

/** Ids of the rows that the database has just so. */
function* deliveredRanges(fresh: readonly Fresh[], firstId: number): Generator<IdRange> {
  let fromId = firstId - 1;
  for (const [index, { isMended }] of fresh.entries()) {
    const id = firstId + index;
    if (!isMended) continue;
    if (fromId < id - 1) yield { fromId, toId: id - 1 };
    fromId = id;
  }
  const lastId = firstId + fresh.length - 1;
  if (fromId < lastId) yield { fromId, toId: lastId };
}
