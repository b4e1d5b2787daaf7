import { createDraws } from './draws.ts';
import type { Scenario } from './scenario.ts';

/** What else a seed has in store: drawn from a stream of its own, so that what was drawn before there were turns stays. */
export type Turns = {
  /** Between two lives one target in so many leaves the watchlist or comes back; 0 for none. */
  readonly absentOneIn: number;
  /** Each life has expressions of its own, no faster than the first ones. */
  readonly changesCron: boolean;
  /** Each life has a reporting time zone of its own. */
  readonly changesReporting: boolean;
  /** For a while the disk of the store refuses writes, refuses everything, or takes long. */
  readonly hasDiskTroubles: boolean;
  /** When a copy of the store is made; from the first end of a life after `restoredMs` on, the collector goes on from it. Monotonic. */
  readonly backup: { readonly atMs: number; readonly restoredMs: number } | undefined;
  /** The operator gives `livetally recall` before the collector goes on, or thinks of it only later, and goes back to the copy again. */
  readonly recalls: 'never' | 'at_once' | 'later';
  /** Verify looks at what one crash in so many leaves behind; 0 for none. */
  readonly looksOneIn: number;
};

export const noTurns: Turns = {
  absentOneIn: 0,
  changesCron: false,
  changesReporting: false,
  hasDiskTroubles: false,
  backup: undefined,
  recalls: 'never',
  looksOneIn: 0,
};

/** Two seeds in five have many targets: there the limits bite, and a poll costs the campaign less. */
const largeShare = 0.4;
/** About this many polls are due in a large run. */
const largePolls = { min: 100_000, max: 250_000 };
/** Points that go one by one, or few at a time, are the work of the small runs. */
const leastLargeBatch = 200;

export function withTurns(scenario: Scenario): Scenario {
  const draws = createDraws(scenario.seed, 'turns');
  const isLarge = draws.uniform() < largeShare;
  const polls = draws.logBetween(largePolls.min, largePolls.max);
  const atMs = draws.uniform() * scenario.lengthMs;
  const restoredMs = atMs + draws.uniform() * (scenario.lengthMs - atMs);
  const drawn = {
    absentOneIn: draws.pick([0, 0, 3, 10]),
    changesCron: draws.oneIn(4),
    changesReporting: draws.oneIn(4),
    hasDiskTroubles: draws.oneIn(4),
    backup: draws.oneIn(5) ? { atMs, restoredMs } : undefined,
    looksOneIn: draws.pick([0, 3]),
  };
  const recalls = draws.oneIn(2) ? draws.pick(['at_once', 'later']) : 'never';
  const turns = { ...drawn, recalls: drawn.backup === undefined ? 'never' : recalls } as const;
  return isLarge ? { ...enlarged(scenario, polls), turns } : { ...scenario, turns };
}

function enlarged(scenario: Scenario, polls: number): Scenario {
  const { world, intervalMs, lengthMs, batchSize, sink } = scenario;
  const plainPolls = ((world.rooms + (world.receivers ?? 0)) * lengthMs) / intervalMs;
  const factor = Math.max(1, polls / plainPolls);
  return {
    ...scenario,
    world: {
      ...world,
      rooms: Math.round(world.rooms * factor),
      receivers: Math.round((world.receivers ?? 0) * factor),
    },
    batchSize: Math.max(batchSize, leastLargeBatch),
    sink: { ...sink, maxPoints: Math.max(sink.maxPoints, leastLargeBatch) },
  };
}
