import type { Tier } from './window.ts';

/**
 * The bucket or database of a tier, by that of the samples: `live` becomes `live_5m`, and `live/autogen`, which is database
 * and retention policy on InfluxDB 1.8, `live_5m/autogen`.
 */
export function tierPlace(place: string, tier: Tier): string {
  const [database, ...policy] = place.split('/');
  return [`${database}_${tier}`, ...policy].join('/');
}
