import { describe, expect, test } from 'vitest';
import { type Cron, readCron } from '../../../src/poll/cron.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

function cronOf(expression: string, timezone = 'Etc/UTC'): Cron {
  const reading = readCron(expression, timezone);
  if (reading.status === 'refused') throw new Error(reading.problem);
  return reading.cron;
}

function roundsAfter(cron: Cron, from: string, count: number): string[] {
  const rounds: string[] = [];
  let ms: number | undefined = Date.parse(from);
  while (rounds.length < count && ms !== undefined) {
    ms = cron.nextAfter(ms);
    if (ms !== undefined) rounds.push(new Date(ms).toISOString());
  }
  return rounds;
}

describe('reading a cron expression', () => {
  test.each([
    ['*/15 * * * * *', 15 * second],
    ['* * * * * *', second],
    ['0,50 * * * * *', 10 * second],
    ['*/5 * * * *', 5 * minute],
    ['30 */25 * * * *', 10 * minute],
    ['*/15 * 18-23 * * 5,6', 15 * second],
    ['0 0 */5 * * *', 4 * hour],
    ['0 0 0 * January-DEC Monday,wed', 2 * day],
    ['0 0 0 LW * *', 28 * day],
    ['0 0 0 L-3 * *', 28 * day],
    ['0 0 0 * * 5L', 28 * day],
    ['0 0 0 * * 5#2', 28 * day],
    ['0 0 0,23 * * *', hour],
    ['0 0 0,23 * * 1', 23 * hour],
    ['@daily', day],
    ['0 0 1 * *', 28 * day],
    ['0 0 * * 1,3', 2 * day],
    ['0 0 29 2 *', 366 * day],
  ])('the interval of "%s" is the shortest distance between its rounds', (expression, intervalMs) => {
    expect(cronOf(expression).intervalMs).toBe(intervalMs);
  });

  test.each([
    ['', 'Etc/UTC', 'illegal characters'],
    ['* * *', 'Etc/UTC', 'expected 5 or 6 fields but got 3'],
    ['61 * * * * *', 'Etc/UTC', 'second "61" is not valid'],
    ['*/0 25 * * * *', 'Etc/UTC', 'second "*/0" is not valid'],
    ['0 0 30 2 *', 'Etc/UTC', 'dayOfMonth "30" is not valid'],
    ['0 0 29 2 1', 'Etc/UTC', 'no such day'],
    ['0-9999999999 * * * * *', 'Etc/UTC', 'no field takes "9999999999"'],
    ['0 0 0 * 1-decdecdecdecdec *', 'Etc/UTC', 'no field takes "decdecdecdecdec"'],
    ['0 0 0 * * 1-999sat999sat', 'Etc/UTC', 'no field takes "999sat999sat"'],
    [`${'0-999,'.repeat(1_000_000)}0 * * * * *`, 'Etc/UTC', 'longer than 1000 characters'],
    ['* * * * * *', 'Europe/Atlantis', 'time zone "Europe/Atlantis" is not known'],
    ['* * * * * *', '', 'time zone "" is not known'],
  ])('"%s" in zone "%s" is refused with the reason', (expression, timezone, problem) => {
    const reading = readCron(expression, timezone);
    expect(reading).toMatchObject({ status: 'refused', problem: expect.stringContaining(problem) });
  });
});

describe('the next round', () => {
  test('comes strictly after the instant, on a whole second', () => {
    const cron = cronOf('*/15 * * * * *');
    expect(roundsAfter(cron, '2026-01-01T00:00:00.000Z', 2)).toEqual([
      '2026-01-01T00:00:15.000Z',
      '2026-01-01T00:00:30.000Z',
    ]);
    expect(roundsAfter(cron, '2026-01-01T00:00:14.999Z', 1)).toEqual(['2026-01-01T00:00:15.000Z']);
  });

  test('waits for the show hours of the zone, and for the next show day', () => {
    const cron = cronOf('0 */30 18-19 * * 5,6', 'Asia/Kathmandu');
    expect(roundsAfter(cron, '2026-01-03T13:30:00Z', 3)).toEqual([
      '2026-01-03T13:45:00.000Z',
      '2026-01-09T12:15:00.000Z',
      '2026-01-09T12:45:00.000Z',
    ]);
  });

  test('goes on through the hour that a zone repeats, and jumps over the one that it leaves out', () => {
    const cron = cronOf('0 */30 1-2 * * *', 'Europe/Berlin');
    expect(roundsAfter(cron, '2026-10-24T23:00:00Z', 6)).toEqual([
      '2026-10-24T23:30:00.000Z',
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
      '2026-10-26T00:00:00.000Z',
    ]);
    expect(roundsAfter(cron, '2026-03-28T23:59:59Z', 3)).toEqual([
      '2026-03-29T00:00:00.000Z',
      '2026-03-29T00:30:00.000Z',
      '2026-03-29T23:00:00.000Z',
    ]);
  });

  test('is found a leap year away', () => {
    expect(roundsAfter(cronOf('59 59 23 29 2 *', 'America/New_York'), '2024-03-01T05:00:00Z', 1)).toEqual([
      '2028-03-01T04:59:59.000Z',
    ]);
  });
});
