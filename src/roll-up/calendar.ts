import { Temporal } from 'temporal-polyfill';
import type { Tier } from '../model/window.ts';

/** An instant lies within when it is not before the start and before the end; epoch milliseconds. */
export type Bounds = { readonly startMs: number; readonly endMs: number };

/** Bounds of the window of a tier that holds an instant. */
export type Calendar = (tier: Tier, instantMs: number) => Bounds;

const minuteMs = 60_000;

/**
 * Windows of minutes and hours are those of UTC, days and months those of the time zone: they begin at its midnight, or
 * at the first instant of the day where the clock skips midnight. Throws a RangeError for a zone that nobody knows.
 */
export function createCalendar(timezone: string): Calendar {
  dateOf(0, timezone);
  const day = remembering((instantMs) => spanFrom(dateOf(instantMs, timezone), { days: 1 }, instantMs, timezone));
  const month = remembering((instantMs) =>
    spanFrom(dateOf(instantMs, timezone).with({ day: 1 }), { months: 1 }, instantMs, timezone),
  );
  return (tier, instantMs) => {
    switch (tier) {
      case '5m':
        return evenSpan(5 * minuteMs, instantMs);
      case '1h':
        return evenSpan(60 * minuteMs, instantMs);
      case '1d':
        return day(instantMs);
      case '1mo':
        return month(instantMs);
      default:
        return tier satisfies never;
    }
  };
}

function evenSpan(lengthMs: number, instantMs: number): Bounds {
  const startMs = Math.floor(instantMs / lengthMs) * lengthMs;
  return { startMs, endMs: startMs + lengthMs };
}

function dateOf(instantMs: number, timezone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(timezone).toPlainDate();
}

/** A clock that is set back over midnight shows the old date again: by then the new day has begun, and it goes on. */
function spanFrom(
  first: Temporal.PlainDate,
  length: Temporal.DurationLike,
  instantMs: number,
  timezone: string,
): Bounds {
  const next = first.add(length);
  const endMs = startOf(next, timezone);
  return instantMs < endMs ? { startMs: startOf(first, timezone), endMs } : spanFrom(next, length, instantMs, timezone);
}

function startOf(date: Temporal.PlainDate, timezone: string): number {
  return date.toZonedDateTime(timezone).epochMilliseconds;
}

/** Keeps the last few: samples that follow one another share their day, and the library takes 25 us to find one. */
function remembering(find: (instantMs: number) => Bounds): (instantMs: number) => Bounds {
  let recent: readonly Bounds[] = [];
  return (instantMs) => {
    for (const bounds of recent) if (bounds.startMs <= instantMs && instantMs < bounds.endMs) return bounds;
    const found = find(instantMs);
    recent = [found, ...recent.slice(0, 3)];
    return found;
  };
}
