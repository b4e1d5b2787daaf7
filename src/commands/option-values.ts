import { readDuration, UsageError } from './command.ts';

/** Values of options, each read or refused with words that name the option, what was written, and what would be right. */

export function readWholeNumber(
  option: string,
  text: string,
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
): number {
  const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= minimum && value <= maximum) return value;
  throw new UsageError(`${option} ${text}: give a whole number from ${minimum} to ${maximum}.`);
}

export function readPositiveNumber(option: string, text: string, maximum: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= maximum) return value;
  throw new UsageError(`${option} ${text}: give a number above 0, at most ${maximum}.`);
}

/** An IPv6 address stands in brackets. */
export function readListen(option: string, text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new UsageError(`${option} ${text}: give HOST:PORT, such as 127.0.0.1:9478 or [::1]:9478.`);
}

/** `20ms..80ms`, or one duration for both ends. */
export function readDurations(option: string, text: string): { readonly minMs: number; readonly maxMs: number } {
  const [from = '', to = from, ...more] = text.split('..');
  const [minMs, maxMs] = [from, to].map((end) => (/^0(ms|s)?$/.test(end) ? 0 : readDuration(end)));
  if (minMs === undefined || maxMs === undefined || more.length > 0) {
    throw new UsageError(`${option} ${text}: give a duration such as 50ms, or two such as 20ms..80ms.`);
  }
  if (minMs > maxMs) throw new UsageError(`${option} ${text}: the first must not be above the second.`);
  return { minMs, maxMs };
}

/** `rooms=50,gifts=100`, or one of them. */
export function readLimits(
  option: string,
  text: string,
): { readonly room_stats?: number; readonly gift_count?: number } {
  const limits: { room_stats?: number; gift_count?: number } = {};
  for (const part of text.split(',')) {
    const [, name, number] = /^(rooms|gifts)=(\d{1,6})$/.exec(part) ?? [];
    const key = name === 'rooms' ? 'room_stats' : 'gift_count';
    if (name === undefined || Number(number) === 0 || limits[key] !== undefined) {
      throw new UsageError(`${option} ${text}: give requests a second, such as rooms=50,gifts=100, or one of the two.`);
    }
    limits[key] = Number(number);
  }
  return limits;
}

/** An instant such as `2026-01-31T18:00Z`, a day such as `2026-01-31` (of UTC), or how long ago, such as `24h`; epoch milliseconds. */
export function readInstant(option: string, text: string, nowMs: number): number {
  const agoMs = readDuration(text);
  if (agoMs !== undefined) return nowMs - agoMs;
  const isInstant = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const instantMs = isInstant ? Date.parse(text) : Number.NaN;
  // A day that its month does not have is taken for one of the next month.
  const day = text.slice(0, 10);
  const isRealDay = isInstant && new Date(Date.parse(day) || 0).toISOString().startsWith(day);
  if (isRealDay && !Number.isNaN(instantMs)) return instantMs;
  throw new UsageError(
    `${option} ${text}: give an instant such as 2026-01-31T18:00Z, a day such as 2026-01-31, or 24h for a day ago.`,
  );
}
