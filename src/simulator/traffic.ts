import type { Endpoint } from '../model/target.ts';
import { SlidingSecond } from './sliding-second.ts';

/** Requests in any sliding second; `app` is over both endpoints, and there is none by default. */
export type Limits = { readonly [endpoint in Endpoint]: number } & { readonly app: number };

/** Source: the reference pages of both commands. */
export const documentedLimits: Limits = { room_stats: 100, gift_count: 200, app: Number.POSITIVE_INFINITY };

export type EndpointReport = {
  /** Infinity, null in JSON, where there is none. */
  readonly limit: number;
  /** All that arrived in this app's name, whatever became of them. */
  readonly requests: number;
  /** Refused with 60007 or 60011 because of a limit; not those that a fault refused. */
  readonly limited: number;
  /** Whole answers by ErrorCode, those of the fault `code` among them. */
  readonly byCode: Readonly<Record<string, number>>;
  /** Answers broken on purpose, by kind of fault. */
  readonly byFault: Readonly<Record<string, number>>;
  /** The most arrivals that certainly lay in one sliding 1000 ms, however late the simulator itself was in reading them. */
  readonly worstSlidingSecond: number;
  /** The same by the instants at which they were read, which crowds together what lay unread. */
  readonly worstSlidingSecondAsRead: number;
  /** The longest that an arrival may have lain unread: with one near 1000 the worst second says nothing. */
  readonly longestUnreadMs: number;
  /** Monotonic milliseconds of the simulator's clock. */
  readonly firstArrivalMs: number | undefined;
  readonly lastArrivalMs: number | undefined;
  /** Requests per second between the first and the last arrival; 0 below two. */
  readonly perSecond: number;
  /** `perSecond` as a share of the limit. */
  readonly utilisation: number;
};

export type AppReport = { readonly sdkAppId: number; readonly endpoints: Readonly<Record<Endpoint, EndpointReport>> };

/**
 * The requests of one app, counted in sliding seconds. What is limited are the requests that were let through: one that was
 * refused uses nothing of the limit, so a flood gets exactly the limit. With `refusedCount` it does, and a flood gets nothing
 * more until it has been silent. The worst sliding second counts all arrivals either way.
 * Of a request two instants are given: it has arrived at `atMs`, and had not at `notBeforeMs`. Nothing is refused or counted
 * on the strength of what lies between them.
 */
export class AppTraffic {
  readonly #limits: Limits;
  readonly #refusedCount: boolean;
  readonly #admitted = new SlidingSecond();
  readonly #lanes: Readonly<Record<Endpoint, Lane>>;

  constructor(limits: Limits, refusedCount: boolean) {
    this.#limits = limits;
    this.#refusedCount = refusedCount;
    this.#lanes = { room_stats: createLane(), gift_count: createLane() };
  }

  arrive(endpoint: Endpoint, atMs: number, notBeforeMs = atMs): void {
    const lane = this.#lanes[endpoint];
    lane.requests++;
    lane.firstArrivalMs ??= atMs;
    lane.lastArrivalMs = Math.max(lane.lastArrivalMs ?? atMs, atMs);
    lane.longestUnreadMs = Math.max(lane.longestUnreadMs, atMs - notBeforeMs);
    lane.arrivals.add(atMs, notBeforeMs);
    lane.arrivalsAsRead.add(atMs);
  }

  /** 0, or the code of the limit that the request exceeds. `eaten` of the endpoint's limit are used by another program. */
  admit(endpoint: Endpoint, atMs: number, eaten: number, notBeforeMs = atMs): 0 | 60007 | 60011 {
    const lane = this.#lanes[endpoint];
    const overEndpoint = lane.admitted.countAt(atMs) >= this.#limits[endpoint] - eaten;
    const overApp = this.#admitted.countAt(atMs) >= this.#limits.app;
    const isRefused = overEndpoint || overApp;
    if (isRefused) lane.limited++;
    if (!isRefused || this.#refusedCount) {
      lane.admitted.add(atMs, notBeforeMs);
      this.#admitted.add(atMs, notBeforeMs);
    }
    return overEndpoint ? 60007 : overApp ? 60011 : 0;
  }

  /** `fault` is the kind of the fault that broke the answer, if one did. */
  answer(endpoint: Endpoint, code: number, fault: string | undefined): void {
    const lane = this.#lanes[endpoint];
    if (fault !== undefined) count(lane.byFault, fault);
    if (fault === undefined || fault === 'code') count(lane.byCode, String(code));
  }

  report(sdkAppId: number): AppReport {
    const { room_stats, gift_count } = this.#lanes;
    return {
      sdkAppId,
      endpoints: {
        room_stats: reportLane(room_stats, this.#limits.room_stats),
        gift_count: reportLane(gift_count, this.#limits.gift_count),
      },
    };
  }
}

/** Adds one to what a table of counts holds under the name. */
export function count(table: Map<string, number>, name: string): void {
  table.set(name, (table.get(name) ?? 0) + 1);
}

type Lane = {
  requests: number;
  limited: number;
  firstArrivalMs: number | undefined;
  lastArrivalMs: number | undefined;
  readonly byCode: Map<string, number>;
  readonly byFault: Map<string, number>;
  longestUnreadMs: number;
  readonly arrivals: SlidingSecond;
  readonly arrivalsAsRead: SlidingSecond;
  readonly admitted: SlidingSecond;
};

function createLane(): Lane {
  return {
    requests: 0,
    limited: 0,
    firstArrivalMs: undefined,
    lastArrivalMs: undefined,
    byCode: new Map(),
    byFault: new Map(),
    longestUnreadMs: 0,
    arrivals: new SlidingSecond(),
    arrivalsAsRead: new SlidingSecond(),
    admitted: new SlidingSecond(),
  };
}

function reportLane(lane: Lane, limit: number): EndpointReport {
  const { requests, limited, firstArrivalMs, lastArrivalMs } = lane;
  const seconds = ((lastArrivalMs ?? 0) - (firstArrivalMs ?? 0)) / 1000;
  const perSecond = seconds > 0 ? (requests - 1) / seconds : 0;
  return {
    limit,
    requests,
    limited,
    byCode: Object.fromEntries(lane.byCode),
    byFault: Object.fromEntries(lane.byFault),
    worstSlidingSecond: lane.arrivals.worst,
    worstSlidingSecondAsRead: lane.arrivalsAsRead.worst,
    longestUnreadMs: lane.longestUnreadMs,
    firstArrivalMs,
    lastArrivalMs,
    perSecond,
    utilisation: perSecond / limit,
  };
}
