import { crc32 } from 'node:zlib';
import { sessionMeasurement } from '../../../src/model/measurement.ts';
import type { Point } from '../../../src/model/point.ts';
import { tierPlace } from '../../../src/model/tier-place.ts';
import type { Tier } from '../../../src/model/window.ts';
import { hash } from '../../../src/simulator/chance.ts';
import type { InfluxdbOptions } from '../../../src/sink/influxdb.ts';
import type { Sink, WriteOutcome } from '../../../src/sink/sink.ts';
import type { VirtualClock } from '../../virtual-clock.ts';
import { createDraws, type Draws } from './draws.ts';
import type { MortalProcess } from './mortal-process.ts';
import type { Scenario } from './scenario.ts';
import { bucketName } from './watchlist.ts';
import { createWeather, type Weather } from './weather.ts';

const troubles = [
  'refuses',
  'denies',
  'lacks',
  'black_hole',
  'answer_lost',
  'part_stored',
  'late',
  'slow',
  'slow',
] as const;
type Trouble = (typeof troubles)[number];

/**
 * A time-series database: for each bucket a map from what makes a point the same to its fields. It outlives every process
 * that writes to it.
 */
export class SimulatedSink {
  readonly #buckets = new Map<string, Bucket>();
  /** By bucket, keys of points that the store has written and does not know of any more, or not with these values. */
  readonly #strangers = new Map<Bucket, Set<string>>();
  /** By bucket, keys of points that keep fields of what they were before: it was none of the store's, and had more. */
  readonly #mixed = new Map<Bucket, Set<string>>();
  /** Points that were written again with other values. Sessions may be: one that goes on after it was closed has more. */
  changed = 0;
  readonly #scenario: Scenario;
  readonly #clock: VirtualClock;
  readonly #draws: Draws;
  readonly #weather: Weather<Trouble>;

  constructor(scenario: Scenario, clock: VirtualClock) {
    this.#scenario = scenario;
    this.#clock = clock;
    this.#draws = createDraws(scenario.seed, 'sink');
    this.#weather = createWeather(this.#draws, scenario.sink.faults ? troubles : []);
  }

  /** Samples become no older than this. */
  get keepMs(): number {
    return this.#scenario.sink.keepMs;
  }

  clearUp(): void {
    this.#weather.clearUp();
  }

  /** Of all points and their values, nearly. */
  fingerprint(): number {
    let sum = 0;
    for (const points of this.#buckets.values()) {
      for (const [key, fields] of points) {
        sum = mixed(sum, key.length);
        for (const [, value] of fields) sum = mixed(sum, value);
      }
    }
    return sum;
  }

  /** What the bucket of the samples holds, or that of a tier. */
  points(tier?: Tier): ReadonlyMap<string, Point['fields']> {
    return this.#bucketOf(tier);
  }

  /** The store went on from a copy of itself: of points that are none of these it does not know, and may write them anew. */
  disown(tier: Tier | undefined, known: ReadonlyMap<string, Point['fields']>): void {
    const bucket = this.#bucketOf(tier);
    const strangers = [...bucket].filter(([key, fields]) => !haveSameFields(fields, known.get(key) ?? []));
    this.#strangers.set(bucket, new Set(strangers.map(([key]) => key)));
  }

  /** Those of them that have not been written since. */
  strangers(tier?: Tier): ReadonlySet<string> {
    return this.#strangers.get(this.#bucketOf(tier)) ?? new Set();
  }

  /** Those that were written since over one with more fields: a database keeps the fields of both. */
  mixed(tier?: Tier): ReadonlySet<string> {
    return this.#mixed.get(this.#bucketOf(tier)) ?? new Set();
  }

  #bucketOf(tier: Tier | undefined): Bucket {
    return this.#bucket(placeOf(tier));
  }

  #bucket(name: string): Bucket {
    const found: Bucket = this.#buckets.get(name) ?? new Map();
    this.#buckets.set(name, found);
    return found;
  }

  /** Never to be stored, whenever it is written. */
  isPoisoned(key: string): boolean {
    const { poisonOneIn } = this.#scenario.sink;
    return poisonOneIn > 0 && hash(crc32(key), this.#scenario.seed) % poisonOneIn === 0;
  }

  /** What the sink is to a process. */
  connect({ name, api }: InfluxdbOptions, process: MortalProcess): Sink {
    const bucket = this.#bucket(api.version === 2 ? api.bucket : api.database);
    return {
      name,
      write: (points, signal) => this.#write([...points], signal, { process, bucket }),
      probe: async () => ({ status: 'ready' }),
      close: () => {},
    };
  }

  #write(points: readonly Point[], signal: AbortSignal, { process, bucket }: Connection): Promise<WriteOutcome> {
    const { promise, resolve } = Promise.withResolvers<WriteOutcome>();
    if (!process.step()) return promise;
    const answerIn = (delayMs: number, outcome: WriteOutcome) => process.clock.after(delayMs, () => end(outcome));
    const end = (outcome: WriteOutcome) => {
      signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    const onAbort = () => end({ status: 'unavailable', reason: String(signal.reason), retryAfterMs: undefined });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return promise;

    const draws = this.#draws;
    const trouble = this.#weather.at(this.#clock.monotonicMs());
    const workMs = draws.logBetween(5, 100);
    switch (trouble) {
      case undefined:
        answerIn(workMs, this.#store(points, bucket));
        break;
      case 'slow':
        answerIn(draws.between(1_000, 15_000), this.#store(points, bucket));
        break;
      case 'refuses':
        answerIn(workMs, unavailable(draws.pick([undefined, undefined, 1_000, 30_000, 300_000])));
        break;
      case 'denies':
        answerIn(workMs, { status: 'denied', reason: 'HTTP 401', remedy: 'give it a token' });
        break;
      case 'lacks':
        answerIn(workMs, { status: 'missing', reason: 'HTTP 404', remedy: 'create the bucket' });
        break;
      case 'black_hole':
        break;
      case 'answer_lost':
        this.#store(points, bucket);
        if (draws.oneIn(2)) answerIn(workMs, unavailable(undefined));
        break;
      case 'part_stored':
        this.#store(points.slice(0, draws.below(points.length)), bucket);
        answerIn(workMs, unavailable(undefined));
        break;
      case 'late':
        // Given up by the client, on its way all the same, and there after the client has tried again or is no more.
        this.#clock.after(draws.between(100, 60_000), () => this.#store(points, bucket));
        break;
      default:
        return trouble satisfies never;
    }
    return promise;
  }

  #store(points: readonly Point[], bucket: Bucket): WriteOutcome {
    const { keepMs, maxPoints } = this.#scenario.sink;
    if (points.length > maxPoints) return { status: 'too_large', reason: 'HTTP 413' };
    // Retention is that of the samples' bucket: tiers are kept for years.
    const forgets = bucket === this.points();
    const oldestMs = forgets ? this.#scenario.startMs + this.#clock.monotonicMs() - keepMs : Number.NEGATIVE_INFINITY;
    const fresh = points.filter(({ timeMs }) => timeMs >= oldestMs);
    const good = fresh.filter((point) => !this.isPoisoned(pointKey(point)));
    const bad = fresh.length - good.length;
    const refusal = { status: 'refused', reason: 'a field type conflict' } as const;
    // Some servers store none of a batch with a bad point in it, and some do not say how many they have dropped.
    if (bad > 0 && this.#draws.oneIn(3)) return { ...refusal, dropped: undefined };
    for (const point of good) this.#put(pointKey(point), point, bucket);
    const dropped = this.#draws.oneIn(2) ? points.length - good.length : undefined;
    if (bad > 0) return { ...refusal, dropped };
    if (fresh.length < points.length) return { status: 'too_old', reason: 'points beyond retention policy', dropped };
    return { status: 'written' };
  }

  #put(key: string, { measurement, fields }: Point, bucket: Bucket): void {
    const isStranger = this.#strangers.get(bucket)?.delete(key) === true;
    const mixed = this.#mixed.get(bucket) ?? new Set();
    const before = bucket.get(key) ?? [];
    const isMixed = isStranger || mixed.has(key);
    const left = isMixed ? before.filter(([name]) => fields.every(([own]) => own !== name)) : [];
    if (left.length > 0) this.#mixed.set(bucket, mixed.add(key));
    const isChanged = !isMixed && before.length > 0 && !haveSameFields(before, fields);
    if (isChanged && measurement !== sessionMeasurement) this.changed++;
    bucket.set(key, left.length > 0 ? [...fields, ...left] : fields);
  }
}

type Bucket = Map<string, Point['fields']>;
type Connection = { readonly process: MortalProcess; readonly bucket: Bucket };

/** The bucket of the samples, or of a tier. */
export function placeOf(tier: Tier | undefined): string {
  return tier === undefined ? bucketName : tierPlace(bucketName, tier);
}

/** What makes two points the same to the database. */
export function pointKey({ measurement, tags, timeMs }: Point): string {
  let key = measurement;
  for (const [name, value] of tags) key += `,${name}=${value}`;
  return `${key} ${timeMs}`;
}

export function haveSameFields(one: Point['fields'], other: Point['fields']): boolean {
  return (
    one.length === other.length &&
    one.every(([name, value], index) => other[index]?.[0] === name && other[index]?.[1] === value)
  );
}

function unavailable(retryAfterMs: number | undefined): WriteOutcome {
  return { status: 'unavailable', reason: 'HTTP 503', retryAfterMs };
}

function mixed(sum: number, value: number): number {
  return (Math.imul(sum, 31) + (value % 0x7fffffff)) | 0;
}
