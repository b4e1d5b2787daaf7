import type { OpenSession } from './open-session.ts';
import { decodeMinute, encodeMinute, isCount, knowTheSame, readCounts, readList, unreadable } from './stored-list.ts';

/** Counts up when the text below changes its form; every version ever written stays readable. */
const version = 1;
const name = 'state of a session';

export type DecodedSession =
  | { readonly status: 'read'; readonly session: OpenSession }
  | { readonly status: 'unreadable'; readonly problem: string };

/**
 * The state as one line of JSON:
 * `[version, series, start, last due, samples, covered, confirmed, written, totals, openings, peaks, minute]`, the two
 * answers as 1 or 0.
 */
export function encodeSession(session: OpenSession): string {
  const { seriesId, startMs, lastDueMs, samples, coveredMs, totals, openings, peaks, minute } = session;
  const answers = [session.isConfirmed ? 1 : 0, session.isWritten ? 1 : 0];
  const lists = [totals, openings, peaks, encodeMinute(minute)];
  return JSON.stringify([version, seriesId, startMs, lastDueMs, samples, coveredMs, ...answers, ...lists]);
}

/** Reads what `encodeSession` wrote; anything else gives a problem that says what is wrong with it. */
export function decodeSession(text: string): DecodedSession {
  const list = readList(text, version, name);
  if (list.status === 'unreadable') return list;
  const [seriesId, startMs, lastDueMs, samples, coveredMs, confirmed, written, ...lists] = list.parts;
  if (!isCount(seriesId) || !isCount(startMs) || !isCount(lastDueMs) || startMs > lastDueMs) {
    return unreadable(name, 'does not hold a series, a start and, not before it, a due instant');
  }
  if (!isCount(samples) || samples < 1 || !isCount(coveredMs)) {
    return unreadable(name, 'does not hold a number of samples and the time they cover');
  }
  if ((confirmed !== 0 && confirmed !== 1) || (written !== 0 && written !== 1) || lists.length !== 4) {
    return unreadable(name, 'does not end as it should');
  }
  const [totals, openings, peaks] = lists.slice(0, 3).map(readCounts);
  if (totals === undefined || openings === undefined || peaks === undefined || !knowTheSame(totals, openings)) {
    return unreadable(name, 'does not hold totals, openings for the same counters, and peaks');
  }
  const minute = decodeMinute(lists[3]);
  if (minute === 'wrong') return unreadable(name, 'does not hold a minute, or null');
  const answers = { isConfirmed: confirmed === 1, isWritten: written === 1 };
  const session = { seriesId, startMs, lastDueMs, samples, coveredMs, ...answers, totals, openings, peaks, minute };
  return { status: 'read', session };
}
