import { openReader } from './check-store.ts';
import { type CronPattern, cronPatterns } from './cron-patterns.ts';
import type { Findings } from './findings.ts';
import type { LivedTime, Span } from './lived-time.ts';
import type { TruthLog } from './truth-log.ts';
import type { Setup } from './watchlist.ts';

export type RoundsContext = { readonly setup: Setup; readonly lived: LivedTime; readonly log: TruthLog };

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
export function checkRounds(path: string, { setup, lived, log }: RoundsContext, findings: Findings): void {
  using database = openReader(path);
  const select = database.connection.prepare(
    `SELECT start_ms AS startMs, due, polled, failed, skipped, cut_off AS cutOff, ended
     FROM round JOIN schedule ON schedule.id = schedule_id
     WHERE app = ? AND endpoint = ? AND cron = ? AND timezone = ? ORDER BY start_ms`,
  );
  for (const [schedule, targets] of Map.groupBy(setup.targets, (one) => one.schedule)) {
    const { app, endpoint, cron, timezone } = schedule;
    const pattern = cronPatterns[cron];
    if (pattern === undefined) throw new Error(`no pattern for ${cron}`);
    const rounds = select.all(app, endpoint, cron, timezone).map(toRound);
    const samples = log.taken(endpoint).filter(({ series }) => series.target.app === app);
    const polled = countByRound(
      rounds,
      samples.map(({ sample }) => sample.dueMs),
    );
    for (const [index, round] of rounds.entries()) {
      const problem = problemOf(round, {
        targets: targets.length,
        polled: polled[index] ?? 0,
        pattern,
        ends: lived.ends,
      });
      if (problem !== undefined) {
        findings.add(
          'wrong',
          `round ${new Date(round.startMs).toISOString()} of ${endpoint} of ${app}: ${problem}: ${JSON.stringify(round)}`,
        );
      }
    }
    checkPresence(new Set(rounds.map(({ startMs }) => startMs)), { ...schedule, pattern }, lived.spans, findings);
  }
}

function problemOf(
  { startMs, due, polled, failed, skipped, cutOff, ended }: StoredRound,
  known: {
    readonly targets: number;
    readonly polled: number;
    readonly pattern: CronPattern;
    readonly ends: readonly Span[];
  },
): string | undefined {
  if (due > known.targets) return `${known.targets} targets`;
  if (polled !== known.polled) return `${known.polled} samples`;
  if (cutOff < 0 || polled + failed + skipped > due) return 'more polled than due';
  const { intervalMs } = known.pattern;
  const mayBeCut = known.ends.some(
    ({ fromMs, toMs }) => startMs <= toMs + commitMs && startMs + 2 * intervalMs + longestPollMs >= fromMs,
  );
  if ((cutOff > 0 || ended === 0) && !mayBeCut) return 'cut off, and no life has ended in it';
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
  spans: readonly Span[],
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
