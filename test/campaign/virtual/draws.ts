import { type Chance, createChance, hash } from '../../../src/simulator/chance.ts';

/** What a part of the simulation draws from: each part has a stream of its own, so that one draw more in one changes no other. */
export type Draws = Chance & {
  /** From 0 up to, not including, `bound`. */
  below(bound: number): number;
  oneIn(times: number): boolean;
  pick<const Items extends readonly [unknown, ...unknown[]]>(items: Items): Items[number];
};

const streams = [
  ...['scenario', 'timers', 'collector', 'upstream', 'sink', 'mishaps', 'watchlist', 'messages'],
  // A new stream goes to the end: the numbers of the others are what a seed means.
  ...['turns', 'operator', 'disk', 'looks', 'recalls'],
] as const;

export function createDraws(seed: number, stream: (typeof streams)[number]): Draws {
  const chance = createChance(hash(seed, streams.indexOf(stream)));
  const below = (bound: number) => Math.floor(chance.uniform() * bound);
  return {
    ...chance,
    below,
    oneIn: (times) => below(times) === 0,
    pick: (items) => items[below(items.length)] ?? items[0],
  };
}
