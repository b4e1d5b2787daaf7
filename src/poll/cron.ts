import { createTask, type ParsedFields, validateDetailed } from 'node-cron';

/** When the rounds of an expression begin. Instants are epoch milliseconds, whole seconds. */
export type Cron = {
  /** The first round after the instant; undefined if none comes within ten years. */
  nextAfter(ms: number): number | undefined;
  /**
   * The shortest distance between two rounds, at most a year: what the targets of a round are spread over.
   * A change to or from summer time can bring two rounds nearer.
   */
  readonly intervalMs: number;
};

export type CronReading =
  | { readonly status: 'read'; readonly cron: Cron }
  | { readonly status: 'refused'; readonly problem: string };

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const quarterMs = 15 * minuteMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const horizonMs = 3653 * dayMs;

/**
 * Reads a cron expression of five fields, or of six with seconds, in an IANA time zone.
 * node-cron decides what it means and which instants match. Its own timers are not used: they follow the wall clock, and pause
 * for the hour that a zone repeats in autumn. Here the rounds of that hour come twice.
 */
export function readCron(expression: string, timezone: string): CronReading {
  const excess = findExcess(expression);
  if (excess !== undefined) return { status: 'refused', problem: excess };
  const { valid, fields, errors } = validateDetailed(expression);
  if (!valid || fields === undefined) {
    const problems = errors.map(({ field, value, message }) =>
      field === 'expression' ? message : `${field} "${value}" is not valid`,
    );
    return { status: 'refused', problem: `cron expression "${expression}": ${problems.join('; ')}` };
  }
  if (!isTimeZone(timezone)) return { status: 'refused', problem: `time zone "${timezone}" is not known` };
  const intervalMs = shortestDistanceMs(fields);
  if (intervalMs === undefined) {
    return { status: 'refused', problem: `cron expression "${expression}": no such day from 2024 to 2031` };
  }
  // Most of the work; whoever only checks an expression does not need it.
  let blocks: readonly Block[] | undefined;
  return {
    status: 'read',
    cron: {
      intervalMs,
      nextAfter: (ms) => {
        blocks ??= toBlocks(expression, fields, timezone);
        const fromMs = (Math.floor(ms / secondMs) + 1) * secondMs;
        return firstMatch(blocks, 0, fromMs, fromMs + horizonMs);
      },
    },
  };
}

/** All values of all fields, written out, are half as long. */
const longestExpression = 1_000;
const words = /[a-z\d]+/gi;
/** What can stand in a field at all: a number, a letter or two, the name of a day or month. */
const word =
  /^(?:\d{1,3}[a-z]?|[a-z]{1,3}|(?:sun|mon|tues|wednes|thurs|fri|satur)day|january|february|march|april|june|july|august|september|october|november|december|yearly|annually|monthly|weekly|daily|midnight|hourly)$/i;

/**
 * node-cron writes a range out before it looks at its bounds, and names are numbers to it wherever they stand: 0-9999999999
 * and 1-decdecdecdecdec would fill the memory.
 */
function findExcess(expression: string): string | undefined {
  if (expression.length > longestExpression)
    return `the cron expression is longer than ${longestExpression} characters`;
  const odd = expression.match(words)?.find((found) => !word.test(found));
  return odd && `cron expression "${expression}": no field takes "${odd}"`;
}

function isTimeZone(name: string): boolean {
  if (name === '') return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * A length of time for which two looks are enough: where neither the first nor the last second of a block matches, none
 * between does. So a year's wait is skipped by half days, and only what is left is looked at closely.
 */
type Block = { readonly sizeMs: number; readonly matches: (ms: number) => boolean };

/** Relies on what holds for every zone since 1972: whole-minute offsets, and changes of them on the quarter hour. */
function toBlocks(expression: string, fields: ParsedFields, timezone: string): readonly Block[] {
  const day = `${fields.dayOfMonth.join()} ${fields.month.join()} ${fields.dayOfWeek.join()}`;
  const hour = `${fields.hour.join()} ${day}`;
  const matchesExactly = matcher(expression, timezone);
  return [
    { sizeMs: dayMs / 2, matches: matcher(`* * * ${day}`, timezone) },
    { sizeMs: quarterMs, matches: matcher(`* * ${hour}`, timezone) },
    { sizeMs: minuteMs, matches: matcher(`* ${fields.minute.join()} ${hour}`, timezone) },
    { sizeMs: secondMs, matches: (ms) => fields.second.includes((ms % minuteMs) / secondMs) && matchesExactly(ms) },
  ];
}

function matcher(expression: string, timezone: string): (ms: number) => boolean {
  const task = createTask(expression, () => {}, { timezone });
  // Takes the task out of node-cron's global list; matching does not need it there.
  task.destroy();
  return (ms) => task.match(new Date(ms));
}

/** The first matching second from `fromMs` up to, not including, `toMs`. */
function firstMatch(blocks: readonly Block[], level: number, fromMs: number, toMs: number): number | undefined {
  const block = blocks[level];
  if (block === undefined) return fromMs;
  const { sizeMs, matches } = block;
  for (let startMs = fromMs; startMs < toMs; ) {
    const endMs = Math.min((Math.floor(startMs / sizeMs) + 1) * sizeMs, toMs);
    if (matches(startMs) || (sizeMs > minuteMs && matches(endMs - secondMs))) {
      const found = firstMatch(blocks, level + 1, startMs, endMs);
      if (found !== undefined) return found;
    }
    startMs = endMs;
  }
  return undefined;
}

/** Rounds are all combinations of the days, hours, minutes and seconds, so the shortest distance is between neighbours in one field. */
function shortestDistanceMs(fields: ParsedFields): number | undefined {
  const days = matchingDays(fields);
  if (days.length === 0) return undefined;
  let shortestMs = 366 * dayMs;
  /** From the first to the last round within one unit of the field looked at: a second, then a minute, an hour, a day. */
  let spanMs = 0;
  for (const [values, unitMs] of [
    [fields.second, secondMs],
    [fields.minute, minuteMs],
    [fields.hour, hourMs],
    [days, dayMs],
  ] as const) {
    const sorted = [...new Set(values)].sort((a, b) => a - b);
    for (const [index, value] of sorted.entries()) {
      const previous = sorted[index - 1];
      if (previous !== undefined) shortestMs = Math.min(shortestMs, (value - previous) * unitMs - spanMs);
    }
    spanMs += ((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)) * unitMs;
  }
  return shortestMs;
}

/** Day numbers from 2024 to 2031, two leap years among them; days do not depend on the zone. Ends with the first two in a row. */
function matchingDays(fields: ParsedFields): number[] {
  const matches = matcher(
    `* * * ${fields.dayOfMonth.join()} ${fields.month.join()} ${fields.dayOfWeek.join()}`,
    'Etc/UTC',
  );
  const days: number[] = [];
  for (let dayNumber = Date.UTC(2024, 0) / dayMs; dayNumber < Date.UTC(2032, 0) / dayMs; dayNumber++) {
    if (!matches(dayNumber * dayMs)) continue;
    const followsAnother = days.at(-1) === dayNumber - 1;
    days.push(dayNumber);
    if (followsAnother) break;
  }
  return days;
}
