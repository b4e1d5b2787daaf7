/**
 * When the next request may start. Times are milliseconds of the monotonic clock.
 *
 * Two rules. The law: no window of a second, widened by what may differ between two requests on their way to the server,
 * holds more departures than the limit. A request departs at its start or, where a connection must be made first, some time
 * later. A log has the last requests in the order of their starts, and a start waits until the request that was so many
 * before it as the limit says has departed long enough ago. The pace: starts are a little further apart than the limit asks,
 * so that the law seldom has to hold one back; what a late timer missed is caught up.
 */
export type Pace = {
  /** The earliest time for the next start; it may be in the past. Infinity while another request must depart first. */
  nextStartMs(): number;
  /** When a request would start that has so many ahead of it, at the rate of now; while probing only the first has a time. */
  estimatedStartMs(ahead: number): number;
  /** A request starts now. Whoever starts it says once when it departed: with its start when it never did. */
  started(nowMs: number): (departedMs: number) => void;
  /** Nothing starts before the instant. A later pause counts, an earlier one changes nothing. */
  pauseUntil(untilMs: number): void;
  /** Halves the rate; from the end of the pause on it comes back by 5 % of the full pace a second. */
  slowDown(nowMs: number): void;
  /** One start after each gap, until `resume`; `gapMs` is asked after every start. */
  probe(nowMs: number, gapMs: () => number): void;
  resume(nowMs: number): void;
  /** Starts a second at this moment; 0 in a pause and while probing. */
  rate(nowMs: number): number;
};

/** Of the limit. What a watchlist may ask for is 95 %; what the law gives at most is 98 %. */
const paceShare = 0.97;
/** The network may delay one request by 15 ms more than another; 5 ms are for the way from here to the socket. */
const windowMs = 1000 + 15 + 5;
/** What is missed beyond this is not caught up. Targets are called out in steps of half a second. */
const catchUpMs = 500;
/** A timer is good to a millisecond: a start this much early saves another one. */
const timerSlackMs = 0.5;
const recoveryStep = 0.05;
const recoveryStepMs = 1000;
const leastShare = 0.05;
const notDeparted = Number.POSITIVE_INFINITY;

/** The second before counts as used: a process that was killed a moment ago may have used it. */
export function createPace(limitPerSecond: number, nowMs: number): Pace {
  /** A ring: the place of the oldest start is where the next goes. */
  const log = new Float64Array(limitPerSecond).fill(nowMs);
  let oldest = 0;
  let paceMs = nowMs + windowMs;
  let pausedUntilMs = nowMs;
  let slowed = { share: 1, sinceMs: nowMs };
  let probeGapMs: (() => number) | undefined;

  /** Of the full pace. */
  function share(atMs: number): number {
    const steps = Math.floor(Math.max(0, atMs - slowed.sinceMs) / recoveryStepMs);
    return Math.min(1, slowed.share + steps * recoveryStep);
  }

  const rateAt = (atMs: number) => limitPerSecond * paceShare * share(atMs);

  const lawfulStartMs = () => (log[oldest] ?? 0) + windowMs;
  const pacedStartMs = () => Math.max(pausedUntilMs, paceMs - timerSlackMs);

  return {
    nextStartMs: () => Math.max(lawfulStartMs(), pacedStartMs()),
    estimatedStartMs: (ahead) => {
      const lawfulMs = lawfulStartMs();
      // Nobody knows how long a connection takes: mostly less than what else there is to wait for.
      const nextMs = lawfulMs === notDeparted ? pacedStartMs() : Math.max(lawfulMs, pacedStartMs());
      if (ahead === 0) return nextMs;
      return probeGapMs === undefined ? nextMs + (ahead * 1000) / rateAt(nextMs) : Number.POSITIVE_INFINITY;
    },
    started: (atMs) => {
      const place = oldest;
      log[place] = notDeparted;
      oldest = (oldest + 1) % limitPerSecond;
      const gapMs = probeGapMs?.() ?? 1000 / rateAt(atMs);
      paceMs = Math.max(paceMs, atMs - catchUpMs) + gapMs;
      return (departedMs) => {
        log[place] = departedMs;
      };
    },
    pauseUntil: (untilMs) => {
      pausedUntilMs = Math.max(pausedUntilMs, untilMs);
      // What a pause holds up is not caught up.
      paceMs = Math.max(paceMs, untilMs);
    },
    slowDown: (atMs) => {
      slowed = { share: Math.max(leastShare, share(atMs) / 2), sinceMs: Math.max(atMs, pausedUntilMs) };
    },
    probe: (atMs, gapMs) => {
      probeGapMs = gapMs;
      paceMs = atMs + gapMs();
    },
    resume: (atMs) => {
      probeGapMs = undefined;
      paceMs = atMs;
    },
    rate: (atMs) => (atMs < pausedUntilMs || probeGapMs !== undefined ? 0 : rateAt(atMs)),
  };
}
