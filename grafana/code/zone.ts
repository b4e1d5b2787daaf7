/**
 * Minutes that a zone is ahead of UTC, at the least and, summer time included, at the most: the same however the clock stands when
 * it is asked.
 */
export function offsetMinutesOf(timezone: string): { readonly smallest: number; readonly largest: number } {
  const format = new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'longOffset' });
  const offsets: number[] = [];
  for (let month = 0; month < yearsLookedAt * 12; month++) {
    offsets.push(offsetMinutes(format, new Date(Date.UTC(firstYear, month, 15))));
  }
  return { smallest: Math.min(...offsets), largest: Math.max(...offsets) };
}

const firstYear = 2024;
const yearsLookedAt = 12;

/** From a name such as `GMT+05:30`, or `GMT` alone. */
function offsetMinutes(format: Intl.DateTimeFormat, at: Date): number {
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = 0, minutes = 0] = /([+-])(\d+):(\d+)/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
