import type { Clock } from './model/clock.ts';
import { counted } from './model/figures.ts';
import { describeOutcome, type Outcome, outcomeStatuses } from './model/outcome.ts';
import type { Schedule } from './model/round.ts';
import { describeTarget, type Endpoint, type Series } from './model/target.ts';
import type { LimitEvents, PollEvents } from './poll/poll-events.ts';
import type { RateLimiter } from './poll/rate-limiter.ts';
import { createStorageHealth, type StorageHealth } from './storage-health.ts';
import type { Tallied } from './tally/tally.ts';
import type { Log } from './telemetry/log.ts';
import type { Metrics } from './telemetry/metrics.ts';
import { createRareLog, type RareLog } from './telemetry/rare-log.ts';

export type HealthOptions = { readonly metrics: Metrics; readonly log: Log; readonly clock: Clock };

/** Failed polls in a row, over all targets of an endpoint, before that is an event of its own. */
const failuresToTell = 20;

/** Turns what happens into metrics, and into a line of the log where an operator would act on it. */
export class Health {
  readonly storage: StorageHealth;
  readonly #metrics: Metrics;
  readonly #log: Log;
  readonly #logRarely: RareLog;
  readonly #failuresInARow = new Map<string, number>();
  readonly #unanswerable = new Set<Series>();
  readonly #targets = new Map<string, number>();
  readonly #begunOnce = new Set<Schedule>();
  readonly #hasToldMissing = new Set<string>();
  readonly #gone = new Map<string, Set<Series>>();

  constructor({ metrics, log, clock }: HealthOptions) {
    this.#metrics = metrics;
    this.#log = log;
    this.#logRarely = createRareLog(log, clock);
    this.storage = createStorageHealth({ metrics, log, logRarely: this.#logRarely });
  }

  /** Once for each schedule. Makes every counter appear at 0: of a series that begins with its first event, `rate` sees none. */
  begin({ app, endpoint }: Schedule, targets: number): void {
    const labels = { app, endpoint };
    const ofAllSchedules = (this.#targets.get(keyOf(labels)) ?? 0) + targets;
    this.#targets.set(keyOf(labels), ofAllSchedules);
    this.#metrics.set('livetally_targets', labels, ofAllSchedules);
    for (const outcome of outcomeStatuses) {
      this.#metrics.count('livetally_polls_total', { ...labels, outcome }, 0);
    }
    for (const reason of ['throttled', 'locked_out', 'refused']) {
      this.#metrics.count('livetally_pauses_total', { ...labels, reason }, 0);
    }
    for (const reason of ['in_flight', 'store_behind', 'late']) {
      this.#metrics.count('livetally_polls_skipped_total', { ...labels, reason }, 0);
    }
    this.#metrics.count('livetally_sessions_began_total', labels, 0);
    this.#metrics.count('livetally_regressions_total', labels, 0);
  }

  /** Told once, when the first round of a schedule is over: a mistyped room looks like one that is not on air. */
  #tellMissing({ app, endpoint }: Schedule): void {
    const labels = { app, endpoint };
    const key = keyOf(labels);
    if (this.#hasToldMissing.has(key)) return;
    const missing = this.#goneOf(labels);
    this.#hasToldMissing.add(key);
    if (missing.size === 0) return;
    const names = [...missing].slice(0, 5).map(({ target }) => target.roomId);
    this.#log.info(
      `${counted(missing.size, 'target')} of rooms that do not exist at the moment, such as ${names.join(', ')}`,
      labels,
    );
  }

  readonly polling: Omit<PollEvents, 'roundPassed' | 'pollEnded'> = {
    roundBegun: ({ schedule }, { total, remaining }) => {
      if (this.#begunOnce.has(schedule)) this.#tellMissing(schedule);
      // A round that was joined in the middle has not asked everybody.
      if (remaining === total) this.#begunOnce.add(schedule);
      this.#metrics.count('livetally_polls_due_total', labelsOf(schedule), remaining);
    },
    skipped: ({ schedule }, count, reason) => {
      this.#metrics.count('livetally_polls_skipped_total', { ...labelsOf(schedule), reason }, count);
      if (reason !== 'store_behind') return;
      const words = 'polls are skipped and counted: the store takes so little that memory holds all that it may';
      this.#logRarely(`${keyOf(schedule)} store_behind`, words, labelsOf(schedule));
    },
    requestStarted: (schedule, latenessMs, attempt) => {
      const labels = labelsOf(schedule);
      this.#metrics.count('livetally_requests_total', labels);
      if (attempt === 1) this.#metrics.observe('livetally_poll_lateness_seconds', labels, latenessMs / 1000);
    },
    requestEnded: (schedule, _outcome, latencyMs) => {
      this.#metrics.observe('livetally_request_duration_seconds', labelsOf(schedule), latencyMs / 1000);
    },
  };

  pollEnded(schedule: Schedule, series: Series, outcome: Outcome): void {
    const labels = labelsOf(schedule);
    this.#metrics.count('livetally_polls_total', { ...labels, outcome: outcome.status });
    this.#noteTarget(labels, series, outcome);
    this.#noteFailures(labels, outcome);
  }

  /** What is wrong with one target is told once, until it answers. */
  #noteTarget(labels: EndpointLabels, series: Series, outcome: Outcome): void {
    const fields = { ...labels, outcome: outcome.status };
    const words = () => `${describeTarget(series.target)}: ${describeOutcome(outcome)}`;
    switch (outcome.status) {
      case 'answered':
        this.#unanswerable.delete(series);
        this.#goneOf(labels).delete(series);
        return;
      case 'gone':
        this.#goneOf(labels).add(series);
        return;
      case 'bad_target':
        if (this.#unanswerable.has(series)) return;
        this.#unanswerable.add(series);
        this.#logRarely(`${keyOf(labels)} bad_target`, `${words()}${this.#amongOthers()}`, fields);
        return;
      case 'unknown_code':
      case 'bad_answer':
        this.#logRarely(`${keyOf(labels)} ${outcome.status}`, words(), fields);
        return;
      default:
        return;
    }
  }

  #amongOthers(): string {
    const targets = this.#unanswerable.size;
    return targets > 1 ? ` (one of ${targets} targets that cannot be answered)` : '';
  }

  #noteFailures(labels: EndpointLabels, outcome: Outcome): void {
    const key = keyOf(labels);
    const before = this.#failuresInARow.get(key) ?? 0;
    // What the limits held back says nothing of its own: the pause was told.
    if (outcome.status === 'cancelled' || outcome.status === 'expired') return;
    if (outcome.status === 'answered' || outcome.status === 'gone') {
      if (before >= failuresToTell) this.#log.info('polls are answered again', labels);
      this.#failuresInARow.set(key, 0);
      return;
    }
    this.#failuresInARow.set(key, before + 1);
    if (before + 1 === failuresToTell) {
      const words = `${failuresToTell} polls in a row have failed; the last: ${describeOutcome(outcome)}`;
      this.#log.error(words, { ...labels, outcome: outcome.status });
    }
  }

  #goneOf(labels: EndpointLabels): Set<Series> {
    const key = keyOf(labels);
    const found = this.#gone.get(key) ?? new Set();
    this.#gone.set(key, found);
    return found;
  }

  /** For the limits of one SDKAppID, told in the name of each app that uses it. */
  limitsOf(apps: readonly string[]): LimitEvents {
    return {
      paused: (endpoint, reason, pauseMs, outcome) => {
        for (const app of apps) this.#metrics.count('livetally_pauses_total', { app, endpoint, reason });
        const words = `${apps.join(', ')} ${endpoint} paused: ${describeOutcome(outcome)}`;
        const seconds = pauseMs === undefined ? undefined : Math.round(pauseMs / 1000);
        this.#logRarely(`${apps.join()} ${endpoint} ${reason}`, words, { endpoint, reason, pause_seconds: seconds });
      },
      resumed: (endpoint) => this.#log.info(`${apps.join(', ')} ${endpoint} answers again`, { endpoint }),
    };
  }

  tallied({ target: { app, endpoint } }: Series, { session, regressions }: Tallied): void {
    const labels = { app, endpoint };
    if (session === 'began') this.#metrics.count('livetally_sessions_began_total', labels);
    if (regressions > 0) this.#metrics.count('livetally_regressions_total', labels, regressions);
  }

  readonly forgotten = ({ target }: Series, problem: string): void => {
    const words = `${describeTarget(target)}: what the store remembers of it cannot be read, so it is met anew: ${problem}`;
    this.#log.error(words, { app: target.app, endpoint: target.endpoint });
  };

  scrapeSignature(app: string, expiresAtMs: number): void {
    this.#metrics.set('livetally_usersig_expiry_timestamp_seconds', { app }, expiresAtMs / 1000);
  }

  scrapeLimiter(app: string, endpoint: Endpoint, limiter: RateLimiter): void {
    const labels = { app, endpoint };
    this.#metrics.set('livetally_rate_limit', labels, limiter.limitPerSecond);
    this.#metrics.set('livetally_rate_allowed', labels, limiter.currentRate);
    this.#metrics.set('livetally_queue_length', labels, limiter.waiting);
    this.#metrics.set('livetally_requests_in_flight', labels, limiter.inFlight);
    this.#metrics.set('livetally_targets_gone', labels, this.#goneOf(labels).size);
  }
}

type EndpointLabels = { readonly app: string; readonly endpoint: Endpoint };

function labelsOf({ app, endpoint }: Schedule): EndpointLabels {
  return { app, endpoint };
}

function keyOf({ app, endpoint }: EndpointLabels): string {
  return `${app} ${endpoint}`;
}
