import { createChance } from './chance.ts';
import { cellHours, type Life, type Spike } from './life.ts';
import type { WorldShape } from './world-shape.ts';

/** What the counters of a room are made of, at one instant of a life. */
export type Counts = {
  readonly viewers: number;
  readonly gifts: number;
  readonly coins: number;
  readonly messages: number;
};

/** How the counters of one life grow; never falling. */
export type Growth = { at(atMs: number): Counts };

/**
 * Draws the life from its beginning up to the latest instant asked for: what each cell of 15 s adds is chance around the mean
 * that the show's plan gives, and the sums are kept (15 kB for two hours), so that a reading costs nothing but finding its cell.
 */
export function createGrowth(shape: WorldShape, size: number, life: Life): Growth {
  const cellMs = cellHours * shape.hourMs;
  const lengthMs = life.onAirUntilMs - life.createdMs;
  const sums = new Float64Array((Math.max(1, Math.ceil(lengthMs / cellMs)) + 1) * columns);
  const drawing = drawCells(shape, size, life, cellMs, sums);
  let drawn = 0;
  return {
    at(atMs) {
      const cells = Math.min(Math.max(0, atMs - life.createdMs), lengthMs) / cellMs;
      const cell = Math.floor(cells);
      for (; drawn <= cell; drawn++) drawing.next();
      const part = cells - cell;
      const from = cell * columns;
      const grown = (column: number) => {
        const sum = sums[from + column] ?? 0;
        return (sums[from + columns + column] ?? sum) - sum;
      };
      const giftsBefore = sums[from + 1] ?? 0;
      const giftsInCell = grown(1);
      const gifts = Math.floor(giftsInCell * part);
      return {
        viewers: (sums[from] ?? 0) + Math.floor(grown(0) * part),
        gifts: giftsBefore + gifts,
        // Coins come with gifts: they grow only when a gift is counted.
        coins: (sums[from + 2] ?? 0) + (gifts === 0 ? 0 : Math.floor((grown(2) * gifts) / giftsInCell)),
        messages: (sums[from + 3] ?? 0) + Math.floor(grown(3) * part),
      };
    },
  };
}

/** Viewers, gifts, coins, messages: one number of each per edge of a cell. */
const columns = 4;

/** What a gift costs in coins, and how many of all gifts are of that kind. A few expensive ones make most of the coins. */
const giftKinds = [
  { coins: 1, share: 0.6 },
  { coins: 5, share: 0.2 },
  { coins: 10, share: 0.12 },
  { coins: 99, share: 0.07 },
  { coins: 520, share: 0.01 },
] as const;

/** The audience's mood wanders around its mean: how far (in logarithm), and how much of it stays from cell to cell (12 minutes' memory). */
const wanderWidth = 0.25;
const wanderMemory = 0.98;

/** Each step writes the sums at the end of one more cell. */
function* drawCells(
  shape: WorldShape,
  size: number,
  life: Life,
  cellMs: number,
  sums: Float64Array,
): Generator<void, void> {
  const chance = createChance(life.seed);
  const minutesPerCell = cellHours * 60;
  const viewersPerCell = 3 * size * minutesPerCell;
  const giftsPerCell = 1.2 * size ** 0.9 * minutesPerCell;
  const messagesPerCell = 6 * size ** 0.9 * minutesPerCell;
  let wander = wanderWidth * chance.normal();
  const sum = { viewers: 0, gifts: 0, coins: 0, messages: 0 };
  for (let cell = 0; (cell + 1) * columns < sums.length; cell++) {
    const atMs = life.createdMs + (cell + 0.5) * cellMs;
    const minutes = (cell + 0.5) * minutesPerCell;
    wander = wanderMemory * wander + wanderWidth * Math.sqrt(1 - wanderMemory ** 2) * chance.normal();
    const level = Math.exp(wander) * timeOfDay(shape, atMs) * rampFactor(life, atMs);
    const warmth = 1 - Math.exp(-minutes / 6);
    const rush = 1 + 3 * Math.exp(-minutes / 4);
    const spike = life.spikes.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);

    sum.viewers += chance.poisson(viewersPerCell * level * rush * factorOf(spike, 'viewers'));
    sum.messages += chance.poisson(messagesPerCell * level * warmth);
    const gifts = giftsPerCell * level * warmth * factorOf(spike, 'gifts');
    const worth = factorOf(spike, 'coins');
    for (const kind of giftKinds) {
      const count = chance.poisson(gifts * kind.share);
      sum.gifts += count;
      sum.coins += Math.round(count * kind.coins * worth);
    }
    sums.set([sum.viewers, sum.gifts, sum.coins, sum.messages], (cell + 1) * columns);
    yield;
  }
}

function factorOf(spike: Spike | undefined, counter: Spike['counter']): number {
  return spike?.counter === counter ? spike.factor : 1;
}

/** Busiest at nine in the evening of the world, half as busy at nine in the morning. */
function timeOfDay(shape: WorldShape, atMs: number): number {
  const hours = (atMs - shape.epochMs) / shape.hourMs;
  return 1 + (1 / 3) * Math.cos(((hours - 21) * 2 * Math.PI) / 24);
}

function rampFactor({ ramp }: Life, atMs: number): number {
  if (ramp === undefined) return 1;
  const progress = (atMs - ramp.startMs) / (ramp.endMs - ramp.startMs);
  return 1 + (ramp.factor - 1) * Math.min(1, Math.max(0, progress));
}
