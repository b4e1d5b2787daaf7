import type { Dip, TallyState } from '../model/tally-state.ts';

/** Counts up when the text below changes its form; every version ever written stays readable. */
const version = 1;

export type DecodedTallyState =
  | { readonly status: 'read'; readonly state: TallyState }
  | { readonly status: 'unreadable'; readonly problem: string };

/**
 * The state as one line of JSON: `[version, due, session, highest totals, gone, dips]`, null for a total that was never
 * sent. `gone` is 1 or 0. A dip is null for none, 0 when shallow, else `[since, samples]`. What holds for nearly every
 * sample is left out at the end: no dips, not gone.
 */
export function encodeTallyState({ dueMs, sessionMs, highest, gone, dips }: TallyState): string {
  const totals = highest.map((total) => total ?? null);
  if (dips !== undefined) {
    return JSON.stringify([version, dueMs, sessionMs, totals, gone ? 1 : 0, dips.map(encodeDip)]);
  }
  return JSON.stringify(gone ? [version, dueMs, sessionMs, totals, 1] : [version, dueMs, sessionMs, totals]);
}

/** Reads what `encodeTallyState` wrote; anything else gives a problem that says what is wrong with it. */
export function decodeTallyState(text: string): DecodedTallyState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unreadable('is not JSON');
  }
  if (!Array.isArray(value)) return unreadable('is not a list');
  const [writtenBy, dueMs, sessionMs, totals, gone = 0, encodedDips, ...rest]: unknown[] = value;
  if (writtenBy !== version) return unreadable(`is not of version ${version}, the one that this livetally reads`);
  if (!isCount(dueMs) || !isCount(sessionMs) || sessionMs > dueMs) {
    return unreadable('does not hold a due instant and, not after it, the start of a session');
  }
  if (!Array.isArray(totals) || !totals.every(isTotal)) return unreadable('does not hold a list of totals');
  if ((gone !== 0 && gone !== 1) || rest.length > 0) return unreadable('does not end as it should');
  const dips = decodeDips(encodedDips, totals.length, dueMs);
  if (dips === 'wrong') return unreadable('does not hold one dip, or null, for each total');
  const highest = totals.map((total) => total ?? undefined);
  return { status: 'read', state: { dueMs, sessionMs, highest, gone: gone === 1, dips } };
}

function unreadable(problem: string): DecodedTallyState {
  return { status: 'unreadable', problem: `the stored tally state ${problem}` };
}

function encodeDip(dip: Dip | undefined) {
  if (dip === undefined) return null;
  return dip.sinceMs === undefined ? 0 : [dip.sinceMs, dip.samples];
}

function decodeDips(value: unknown, counters: number, dueMs: number): (Dip | undefined)[] | undefined | 'wrong' {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length !== counters) return 'wrong';
  const dips: (Dip | undefined)[] = [];
  for (const encoded of value) {
    const dip = decodeDip(encoded, dueMs);
    if (dip === 'wrong') return 'wrong';
    dips.push(dip);
  }
  return dips;
}

function decodeDip(encoded: unknown, dueMs: number): Dip | undefined | 'wrong' {
  if (encoded === null) return undefined;
  if (encoded === 0) return { samples: 0, sinceMs: undefined };
  if (!Array.isArray(encoded) || encoded.length !== 2) return 'wrong';
  const [sinceMs, samples]: unknown[] = encoded;
  if (!isCount(sinceMs) || sinceMs > dueMs || !isCount(samples) || samples < 1 || samples > 3) return 'wrong';
  return { samples, sinceMs };
}

/** What every total and instant is. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isTotal(value: unknown): value is number | null {
  return value === null || isCount(value);
}
