import type { Counts, Minute } from './minute.ts';

/** What a stored text is taken for until each part of it has been looked at. */
export type StoredList =
  | { readonly status: 'read'; readonly parts: readonly unknown[] }
  | { readonly status: 'unreadable'; readonly problem: string };

/** Reads a JSON list that begins with its version; `name` is what the problem calls it. */
export function readList(text: string, version: number, name: string): StoredList {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unreadable(name, 'is not JSON');
  }
  if (!Array.isArray(value)) return unreadable(name, 'is not a list');
  const [writtenBy, ...parts]: unknown[] = value;
  if (writtenBy !== version) return unreadable(name, `is not of version ${version}, the one that this livetally reads`);
  return { status: 'read', parts };
}

export function unreadable(name: string, problem: string) {
  return { status: 'unreadable', problem: `the stored ${name} ${problem}` } as const;
}

/** What every number in a state is. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** One number per counter, null where nothing is known; undefined when the value is no such list. */
export function readCounts(value: unknown): Counts | undefined {
  if (!Array.isArray(value)) return undefined;
  const numbers: readonly unknown[] = value;
  const counts: Counts = [];
  for (const number of numbers) {
    if (number === null) counts.push(undefined);
    else if (isCount(number)) counts.push(number);
    else return undefined;
  }
  return counts;
}

/** Whether what is known of one list is known of the other. */
export function knowTheSame(some: Counts, others: Counts): boolean {
  for (let index = 0; index < Math.max(some.length, others.length); index++) {
    if ((some[index] === undefined) !== (others[index] === undefined)) return false;
  }
  return true;
}

/** `[start, growth]`, or null for none. */
export function encodeMinute(minute: Minute | undefined) {
  return minute === undefined ? null : [minute.startMs, minute.growth];
}

export function decodeMinute(value: unknown): Minute | undefined | 'wrong' {
  if (value === null) return undefined;
  if (!Array.isArray(value) || value.length !== 2) return 'wrong';
  const [startMs, encodedGrowth]: readonly unknown[] = value;
  const growth = readCounts(encodedGrowth);
  return isCount(startMs) && growth !== undefined ? { startMs, growth } : 'wrong';
}
