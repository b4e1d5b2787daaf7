import { sessionMeasurement } from '../model/measurement.ts';
import type { Schedule } from '../model/round.ts';
import type { Stock } from '../model/stock.ts';
import type { StoredTable } from '../model/stored-table.ts';
import { type Endpoint, endpoints } from '../model/target.ts';
import { checkAccounts, checkRound } from './check-ledger.ts';
import { checkPoints } from './check-points.ts';
import { checkSamples } from './check-samples.ts';
import { checkWindows } from './check-windows.ts';
import { type FindingGroup, Findings } from './findings.ts';
import type { PointReader } from './influxql.ts';
import { KnownTime } from './known-time.ts';
import { PolledRows } from './polled-rows.ts';
import type { Calendar, RollUp } from './roll-up.ts';
import { isSampleTable, type TimeRange, type VerifiedStore } from './verified-store.ts';

/** A bucket or database, and what is shipped to it. */
export type Destination = {
  readonly sink: string;
  readonly tables: readonly StoredTable[];
  readonly reader: PointReader;
};

export type VerifyOptions = {
  readonly store: VerifiedStore;
  readonly destinations: readonly Destination[];
  /** Points of other apps are none of ours; those that the store holds are added. */
  readonly apps: readonly string[];
  /** What lies in it is looked at; both ends may be infinite. */
  readonly time: TimeRange;
  readonly nowMs: number;
  readonly rollUp: RollUp;
  readonly calendar: Calendar;
  /** For how long the targets of a round are due after its start; asked once for each schedule. */
  readonly intervalOf: (schedule: Schedule) => number;
  /** Examples of each kind of finding. */
  readonly mostExamples: number;
  readonly pause: () => Promise<void>;
};

/** How much was looked at, and what was wrong. */
export type Verified = {
  readonly rounds: number;
  readonly samples: number;
  readonly windows: number;
  readonly sessions: number;
  readonly points: number;
  readonly findings: readonly FindingGroup[];
  /** What could not be told, and why. */
  readonly notes: readonly string[];
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** The longest time-out of a request, its repetitions, and what a restart sets back. */
const answerMs = 5 * minuteMs;

/**
 * Proves the ledger: from the rounds to the samples, from the samples to the windows and sessions, and from all of them to
 * the points in the database. The store may be in use: what is not finished, or changes meanwhile, is no finding.
 */
export async function verify(options: VerifyOptions): Promise<Verified> {
  const { store, time } = options;
  const findings = new Findings(options.mostExamples);
  const intervalOf = rememberIntervals(options.intervalOf);
  const polled = new PolledRows(intervalOf);
  let rounds = 0;
  let longestMs = 0;
  const stock = store.takeStock((round, ends) => {
    const intervalMs = intervalOf(round.schedule);
    longestMs = Math.max(longestMs, intervalMs);
    if (round.startMs >= time.fromMs && round.startMs < time.toMs) {
      rounds++;
      checkRound(round, { intervalMs, ends }, findings);
    }
    polled.addRound(round);
  });
  for (const id of stock.damagedRounds) {
    findings.add('damaged_row', 'round', `row ${id} holds what is no round, or is of a schedule that is not there`);
  }
  checkAccounts(stock.accounts, findings);
  const counts = { samples: 0, windows: 0, sessions: 0 };
  const unfinished = new Set<string>();
  for (const endpoint of endpoints) {
    const looked = await checkSamples({ ...options, endpoint, stock, polled, findings });
    counts.samples += looked.samples;
    counts.sessions += looked.sessions;
    for (const key of looked.unfinished) unfinished.add(key);
    counts.windows += looked.windows + (await checkWindows({ ...options, endpoint, stock, findings }));
  }
  const known = { room_stats: new KnownTime(store, 'room_stats'), gift_count: new KnownTime(store, 'gift_count') };
  polled.finish(time, known, findings);
  const notes: string[] = [];
  let points = 0;
  for (const destination of options.destinations) {
    points += await checkDestination(destination, {
      ...{ ...options, lateMs: longestMs + answerMs },
      ...{ stock, unfinished, findings, notes },
    });
  }
  return { rounds, ...counts, points, findings: findings.groups(), notes };
}

/** To read a schedule takes half a millisecond and a kilobyte, and there are a million rounds of few schedules. */
function rememberIntervals(intervalOf: VerifyOptions['intervalOf']): VerifyOptions['intervalOf'] {
  const known = new Map<string, number>();
  return (schedule) => {
    const key = `${schedule.cron}\n${schedule.timezone}`;
    const intervalMs = known.get(key) ?? intervalOf(schedule);
    known.set(key, intervalMs);
    return intervalMs;
  };
}

type PlaceOptions = VerifyOptions & {
  readonly lateMs: number;
  readonly stock: Stock;
  readonly unfinished: ReadonlySet<string>;
  readonly findings: Findings;
  readonly notes: string[];
};

async function checkDestination({ sink, tables, reader }: Destination, options: PlaceOptions): Promise<number> {
  const { store, time, nowMs, stock, findings, notes } = options;
  const apps = [...new Set([...options.apps, ...store.apps()])];
  // Half an hour before the server may delete it a point is looked at for the last time.
  const keptFromMs = nowMs - (await reader.keepMs()) + hourMs / 2;
  const shown = { fromMs: Math.max(time.fromMs, keptFromMs), toMs: time.toMs };
  let points = 0;
  for (const [measurement, own] of Map.groupBy(tables, measurementOf)) {
    const sinceMs = Math.max(...own.map((table) => beginningOf(store, table)));
    const sliceMs = Math.max(...own.map(sliceOf));
    const unlisted = unlistedRows(stock, sink, own);
    const unsure = new Findings(options.mostExamples);
    points += await checkPoints({
      ...{ ...options, sink, reader, measurement, apps, sinceMs, sliceMs, unsure, time: shown },
      ...{ tables: own, unlistedTo: unlisted.toIds },
    });
    const place = `${measurement} in ${reader.place}`;
    const missing = unsure.count('missing_point', place);
    if (missing > unlisted.count) findings.addAll(unsure);
    else if (missing > 0) {
      const words = `the server has refused ${unlisted.count} of which an older livetally, or what is left of a damaged store, does not say which`;
      notes.push(`${missing} points are not in ${place}: ${words}`);
    }
  }
  return points;
}

function measurementOf(table: StoredTable): string {
  if (table.endsWith('_session')) return sessionMeasurement;
  return endpoints.find((endpoint) => table.startsWith(endpoint)) ?? table;
}

/** A slice holds some thousand points at most, and there are some ten thousand slices. */
function sliceOf(table: StoredTable): number {
  if (isSampleTable(table)) return minuteMs;
  return table.endsWith('_5m') ? 5 * minuteMs : hourMs;
}

/** From when on the store knows of all rows of a table that there ever were; what it has deleted is another matter. */
function beginningOf(store: VerifiedStore, table: StoredTable): number {
  if (store.deleted(table).length > 0) return Number.NEGATIVE_INFINITY;
  const isYoung = endpoints.every((endpoint) => store.deleted(endpoint).length === 0);
  return isYoung || store.lastId(table) === 0
    ? Math.min(...endpoints.map((endpoint) => firstDueMs(store, endpoint)))
    : (store.writtenMs(table, 1) ?? Number.POSITIVE_INFINITY);
}

function firstDueMs(store: VerifiedStore, endpoint: Endpoint): number {
  const [first] = store.stored(endpoint);
  if (first === undefined) return Number.POSITIVE_INFINITY;
  // The first of them may be damaged.
  const [row] = store.readSamples(endpoint, { fromId: first.fromId, toId: Math.min(first.toId, first.fromId + 1_000) });
  return row?.content.dueMs ?? Number.POSITIVE_INFINITY;
}

/** The rows that a sink has refused without that the store knows which they were. */
function unlistedRows({ accounts }: Stock, sink: string, tables: readonly StoredTable[]) {
  const toIds = new Map<StoredTable, number>();
  let count = 0;
  for (const { reader, table, rejectedAs } of accounts) {
    if (reader !== sink || !tables.includes(table) || rejectedAs.unlisted <= 0) continue;
    toIds.set(table, rejectedAs.unlistedToId);
    count += rejectedAs.unlisted;
  }
  return { count, toIds };
}
