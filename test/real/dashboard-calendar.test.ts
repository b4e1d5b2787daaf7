import { describe, expect, test } from 'vitest';
import { giftCoins } from '../../grafana/code/counter-words.ts';
import { type Period, sumIn } from '../../grafana/code/periods.ts';
import { calendarSum, largestOfEach, monthlySums, mostWeeks } from '../../grafana/code/queries.ts';
import type { Point } from '../../src/model/point.ts';
import { expandInfluxql } from '../grafana/expand.ts';
import { type PastDatabase, startPastDatabase } from '../grafana/past-database.ts';
import { daysOf } from './midnights.ts';
import { missingServers } from './servers/locate.ts';

/** Summer time on both halves of the earth, offsets of 30 and 45 minutes, a day that begins at one o'clock. */
const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'America/Havana',
  'Pacific/Chatham',
];
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe.each(['influxdb-2.9.1', 'influxdb-1.8.10'] as const)('days and weeks of a zone on %s', (server) => {
  const isMissing = missingServers([server]).length > 0;

  test.skipIf(isMissing)('every day is one bar at its own midnight and in one week, all year', async () => {
    await using database = await startPastDatabase(server);
    for (const timezone of zones) {
      const { midnights } = daysOf(timezone, Date.UTC(2026, 0, 2), Date.UTC(2026, 11, 31));
      await database.write([{ place: '1d', points: daysAt(midnights, timezone) }]);
      const view = {
        fromMs: Math.min(...midnights),
        toMs: Math.max(...midnights),
        variables: { app: { values: [timezone] } },
      };
      const ask = (text: string) => database.query('1d', expandInfluxql(text, view, hourMs));

      const bars = await ask(calendarSum(giftCoins, 'room_stats', app, { window: 'day', by: [], timezone }));
      expect(bars, timezone).toEqual(midnights.map((time) => ({ time, sum: 1 })));
      const rows = await ask(monthlySums([giftCoins], 'room_stats', app, timezone));
      expect(rows, timezone).toEqual(midnights.map((time) => ({ time, [giftCoins.delta]: 1 })));

      const weeks = await ask(calendarSum(giftCoins, 'room_stats', app, { window: 'week', by: [], timezone }));
      const whole = weeks.slice(1, -1);
      expect(whole.length, timezone).toBeGreaterThan(50);
      const weekday = new Intl.DateTimeFormat('en', { timeZone: timezone, weekday: 'long' });
      for (const { time, sum } of whole) {
        expect(sum, timezone).toBe(7);
        const firstDay = midnights.find((midnight) => midnight >= Number(time)) ?? 0;
        expect(weekday.format(firstDay), timezone).toBe('Monday');
        expect(firstDay - Number(time), timezone).toBeLessThanOrEqual(hourMs);
      }
      expect(weeks.reduce((total, week) => total + Number(week['sum']), 0)).toBe(midnights.length);
    }
  });

  test.skipIf(isMissing)('the largest of each week and month are those, whatever labels they had in it', async () => {
    await using database = await startPastDatabase(server);
    const timezone = 'Europe/Berlin';
    const { midnights } = daysOf(timezone, Date.UTC(2026, 1, 27), Date.UTC(2026, 4, 4));
    const rooms = ['a', 'b', 'c', 'd'];
    const points = midnights.flatMap((timeMs, day) =>
      rooms.map((room, index): Point => {
        const tags = [
          ['app', timezone],
          ['room_id', room],
          ['team', day % 2 === 0 ? 'red' : 'blue'],
        ] as const;
        // Room b is the best of the odd days alone, and the best of all in sum.
        const coins = room === 'b' ? 100 : 10 * index * (1 + (day % 2));
        return { measurement: 'room_stats', tags, fields: [[giftCoins.delta, coins]], timeMs };
      }),
    );
    await database.write([{ place: '1d', points }]);
    const view = { fromMs: midnights.at(0) ?? 0, toMs: midnights.at(-1) ?? 0, variables: { app: { all: '.*' } } };
    const ask = async (window: 'day' | 'week', range = view) => {
      const wanted = { variables: app, by: ['app', 'room_id'], limit: 2, window, timezone };
      const text = expandInfluxql(largestOfEach([giftCoins], 'room_stats', wanted), range, hourMs);
      return await database.query('1d', text);
    };
    const days = await ask('day');
    expect(days.map(({ time }) => time)).toEqual(midnights.flatMap((time) => [time, time]));
    expect(new Set(days.map(({ room_id }) => room_id))).toEqual(new Set(['b', 'd']));
    const weeks = await ask('week');
    const ofWeeks = Map.groupBy(weeks, ({ time }) => time);
    expect(ofWeeks.size).toBe(Math.ceil(midnights.length / 7) + 1);
    for (const inWeek of ofWeeks.values()) expect(inWeek.map(({ room_id }) => room_id)).toEqual(['b', 'd']);
    expect(weeks.reduce((sum, row) => sum + (row['room_id'] === 'b' ? Number(row[giftCoins.delta]) : 0), 0)).toBe(
      100 * midnights.length,
    );
    // Of a range that ends so many weeks and a day after the first midnight, the first day is not looked at.
    const toMs = view.fromMs + mostWeeks * 7 * dayMs + dayMs;
    const later = await ask('week', { ...view, fromMs: view.fromMs - 300 * dayMs, toMs });
    expect(later.reduce((sum, row) => sum + (row['room_id'] === 'b' ? Number(row[giftCoins.delta]) : 0), 0)).toBe(
      100 * (midnights.length - 1),
    );
  });

  test.skipIf(isMissing)('this period has as many days as the one before, whatever the range', async () => {
    await using database = await startPastDatabase(server);
    for (const timezone of zones) {
      const { midnights } = daysOf(timezone, Date.UTC(2024, 0, 2), Date.UTC(2025, 11, 31));
      await database.write([{ place: '1d', points: daysAt(midnights, timezone) }]);
      const daysIn = (period: Period, range: Range) => countDays(database, period, timezone, range);
      // Over the better part of a year, so that some periods lie on either side of a change of clocks.
      for (const midnight of midnights.filter((_, index) => 260 < index && index < 560 && index % 10 === 0)) {
        const [fromMs = 0, toMs = 0] = [midnights[midnights.indexOf(midnight) - 30], midnight];
        const ranges = [
          { days: 6, fromMs: midnight - 7 * dayMs + 15 * hourMs, toMs: midnight + 15 * hourMs },
          { days: 0, fromMs: midnight - 9 * hourMs, toMs: midnight + 14 * hourMs },
          { days: 30, fromMs, toMs: toMs - 1 },
          { days: 30, fromMs, toMs: toMs + 15 * hourMs },
        ];
        for (const { days, ...range } of ranges) {
          const found = { now: await daysIn('now', range), before: await daysIn('before', range) };
          expect(found, `${timezone} ${new Date(range.toMs).toISOString()}`).toEqual({ now: days, before: days });
        }
      }
    }
  });

  test.skipIf(isMissing)('a range that reaches into the future is compared as far as it has come', async () => {
    await using database = await startPastDatabase(server);
    const timezone = 'Asia/Kolkata';
    const nowMs = Date.now();
    const { midnights } = daysOf(timezone, nowMs - 70 * dayMs, nowMs - dayMs);
    await database.write([{ place: '1d', points: daysAt(midnights, timezone) }]);
    const fromMs = midnights.at(-10) ?? 0;
    const range = { fromMs, toMs: fromMs + 30 * dayMs - 1 };
    const days = await countDays(database, 'now', timezone, range);
    // The last day counts an hour after its end.
    expect([9, 10]).toContain(days);
    expect(await countDays(database, 'before', timezone, range)).toBe(days);
  });
});

type Range = { readonly fromMs: number; readonly toMs: number };

const app = [{ name: 'app', title: 'App', tag: 'app' }];

async function countDays(database: PastDatabase, period: Period, timezone: string, range: Range): Promise<number> {
  const text = sumIn(period, { days: giftCoins.delta }, 'room_stats', { variables: app, timezone });
  const view = { ...range, variables: { app: { values: [timezone] } } };
  const [row] = await database.query('1d', expandInfluxql(text, view, hourMs));
  return Number(row?.['days'] ?? 0);
}

/** One coin a day. */
function daysAt(midnights: readonly number[], timezone: string): readonly Point[] {
  return midnights.map((timeMs) => ({
    measurement: 'room_stats',
    tags: [['app', timezone]] as const,
    fields: [[giftCoins.delta, 1]] as const,
    timeMs,
  }));
}
