import { describe, expect, test } from 'vitest';
import { createCalendar } from '../../../src/roll-up/calendar.ts';

const hourMs = 3_600_000;

/** Start and end as ISO strings of UTC. */
function boundsAt(timezone: string, tier: '5m' | '1h' | '1d' | '1mo', instant: string): string {
  const { startMs, endMs } = createCalendar(timezone)(tier, Date.parse(instant));
  return `${shown(startMs)} ${shown(endMs)}`;
}

const shown = (instantMs: number) => new Date(instantMs).toISOString().replace(':00.000Z', '');

describe('days begin at midnight of the reporting zone', () => {
  test.each([
    ['Etc/UTC', '2026-02-28T23:59:59.999Z', '2026-02-28T00:00 2026-03-01T00:00'],
    ['Asia/Kolkata', '2026-02-28T18:29:59.999Z', '2026-02-27T18:30 2026-02-28T18:30'],
    ['Asia/Kolkata', '2026-02-28T18:30Z', '2026-02-28T18:30 2026-03-01T18:30'],
    ['Pacific/Chatham', '2026-07-01T12:00Z', '2026-07-01T11:15 2026-07-02T11:15'],
  ])('%s at %s', (timezone, instant, bounds) => {
    expect(boundsAt(timezone, '1d', instant)).toBe(bounds);
  });

  test.each([
    ['Europe/Berlin', '2026-03-29T12:00Z', '2026-03-28T23:00 2026-03-29T22:00', 23],
    ['Europe/Berlin', '2026-10-25T12:00Z', '2026-10-24T22:00 2026-10-25T23:00', 25],
    ['Pacific/Chatham', '2026-04-04T20:00Z', '2026-04-04T10:15 2026-04-05T11:15', 25],
    ['Australia/Lord_Howe', '2026-04-04T20:00Z', '2026-04-04T13:00 2026-04-05T13:30', 24.5],
    ['America/Havana', '2026-11-01T05:30Z', '2026-11-01T04:00 2026-11-02T05:00', 25],
  ])('%s has a day, that of %s, of another length', (timezone, instant, bounds, hours) => {
    expect(boundsAt(timezone, '1d', instant)).toBe(bounds);
    const { startMs, endMs } = createCalendar(timezone)('1d', Date.parse(instant));
    expect((endMs - startMs) / hourMs).toBe(hours);
  });

  test.each([
    ['America/Sao_Paulo', '2018-11-04T03:00Z', '2018-11-04T03:00 2018-11-05T02:00'],
    ['America/Sao_Paulo', '2018-11-04T02:59:59Z', '2018-11-03T03:00 2018-11-04T03:00'],
    ['Africa/Cairo', '2026-04-24T12:00Z', '2026-04-23T22:00 2026-04-24T21:00'],
    ['Africa/Cairo', '2026-10-29T20:30Z', '2026-10-28T21:00 2026-10-29T22:00'],
    ['Africa/Cairo', '2026-10-29T21:30Z', '2026-10-28T21:00 2026-10-29T22:00'],
  ])('%s changes its clock at midnight: %s', (timezone, instant, bounds) => {
    expect(boundsAt(timezone, '1d', instant)).toBe(bounds);
  });

  test('a day that a zone leaves out has no window', () => {
    expect(boundsAt('Pacific/Apia', '1d', '2011-12-30T09:59Z')).toBe('2011-12-29T10:00 2011-12-30T10:00');
    expect(boundsAt('Pacific/Apia', '1d', '2011-12-30T10:00Z')).toBe('2011-12-30T10:00 2011-12-31T10:00');
  });

  test('a clock that is set back over midnight does not bring the old day back', () => {
    // At 00:01 of 7 November the clock showed 23:01 of the 6th again.
    const newDay = '2010-11-07T02:30 2010-11-08T03:30';
    expect(boundsAt('America/St_Johns', '1d', '2010-11-07T02:29Z')).toBe('2010-11-06T02:30 2010-11-07T02:30');
    expect(boundsAt('America/St_Johns', '1d', '2010-11-07T02:30Z')).toBe(newDay);
    expect(boundsAt('America/St_Johns', '1d', '2010-11-07T03:00Z')).toBe(newDay);
    expect(boundsAt('America/St_Johns', '1d', '2010-11-07T03:30Z')).toBe(newDay);
  });
});

describe('months begin at midnight of their first day', () => {
  test.each([
    ['Etc/UTC', '2024-02-29T23:59:59Z', '2024-02-01T00:00 2024-03-01T00:00'],
    ['Asia/Kolkata', '2026-12-31T18:30Z', '2026-12-31T18:30 2027-01-31T18:30'],
    ['Europe/Berlin', '2026-03-31T21:59:59Z', '2026-02-28T23:00 2026-03-31T22:00'],
    ['Pacific/Chatham', '2026-04-15T00:00Z', '2026-03-31T10:15 2026-04-30T11:15'],
    ['America/Asuncion', '2017-10-15T00:00Z', '2017-10-01T04:00 2017-11-01T03:00'],
  ])('%s at %s', (timezone, instant, bounds) => {
    expect(boundsAt(timezone, '1mo', instant)).toBe(bounds);
  });
});

test('windows of minutes and hours are those of UTC in every zone', () => {
  for (const timezone of ['Etc/UTC', 'Asia/Kolkata', 'Pacific/Chatham']) {
    expect(boundsAt(timezone, '5m', '2026-03-29T00:59:59.999Z')).toBe('2026-03-29T00:55 2026-03-29T01:00');
    expect(boundsAt(timezone, '1h', '2026-03-29T01:00Z')).toBe('2026-03-29T01:00 2026-03-29T02:00');
  }
});

test('every instant of two years lies in the one day and month that begins where the one before it ends', () => {
  for (const timezone of ['Africa/Cairo', 'America/Santiago', 'Asia/Kolkata', 'Europe/Berlin', 'Pacific/Chatham']) {
    const calendar = createCalendar(timezone);
    for (const tier of ['1d', '1mo'] as const) {
      let lastEndMs = calendar(tier, Date.UTC(2026, 0, 1)).startMs;
      while (lastEndMs < Date.UTC(2028, 0, 1)) {
        const bounds = calendar(tier, lastEndMs);
        expect(bounds.startMs).toBe(lastEndMs);
        expect(calendar(tier, bounds.endMs - 1)).toEqual(bounds);
        lastEndMs = bounds.endMs;
      }
    }
  }
});

test('a zone that nobody knows is refused at once', () => {
  expect(() => createCalendar('Mars/Olympus')).toThrow(RangeError);
});
