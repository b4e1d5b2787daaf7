import { tierPlace } from '../model/tier-place.ts';
import { type Tier, tiers } from '../model/window.ts';

/** A bucket of InfluxDB 2, or a database of 1.x and 3. */
export type Place = {
  readonly tier: 'raw' | Tier;
  readonly name: string;
  /** Infinity is for ever. */
  readonly keepMs: number;
  readonly holds: string;
};

export type WantedOptions = {
  /** The bucket or database of samples. */
  readonly name: string;
  readonly keepMs: number;
  readonly keepTiersMs: Readonly<Record<Tier, number>>;
  /** Whether windows and sessions are shipped too. */
  readonly hasTiers: boolean;
};

const holds: Readonly<Record<Tier, string>> = {
  '5m': 'windows of 5 minutes',
  '1h': 'windows of 1 hour',
  '1d': 'days and sessions',
  '1mo': 'months',
};

export function placesOf({ name, keepMs, keepTiersMs, hasTiers }: WantedOptions): readonly Place[] {
  return [
    { tier: 'raw', name, keepMs, holds: 'samples' },
    ...(hasTiers ? tiers : []).map((tier) => ({
      tier,
      name: tierPlace(name, tier),
      keepMs: keepTiersMs[tier],
      holds: holds[tier],
    })),
  ];
}

/** As InfluxDB counts retention; 0 is for ever. */
export function retentionSeconds(keepMs: number): number {
  return Number.isFinite(keepMs) ? Math.ceil(keepMs / 1_000) : 0;
}

const weekSeconds = 7 * 86_400;
/** By itself InfluxDB takes a week, and a query of a year then looks into every room 52 times. */
const shardWeeks: Partial<Readonly<Record<Place['tier'], number>>> = { '1h': 4, '1d': 4, '1mo': 52 };

/** How much time lies in one shard, where InfluxDB is not left to choose. A shard is deleted as a whole, so it is short beside what is kept. */
export function shardSeconds({ tier, keepMs }: Pick<Place, 'tier' | 'keepMs'>): number | undefined {
  const seconds = (shardWeeks[tier] ?? 0) * weekSeconds;
  return seconds === 0 || keepMs < 4_000 * seconds ? undefined : seconds;
}

/** Such as `90d`, `36h` or `forever`, as a person writes it in the configuration. */
export function describeKeep(keepMs: number): string {
  if (!Number.isFinite(keepMs)) return 'forever';
  const seconds = retentionSeconds(keepMs);
  for (const [unit, length] of [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
  ] as const) {
    if (seconds % length === 0) return `${seconds / length}${unit}`;
  }
  return `${seconds}s`;
}
