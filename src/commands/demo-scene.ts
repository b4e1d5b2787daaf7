import type { Collector } from '../collector.ts';
import type { Clock } from '../model/clock.ts';
import { counters } from '../model/measurement.ts';
import type { Sample } from '../model/sample.ts';
import type { Series } from '../model/target.ts';
import type { EndpointFigures } from './live-endpoints.ts';
import type { LiveFigures, RoomFigures } from './live-table.ts';

const minuteMs = 60_000;
/** A room without a sample for this long has most likely ended its show. */
const quietMs = 15_000;
/** Requests per second are counted over this long. */
const rateWindowMs = 5_000;

type Growth = { readonly atMs: number; readonly coins: number; readonly entries: number };

/** What the collector's samples add up to on the screen. */
export class DemoScene {
  readonly #clock: Clock;
  readonly #beganMs: number;
  readonly #growths: Map<string, Growth[]>;
  readonly #started = new Map<string, { readonly atMs: number; readonly count: number }[]>();
  readonly #coins = deltaIndex('gift_coins_delta');
  readonly #entries = deltaIndex('viewers_delta');

  constructor(roomIds: readonly string[], clock: Clock) {
    this.#clock = clock;
    this.#beganMs = clock.monotonicMs();
    this.#growths = new Map(roomIds.map((roomId) => [roomId, []]));
  }

  take({ target }: Series, { deltas }: Sample): void {
    if (target.endpoint !== 'room_stats') return;
    const growth = {
      atMs: this.#clock.monotonicMs(),
      coins: deltas[this.#coins] ?? 0,
      entries: deltas[this.#entries] ?? 0,
    };
    this.#growths.get(target.roomId)?.push(growth);
  }

  get elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#beganMs;
  }

  async figures(collector: Collector, storePath: string): Promise<LiveFigures> {
    const { committed, sizeBytes } = await collector.status();
    return {
      elapsedMs: this.elapsedMs,
      rooms: [...this.#growths].map(([roomId, growths]) => this.#roomFigures(roomId, growths)),
      endpoints: this.#endpointFigures(collector),
      storePath,
      storeSizeBytes: sizeBytes,
      committed: committed.room_stats + committed.gift_count,
      metricsUrl: `${collector.url}/metrics`,
    };
  }

  #roomFigures(roomId: string, growths: Growth[]): RoomFigures {
    const nowMs = this.#clock.monotonicMs();
    while (growths.length > 1 && (growths[0]?.atMs ?? 0) < nowMs - minuteMs) growths.shift();
    const minutes = Math.max(rateWindowMs, Math.min(minuteMs, this.elapsedMs)) / minuteMs;
    const sum = (part: 'coins' | 'entries') => growths.reduce((total, growth) => total + growth[part], 0) / minutes;
    const isQuiet = (growths.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) < nowMs - quietMs;
    return { roomId, coinsPerMinute: sum('coins'), entriesPerMinute: sum('entries'), gone: isQuiet };
  }

  #endpointFigures(collector: Collector): readonly EndpointFigures[] {
    return collector.endpoints.map(({ app, endpoint, limiter, ...watch }) => ({
      ...watch,
      name: endpoint,
      requestsPerSecond: this.#rateOf(`${app} ${endpoint}`, limiter.started),
      limit: limiter.limitPerSecond,
      waiting: limiter.waiting,
    }));
  }

  #rateOf(key: string, count: number): number {
    const nowMs = this.#clock.monotonicMs();
    const readings = this.#started.get(key) ?? [{ atMs: this.#beganMs, count: 0 }];
    this.#started.set(key, readings);
    readings.push({ atMs: nowMs, count });
    while (readings.length > 2 && (readings[0]?.atMs ?? 0) < nowMs - rateWindowMs) readings.shift();
    const oldest = readings[0] ?? { atMs: nowMs, count };
    return nowMs === oldest.atMs ? 0 : (1000 * (count - oldest.count)) / (nowMs - oldest.atMs);
  }
}

function deltaIndex(delta: string): number {
  return counters.room_stats.findIndex((counter) => counter.delta === delta);
}
