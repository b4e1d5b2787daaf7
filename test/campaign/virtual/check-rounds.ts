import type { Schedule } from '../../../src/model/round.ts';
import { endpoints } from '../../../src/model/target.ts';
import { openReader } from './check-store.ts';
import { type CronPattern, cronPatterns } from './cron-patterns.ts';
import type { Findings } from './findings.ts';
import type { LivedSpan, LivedTime, Span } from './lived-time.ts';
import type { TruthLog } from './truth-log.ts';
import type { Setup } from './watchlist.ts';

export type RoundsContext = {
  readonly setup: Setup;
  /** Every one that was configured in some life. */
  readonly schedules: readonly Schedule[];
  /** The same targets in every life. */
  readonly isSteady: boolean;
  readonly lived: LivedTime;
  readonly log: TruthLog;
};

type StoredRound = {
  readonly startMs: number;
  readonly due: number;
  readonly polled: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cutOff: number;
  readonly ended: number;
};

/** A group is on the disk this long after its round has begun, at the latest. */
const commitMs = 1_000;
/** The longest time-out, and what a poll may be late. */
const longestPollMs = 30_000;

/** Each round is there, and due = polled + failed + skipped + cut off, with as many polled as there are samples of it. */
export function checkRounds(path: string, context: RoundsContext, findings: Findings): void {
  const { setup, schedules, isSteady, lived, log } = context;
  using database = openReader(path);
  const select = database.connection.prepare(
    `SELECT start_ms AS startMs, due, polled, failed, skipped, cut_off AS cutOff, ended
     FROM round JOIN schedule ON schedule.id = schedule_id
     WHERE app = ? AND endpoint = ? AND cron = ? AND timezone = ? ORDER BY start_ms`,
  );
  const dueOf = dueBySchedule(log, findings);
  for (const [key, schedule] of new Map(schedules.map((one) => [scheduleKey(one), one]))) {
    const { app, endpoint, cron, timezone } = schedule;
    const pattern = cronPatterns[cron];
    if (pattern === undefined) throw new Error(`no pattern for ${cron}`);
    const targets = setup.targets.filter(({ target }) => target.app === app && target.endpoint === endpoint).length;
    const rounds = select.all(app, endpoint, cron, timezone).map(toRound);
    const polled = countByRound(rounds, dueOf.get(key) ?? []);
    for (const [index, round] of rounds.entries()) {
      const problem = problemOf(round, {
        ...{ targets, isSteady, polled: polled[index] ?? 0 },
        ...{ pattern, ends: lived.ends },
      });
      if (problem !== undefined) {
        findings.add(
          'wrong',
          `round ${new Date(round.startMs).toISOString()} of ${endpoint} of ${app}: ${problem}: ${JSON.stringify(round)}`,
        );
      }
    }
    const spans = lived.spans.filter((span) => span.schedules.some((one) => scheduleKey(one) === key));
    checkPresence(new Set(rounds.map(({ startMs }) => startMs)), { ...schedule, pattern }, spans, findings);
  }
}

function scheduleKey({ app, endpoint, cron, timezone }: Schedule): string {
  return [app, endpoint, cron, timezone].join('\n');
}

/** When the samples of each schedule were due. */
function dueBySchedule(log: TruthLog, findings: Findings): ReadonlyMap<string, readonly number[]> {
  const bySchedule = new Map<Schedule | undefined, number[]>();
  for (const endpoint of endpoints) {
    for (const { schedule, sample } of log.taken(endpoint)) {
      const own = bySchedule.get(schedule);
      if (own === undefined) bySchedule.set(schedule, [sample.dueMs]);
      else own.push(sample.dueMs);
    }
  }
  const byKey = new Map<string, number[]>();
  for (const [schedule, due] of bySchedule) {
    if (schedule === undefined) findings.add('wrong', `${due.length} samples are of targets that nobody watched`);
    else byKey.set(scheduleKey(schedule), [...(byKey.get(scheduleKey(schedule)) ?? []), ...due]);
  }
  return byKey;
}

function problemOf(
  { startMs, due, polled, failed, skipped, cutOff, ended }: StoredRound,
  known: {
    readonly targets: number;
    readonly isSteady: boolean;
    readonly polled: number;
    readonly pattern: CronPattern;
    readonly ends: readonly Span[];
  },
): string | undefined {
  if (polled !== known.polled) return `${known.polled} samples`;
  if (cutOff < 0 || polled + failed + skipped > due) return 'more polled than due';
  const { intervalMs } = known.pattern;
  const reaches = ({ fromMs, toMs }: Span) =>
    startMs <= toMs + commitMs && startMs + 2 * intervalMs + longestPollMs >= fromMs;
  const mayBeCut = known.ends.some(reaches);
  // A life that goes on with a round of the one before has slots of its own, where it has another watchlist.
  if (due > known.targets && (known.isSteady || !mayBeCut)) return `${known.targets} targets`;
  // A start ends what the lives before it have left open.
  if (ended === 0 && !known.ends.slice(-1).some(reaches)) return 'still open';
  if (cutOff > 0 && !mayBeCut) return 'cut off, and no life has ended in it';
  return undefined;
}

/** How many of the instants lie in each round: from its start to before the next. */
function countByRound(rounds: readonly StoredRound[], dueMs: readonly number[]): Uint32Array {
  const starts = Float64Array.from(rounds, ({ startMs }) => startMs);
  const counts = new Uint32Array(rounds.length);
  for (const instant of dueMs) {
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= instant) low = middle + 1;
      else high = middle;
    }
    if (low > 0) counts[low - 1] = (counts[low - 1] ?? 0) + 1;
  }
  return counts;
}

type Expected = {
  readonly pattern: CronPattern;
  readonly timezone: string;
  readonly app: string;
  readonly endpoint: string;
};

/** Every instant of the expression that a collector lived through has begun a round. */
function checkPresence(
  starts: ReadonlySet<number>,
  expected: Expected,
  spans: readonly LivedSpan[],
  findings: Findings,
): void {
  const { pattern, timezone, app, endpoint } = expected;
  const isOpen = pattern.inZone(timezone);
  // Older ones may have been deleted with their samples.
  const oldestMs = Math.min(...starts);
  for (const { fromMs, toMs } of spans) {
    const first = Math.floor(Math.max(fromMs, oldestMs) / pattern.intervalMs + 1) * pattern.intervalMs;
    for (let startMs = first; startMs <= toMs - commitMs; startMs += pattern.intervalMs) {
      if (isOpen(startMs) === starts.has(startMs)) continue;
      const words = starts.has(startMs) ? 'a round that the expression does not have' : 'no round';
      findings.add('wrong', `${words} at ${new Date(startMs).toISOString()} of ${endpoint} of ${app}`);
    }
  }
}

function toRound(row: Record<string, unknown>): StoredRound {
  const of = (name: string) => Number(row[name]);
  return {
    startMs: of('startMs'),
    due: of('due'),
    polled: of('polled'),
    failed: of('failed'),
    skipped: of('skipped'),
    cutOff: of('cutOff'),
    ended: of('ended'),
  };
}
