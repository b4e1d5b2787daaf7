import { sessionMeasurement } from '../../../src/model/measurement.ts';
import type { Schedule } from '../../../src/model/round.ts';
import { type Endpoint, endpoints } from '../../../src/model/target.ts';
import { type Tier, tiers } from '../../../src/model/window.ts';
import { readCron } from '../../../src/poll/cron.ts';
import { createCalendar } from '../../../src/roll-up/calendar.ts';
import { createRollUp } from '../../../src/roll-up/roll-up.ts';
import { destinationsOf } from '../../../src/shipping.ts';
import { sinkName } from '../../../src/storage.ts';
import { StoreReader } from '../../../src/store/store-reader.ts';
import type { FindingGroup } from '../../../src/verify/findings.ts';
import { verify } from '../../../src/verify/verify.ts';
import { closeAfterMs } from './collector-life.ts';
import type { Findings } from './findings.ts';
import { placeOf, type SimulatedSink } from './simulated-sink.ts';
import { createSinkReader } from './sink-reader.ts';
import type { TruthLog } from './truth-log.ts';
import type { Setup } from './watchlist.ts';

export type VerifiedContext = {
  readonly setup: Setup;
  readonly reportingZone: string;
  readonly wallMs: number;
  readonly findings: Findings;
};

const hourMs = 60 * 60_000;

/** What `livetally verify --store-only` says of a store: that it is sound. */
export async function checkStoreVerified(path: string, when: string, context: VerifiedContext): Promise<void> {
  for (const group of await runVerify(path, undefined, context)) tell(group, `${when}, verify finds`, context);
}

/**
 * What `livetally verify` says of a store and the sink: that they are sound, or, where the store went on from a copy of
 * itself, the hours of points that the copy does not know, and nothing else.
 */
export async function checkVerified(
  path: string,
  sink: SimulatedSink,
  log: TruthLog,
  context: VerifiedContext,
): Promise<void> {
  const found = await runVerify(path, sink, context);
  const hoursOf = hoursByPlace((tier) => sink.strangers(tier));
  const mixedHoursOf = hoursByPlace((tier) => sink.mixed(tier));
  for (const group of found) {
    const [measurement = '', place = ''] = group.place.split(' in ');
    const strangers = hoursOf.get(`${place} ${measurement}`) ?? new Set();
    // A session that was written, and went on after the copy was made, has more in the sink than the copy knows.
    const hasGoneOn = group.kind === 'changed_point' && measurement === sessionMeasurement;
    const mixed = mixedHoursOf.get(`${place} ${measurement}`) ?? new Set();
    const known = group.kind === 'unknown_point' || hasGoneOn ? strangers : new Set();
    const isExpected = hoursNamed(group).every(
      (hour) => known.has(hour) || (group.kind === 'changed_point' && mixed.has(hour)),
    );
    if (!isExpected) tell(group, 'at the end, verify finds', context);
  }
  if (Number.isFinite(sink.keepMs)) return;
  for (const endpoint of endpoints) {
    const named = new Set(
      found.filter(({ place }) => place === `${endpoint} in ${placeOf(undefined)}`).flatMap(hoursNamed),
    );
    const unnamed = [...knowableHours(path, sink, log, context, endpoint)].filter((hour) => !named.has(hour));
    const words = unnamed.map((hour) => new Date(hour * hourMs).toISOString()).join();
    context.findings.add(
      'wrong',
      `verify does not name the hours of unknown points of ${endpoint}: ${words}`,
      unnamed.length,
    );
  }
}

async function runVerify(path: string, sink: SimulatedSink | undefined, context: VerifiedContext) {
  const { setup, reportingZone: timezone, wallMs: nowMs } = context;
  using store = new StoreReader(path);
  const destinations = destinationsOf(sinkName, true).map(({ name, tier, tables }) => ({ sink: name, tier, tables }));
  const { findings } = await verify({
    ...{ store, nowMs, intervalOf, mostExamples: 3 },
    time: { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY },
    destinations:
      sink === undefined
        ? []
        : destinations.map(({ tier, ...own }) => ({ ...own, reader: createSinkReader(sink, placeOf(tier)) })),
    apps: setup.apps.map(({ name }) => name),
    rollUp: createRollUp({ timezone, closeAfterMs }),
    calendar: createCalendar(timezone),
    pause: async () => {},
  });
  return findings;
}

function tell({ kind, place, count, examples }: FindingGroup, when: string, { findings }: VerifiedContext): void {
  findings.add('wrong', `${when} ${count} times ${kind} in ${place}: ${examples.join('; ')}`, count);
}

const intervals = new Map<string, number>();

function intervalOf({ cron, timezone }: Schedule): number {
  const known = intervals.get(cron);
  if (known !== undefined) return known;
  const reading = readCron(cron, timezone);
  if (reading.status !== 'read') throw new Error(reading.problem);
  intervals.set(cron, reading.cron.intervalMs);
  return reading.cron.intervalMs;
}

/** By bucket and measurement, the hours of points of such keys. */
function hoursByPlace(
  keysOf: (tier: Tier | undefined) => ReadonlySet<string>,
): ReadonlyMap<string, ReadonlySet<number>> {
  const hours = new Map<string, Set<number>>();
  for (const tier of [undefined, ...tiers]) {
    for (const key of keysOf(tier)) {
      const name = `${placeOf(tier)} ${key.slice(0, key.indexOf(','))}`;
      const own = hours.get(name) ?? new Set();
      hours.set(name, own.add(hourOf(key)));
    }
  }
  return hours;
}

function hourOf(key: string): number {
  return Math.floor(Number(key.slice(key.lastIndexOf(' ') + 1)) / hourMs);
}

function hoursNamed({ hours }: FindingGroup): readonly number[] {
  return hours.flatMap(({ fromMs, toMs }) =>
    Array.from({ length: (toMs - fromMs) / hourMs }, (_, index) => fromMs / hourMs + index),
  );
}

/** Those of them that the store can know to have points in that are none of its own. */
function knowableHours(
  path: string,
  sink: SimulatedSink,
  log: TruthLog,
  { wallMs }: VerifiedContext,
  endpoint: Endpoint,
): ReadonlySet<number> {
  using store = new StoreReader(path);
  const firstMs = Math.min(...endpoints.map((one) => log.taken(one)[0]?.sample.dueMs ?? Number.POSITIVE_INFINITY));
  const hours = new Set<number>();
  if (endpoints.some((one) => store.deleted(one).length > 0)) return hours;
  for (const key of sink.strangers()) {
    const timeMs = Number(key.slice(key.lastIndexOf(' ') + 1));
    if (key.startsWith(`${endpoint},`) && timeMs >= firstMs && timeMs <= wallMs) hours.add(hourOf(key));
  }
  return hours;
}
