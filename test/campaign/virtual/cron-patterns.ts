/** What an expression means, said without a cron library. */
export type CronPattern = {
  /** Rounds begin at multiples of it, where the pattern is open. */
  readonly intervalMs: number;
  readonly inZone: (timezone: string) => (ms: number) => boolean;
};

const quarterMs = 15 * 60_000;

export const cronPatterns: Readonly<Record<string, CronPattern>> = {
  '*/10 * * * * *': always(10_000),
  '*/15 * * * * *': always(15_000),
  '*/30 * * * * *': always(30_000),
  '0 * * * * *': always(60_000),
  '*/15 * 0-3,18-23 * * *': atTimes(15_000, ({ hour }) => hour <= 3 || hour >= 18),
  '*/15 0-29 * * * *': atTimes(15_000, ({ minute }) => minute <= 29),
};

function always(intervalMs: number): CronPattern {
  return { intervalMs, inZone: () => () => true };
}

/** Local times are looked up once for each quarter of an hour: no zone changes its offset within one. */
function atTimes(intervalMs: number, isOpen: (time: { hour: number; minute: number }) => boolean): CronPattern {
  return {
    intervalMs,
    inZone: (timezone) => {
      const format = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit', minute: '2-digit' });
      const known = new Map<number, boolean>();
      return (ms) => {
        const quarter = Math.floor(ms / quarterMs);
        const before = known.get(quarter);
        if (before !== undefined) return before;
        const [hour = 0, minute = 0] = format
          .format(quarter * quarterMs)
          .split(':')
          .map(Number);
        const open = isOpen({ hour, minute });
        known.set(quarter, open);
        return open;
      };
    },
  };
}
