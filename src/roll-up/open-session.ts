import { isDeepFall } from '../model/deep-fall.ts';
import type { Sample } from '../model/sample.ts';
import type { Session } from '../model/window.ts';
import { addToMinute, addUp, type Counts, type Minute, nothingOf, raisePeaks } from './minute.ts';

/** The latest session of a target. It is kept when it was written, because it may still go on. */
export type OpenSession = {
  /** Of its first sample. */
  readonly seriesId: number;
  readonly startMs: number;
  /** Due instant of the last sample; before the first, the start. */
  lastDueMs: number;
  samples: number;
  coveredMs: number;
  isConfirmed: boolean;
  /** It was ended and written, and has got no sample since. */
  isWritten: boolean;
  readonly totals: Counts;
  /** Knows what `totals` knows. */
  readonly openings: Counts;
  readonly peaks: Counts;
  minute: Minute | undefined;
};

/** Without its first sample, which is still to be added. */
export function beginSession(seriesId: number, { sessionMs, totals }: Sample): OpenSession {
  return {
    seriesId,
    startMs: sessionMs,
    lastDueMs: sessionMs,
    samples: 0,
    coveredMs: 0,
    isConfirmed: true,
    isWritten: false,
    totals: nothingOf(totals),
    openings: nothingOf(totals),
    peaks: nothingOf(totals),
    minute: undefined,
  };
}

export function extendSession(session: OpenSession, sample: Sample): void {
  const { dueMs, gapMs, inGap, totals, deltas } = sample;
  const minute = addToMinute(session.minute, sample);
  const isFirst = session.samples === 0;
  const inDoubt = totals.some((total, index) => isDeepFall(total, session.totals[index]));
  for (let index = 0; index < totals.length; index++) {
    const total = totals[index];
    const delta = deltas[index];
    // In doubt, a counter that comes for the first time may be one of the next session.
    if (total === undefined || (inDoubt && session.totals[index] === undefined)) continue;
    if (delta === undefined) {
      // It had nothing before it to be compared with: all of it was there before.
      session.openings[index] = total;
      session.totals[index] = total;
    } else {
      // Growth of a counter that was not sent before is from zero: the session began under our eyes. Only where its
      // state was lost does the first sample that is left show more than its growth.
      session.openings[index] ??= isFirst ? total - delta : 0;
      session.totals[index] = addUp(session.totals[index] ?? session.openings[index], delta);
    }
    if (inGap && !isFirst && (delta ?? 0) > 0) session.isConfirmed = false;
  }
  raisePeaks(session.peaks, minute, sample);
  // The gap before the first sample lies in the session as far as the session had begun.
  if (gapMs !== undefined && !inGap) session.coveredMs += Math.min(gapMs, dueMs - session.lastDueMs);
  session.samples++;
  session.lastDueMs = dueMs;
  session.minute = minute;
  session.isWritten = false;
}

/** The session as it is written; it ends where the next one begins when it was found out late that it did. */
export function closedSession(session: OpenSession, nextStartMs: number = Number.POSITIVE_INFINITY): Session {
  const { startMs, lastDueMs, samples, coveredMs, totals, openings, peaks, isConfirmed } = session;
  const endMs = Math.max(startMs, Math.min(lastDueMs, nextStartMs));
  return {
    startMs,
    endMs,
    samples,
    coveredMs: Math.min(coveredMs, endMs - startMs),
    totals,
    openings,
    peaks,
    isConfirmed,
  };
}
