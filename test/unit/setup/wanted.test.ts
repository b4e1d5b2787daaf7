import { describe, expect, test } from 'vitest';
import { describeKeep, placesOf, retentionSeconds } from '../../../src/setup/wanted.ts';

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
