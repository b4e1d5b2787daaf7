import { describe, expect, test } from 'vitest';
import { giftCoins } from '../../grafana/code/counter-words.ts';
import { calendarSum, monthlySums } from '../../grafana/code/queries.ts';
import { expandInfluxql } from '../grafana/expand.ts';
import { startPastDatabase } from '../grafana/past-database.ts';
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

describe.each(['influxdb-2.9.1', 'influxdb-1.8.10'] as const)('days and weeks of a zone on %s', (server) => {
  const isMissing = missingServers([server]).length > 0;

  test.skipIf(isMissing)('every day is one bar at its own midnight and in one week, all year', async () => {
    await using database = await startPastDatabase(server);
    for (const timezone of zones) {
      const { midnights } = daysOf(timezone, Date.UTC(2026, 0, 2), Date.UTC(2026, 11, 31));
      const points = midnights.map((timeMs) => ({
        measurement: 'room_stats',
        tags: [['app', timezone]] as const,
        fields: [[giftCoins.delta, 1]] as const,
        timeMs,
      }));
      await database.write([{ place: '1d', points }]);
      const view = {
        fromMs: Math.min(...midnights),
        toMs: Math.max(...midnights),
        variables: { app: { values: [timezone] } },
      };
      const app = [{ name: 'app', title: 'App', tag: 'app' }];
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
});
