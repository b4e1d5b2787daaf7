import type { Totals } from '../../../src/model/sample.ts';
import type { Series } from '../../../src/model/target.ts';
import type { Session } from '../../../src/model/window.ts';
import { isInDoubt } from './check-numbers.ts';
import type { Findings } from './findings.ts';
import { peaksOf } from './peaks.ts';
import { keyOf, type TakenSample } from './truth-log.ts';

export type SessionRow = { readonly series: Series; readonly session: Session };

/**
 * Holds the sessions of one endpoint against the answers that the collector was given. What a session came to is read from the
 * totals of those: neither the deltas nor the code that sums them up has a part in it. `rows` are in the order of their ids.
 */
export function checkSessions(
  rows: readonly SessionRow[],
  {
    samples,
    isWhole,
  }: { readonly samples: readonly TakenSample[] /** Nothing was deleted too early. */; readonly isWhole: boolean },
  findings: Findings,
): void {
  // The newest row of a session is what it came to.
  const newest = new Map(rows.map((row) => [sessionKey(row.series, row.session.startMs), row]));
  for (const [key, ofTarget] of Map.groupBy(samples, ({ series }) => keyOf(series.target))) {
    const sessions = [...Map.groupBy(ofTarget, ({ sample }) => sample.sessionMs)];
    for (const [index, [startMs, own]] of sessions.entries()) {
      const row = newest.get(sessionKey(own[0]?.series, startMs));
      newest.delete(sessionKey(own[0]?.series, startMs));
      const nextMs = sessions[index + 1]?.[0];
      const problem = problemOf(row?.session, own, nextMs);
      const name = `session ${new Date(startMs).toISOString()} of ${key.replaceAll('\n', ' ')}`;
      if (isWhole && problem !== undefined) findings.add('wrong', `${name}: ${problem}`);
    }
  }
  const words = [...newest.keys()].slice(0, 3).join('; ').replaceAll('\n', ' ');
  findings.add('doubled', `rows of sessions that have never been: ${words}`, newest.size);
}

/** The series is that of the first sample: labels that change later do not part a session. */
function sessionKey(series: Series | undefined, startMs: number): string {
  return series === undefined ? '' : `${keyOf(series.target)} ${JSON.stringify(series.labels)} ${startMs}`;
}

function problemOf(session: Session | undefined, all: readonly TakenSample[], nextMs: number | undefined) {
  // The last one is written when it is closed, and again when it goes on and is closed again.
  if (session === undefined) return nextMs === undefined ? undefined : 'it has no row';
  const own = nextMs === undefined ? all.slice(0, session.samples) : all;
  const expected = expectedOf(session.startMs, own, nextMs);
  const shown: Readonly<Record<string, unknown>> = session;
  for (const [figure, value] of Object.entries(expected)) {
    if (JSON.stringify(shown[figure]) !== JSON.stringify(value)) {
      return `${figure} ${JSON.stringify(shown[figure])}, not ${JSON.stringify(value)}`;
    }
  }
  return undefined;
}

function expectedOf(startMs: number, own: readonly TakenSample[], nextMs = Number.POSITIVE_INFINITY): Session {
  const samples = own.map(({ sample }) => sample);
  const lastMs = samples.at(-1)?.dueMs ?? startMs;
  const endMs = Math.max(startMs, Math.min(lastMs, nextMs));
  const watchedMs = samples
    .filter(({ inGap }) => !inGap)
    .reduce((sum, { dueMs, gapMs = 0 }) => sum + Math.min(gapMs, dueMs - startMs), 0);
  return {
    ...{ startMs, endMs, samples: samples.length },
    // Samples behind the end, taken while the next session was in doubt, count as samples and as time.
    coveredMs: Math.min(watchedMs, endMs - startMs),
    ...figuresOf(own),
    peaks: peaksOf(samples),
  };
}

/** What was there when the session was met, and the highest that it came to. */
function figuresOf(own: readonly TakenSample[]): Pick<Session, 'totals' | 'openings' | 'isConfirmed'> {
  // One that begins under our eyes counts from zero, and its first sample has deltas.
  const hasBegun = own[0]?.sample.deltas.some((delta) => delta !== undefined) === true;
  let highest: Totals = [];
  let openings: Totals = own[0]?.sample.totals.map(() => undefined) ?? [];
  let isConfirmed = true;
  for (const [index, { sample }] of own.entries()) {
    const { totals, inGap } = sample;
    if (isInDoubt(totals, highest)) continue;
    const before = highest;
    openings = totals.map((total, counter) => openings[counter] ?? (hasBegun && total !== undefined ? 0 : total));
    const hasGrown = totals.some((total = 0, counter) => total > (before[counter] ?? openings[counter] ?? 0));
    if (index > 0 && inGap && hasGrown) isConfirmed = false;
    highest = totals.map((total, counter) =>
      total === undefined ? before[counter] : Math.max(total, before[counter] ?? 0),
    );
  }
  return { totals: highest, openings, isConfirmed };
}
