const quarterMs = 900_000;

export type Days = {
  /** The first instants of the days of a zone that begin in the time. */
  readonly midnights: readonly number[];
  /** Those of them that begin a month. */
  readonly firsts: readonly number[];
};

/** Found by looking at the calendar every quarter of an hour, so that a clock that skips midnight is no matter. */
export function daysOf(timezone: string, fromMs: number, toMs: number): Days {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' });
  const midnights: number[] = [];
  const firsts: number[] = [];
  const firstMs = Math.ceil(fromMs / quarterMs) * quarterMs;
  let day = format.format(firstMs);
  for (let atMs = firstMs; atMs < toMs; atMs += quarterMs) {
    const now = format.format(atMs);
    if (now !== day) midnights.push(atMs);
    if (now !== day && now.endsWith('-01')) firsts.push(atMs);
    day = now;
  }
  return { midnights, firsts };
}
