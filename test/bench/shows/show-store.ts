import { hostname } from 'node:os';
import type { Sample } from '../../../src/model/sample.ts';
import { type Endpoint, endpoints } from '../../../src/model/target.ts';
import { createRollUp } from '../../../src/roll-up/roll-up.ts';
import type { NewSample } from '../../../src/store/batch.ts';
import { type Journal, openJournal } from '../../../src/store/journal.ts';
import type { Registration } from '../../../src/store/series-table.ts';
import { systemClock } from '../../../src/system-clock.ts';
import { encodeTallyState } from '../../../src/tally/state-text.ts';
import { closeAfterMs, dayMs, minuteMs, type Show, samplesOf } from './shows.ts';

/** What a day took, in milliseconds. */
export type DayCosts = {
  /** Opening the store. */
  readonly open: number;
  /** Registering the day's rooms and receivers. */
  readonly register: number;
  /** One commit of at most `groupRows` samples with their states: the median. */
  readonly commit: number;
  readonly longestCommit: number;
  /** Rolling up a thousand samples. */
  readonly rollUp: number;
  readonly longestSlice: number;
  /** All of the day's retention. */
  readonly retention: number;
};

/** The defaults of the configuration. */
export const keepDays = {
  raw: 14,
  '5m': 90,
  '1h': 400,
  '1d': Number.POSITIVE_INFINITY,
  '1mo': Number.POSITIVE_INFINITY,
};
const keepTiersMs = {
  '5m': keepDays['5m'] * dayMs,
  '1h': keepDays['1h'] * dayMs,
  '1d': keepDays['1d'],
  '1mo': keepDays['1mo'],
};
export const maxSizeBytes = 10 * 2 ** 30;

const groupRows = 500;
/**
 * Samples so far apart, so that 400 days of shows take minutes; what a finer schedule adds is rows, and what a row takes is printed. As
 * much is committed, rolled up and tidied at a time.
 */
const intervalMs = 60 * minuteMs;
const cron = '0 0 * * * *';

/** A day as livetally has it from one start to the next, all of its samples committed, rolled up, and what is too old deleted. */
export function playDay(path: string, shows: readonly Show[], startMs: number): DayCosts {
  const began = performance.now();
  using journal = open(path);
  const opened = performance.now();
  const registrations = journal.register(shows.flatMap(({ series }) => series));
  const registered = performance.now();
  const commits: number[] = [];
  const slices: number[] = [];
  let rows = 0;
  let retention = 0;
  for (let fromMs = startMs; fromMs < startMs + dayMs; fromMs += intervalMs) {
    const due = samplesDue(shows, registrations, [fromMs, fromMs + intervalMs]);
    rows += due.length;
    commits.push(...commitRound(journal, due, fromMs));
    for (let hasMore = true; hasMore; ) {
      slices.push(timed(() => ({ hasMore } = journal.rollUp(fromMs + intervalMs))));
    }
    for (let hasMore = true; hasMore; ) {
      retention += timed(() => {
        hasMore = journal.tidy();
      });
    }
  }
  return {
    open: opened - began,
    register: registered - opened,
    commit: median(commits),
    longestCommit: Math.max(...commits),
    rollUp: (slices.reduce((sum, one) => sum + one, 0) / rows) * 1000,
    longestSlice: Math.max(...slices),
    retention,
  };
}

function open(path: string): Journal {
  return openJournal({
    path,
    clock: systemClock,
    keepMs: keepDays.raw * dayMs,
    keepTiersMs,
    maxSizeBytes,
    sinks: [],
    rollUp: createRollUp({ timezone: 'Etc/UTC', closeAfterMs }),
    onForgotten: () => {},
    onDamagedRows: () => {},
    onTornCommit: () => {},
    holder: { pid: process.pid, host: hostname(), command: 'bench' },
  });
}

type DueSample = { readonly registration: Registration; readonly sample: Sample };

function samplesDue(
  shows: readonly Show[],
  registrations: readonly Registration[],
  range: readonly [fromMs: number, untilMs: number],
): readonly DueSample[] {
  return shows.flatMap((show, index) =>
    show.series.flatMap((_, place) => {
      const registration = registrations[index * show.series.length + place];
      if (registration === undefined) throw new Error(`the store registered only ${registrations.length} series`);
      return samplesOf(show, place, intervalMs, range).map((sample) => ({ registration, sample }));
    }),
  );
}

/** A round of each endpoint, in groups as the thread of the store commits them. Returns what each group took. */
function commitRound(journal: Journal, due: readonly DueSample[], startMs: number): readonly number[] {
  const firstId = journal.nextRoundId();
  const roundIds: Record<Endpoint, number> = { room_stats: firstId, gift_count: firstId + 1 };
  const begun = endpoints.map((endpoint) => ({
    id: roundIds[endpoint],
    round: { schedule: { app: 'main', endpoint, cron, timezone: 'Etc/UTC' }, startMs },
    due: due.filter(({ registration }) => registration.endpoint === endpoint).length,
  }));
  const times: number[] = [];
  for (let from = 0; from === 0 || from < due.length; from += groupRows) {
    const group = due.slice(from, from + groupRows);
    const isLast = from + groupRows >= due.length;
    const tookMs = timed(() =>
      journal.commit({
        begun: from === 0 ? begun : [],
        samples: group.map(({ registration: { endpoint, seriesId }, sample }): NewSample => {
          return { endpoint, seriesId, roundId: roundIds[endpoint], sample };
        }),
        states: new Map(group.map(({ registration, sample }) => [registration.targetId, stateAfter(sample)])),
        ended: isLast ? Object.values(roundIds) : [],
        unanswered: new Map(),
        unansweredMs: 0,
        endBefore: 0,
      }),
    );
    if (group.length > 0) times.push(tookMs);
  }
  return times;
}

function stateAfter({ dueMs, sessionMs, totals }: Sample): string {
  return encodeTallyState({ dueMs, sessionMs, highest: totals, gone: false, dips: undefined });
}

function timed(work: () => void): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
