import { createChance, hash } from '../../src/simulator/chance.ts';

/** Chance for tests: its seed determines it wholly. */
export type Dice = {
  /** From 0 up to, not including, `bound`. */
  below(bound: number): number;
  /** True once in `times`. */
  oneIn(times: number): boolean;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** Undefined where there is nothing to pick from. */
  pickAny<Item>(items: readonly Item[]): Item | undefined;
};

export function createDice(...seeds: readonly number[]): Dice {
  const chance = createChance(hash(...seeds));
  const below = (bound: number) => Math.floor(chance.uniform() * bound);
  const pickAny = <Item>(items: readonly Item[]): Item | undefined => items[below(items.length)];
  return {
    below,
    oneIn: (times) => below(times) === 0,
    pick: (items) => pickAny(items) ?? items[0],
    pickAny,
  };
}
