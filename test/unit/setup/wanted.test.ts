import { describe, expect, test } from 'vitest';
import { describeKeep, placesOf, retentionSeconds, shardSeconds } from '../../../src/setup/wanted.ts';

const dayMs = 86_400_000;
const forever = Number.POSITIVE_INFINITY;
const keepTiersMs = { '5m': 90 * dayMs, '1h': 400 * dayMs, '1d': forever, '1mo': forever };

describe('the places that are wanted', () => {
  test('are one for samples and one for each tier, each with its own age', () => {
    const places = placesOf({ name: 'live', keepMs: 14 * dayMs, keepTiersMs, hasTiers: true });
    expect(places.map(({ name, keepMs }) => `${name} ${describeKeep(keepMs)}`)).toEqual([
      'live 14d',
      'live_5m 90d',
      'live_1h 400d',
      'live_1d forever',
      'live_1mo forever',
    ]);
  });

  test('are one where windows are not shipped', () => {
    const places = placesOf({ name: 'live', keepMs: dayMs, keepTiersMs, hasTiers: false });
    expect(places.map(({ name }) => name)).toEqual(['live']);
  });

  test('keep the policy of a database of 1.8 behind the slash', () => {
    const places = placesOf({ name: 'shows/autogen', keepMs: dayMs, keepTiersMs, hasTiers: true });
    expect(places.map(({ name }) => name)).toContain('shows_1mo/autogen');
  });
});

test.each([
  [forever, 0, 'forever'],
  [dayMs, 86_400, '1d'],
  [36 * 3_600_000, 129_600, '36h'],
  [90 * 60_000, 5_400, '90m'],
  [3_600_500, 3_601, '3601s'],
])('%d ms is kept %d s, in words %s: never less than asked', (keepMs, seconds, words) => {
  expect(retentionSeconds(keepMs)).toBe(seconds);
  expect(describeKeep(keepMs)).toBe(words);
});

test.each([
  ['1d', forever, 28],
  ['1h', 400, 28],
  ['1h', 112, 28],
  ['1h', 111, undefined],
  ['1mo', 400, undefined],
  ['5m', forever, undefined],
  ['raw', 14, undefined],
] as const)('shards of %s, kept %d days, hold %s days where setup says it', (tier, keepDays, days) => {
  const seconds = shardSeconds({ tier, keepMs: keepDays * dayMs });
  expect(seconds).toBe(days && days * 86_400);
});
