import { type Chance, createChance, hash } from './chance.ts';
import type { WorldShape } from './world-shape.ts';

/** One life of a room: from its creation, with counters at 0, to its destruction. All instants are epoch milliseconds. */
export type Life = {
  readonly createdMs: number;
  /** The show ends; the room goes on answering with its last totals until it is destroyed. */
  readonly onAirUntilMs: number;
  /** The first instant at which the room is gone. */
  readonly destroyedMs: number;
  readonly spikes: readonly Spike[];
  readonly ramp: Ramp | undefined;
  readonly dips: readonly Dip[];
  /** Where the chance of this life's counters begins. */
  readonly seed: number;
};

/** From start to end the mean rate of the counter is `factor` times what it would have been. */
export type Spike = {
  readonly startMs: number;
  readonly endMs: number;
  /** A spike of gifts multiplies their coins too; one of coins makes each gift worth more. */
  readonly counter: 'viewers' | 'gifts' | 'coins';
  readonly factor: number;
};

/** From start to end every rate grows evenly to `factor` times, and stays there: not a spike. */
export type Ramp = { readonly startMs: number; readonly endMs: number; readonly factor: number };

/** From start to end the room answers with the totals that it had at `asOfMs`: a stale read. */
export type Dip = { readonly startMs: number; readonly endMs: number; readonly asOfMs: number };

/** Width of the cells in which counters grow, in hours of the world. Spikes begin and end on their edges. */
export const cellHours = 15 / 3600;

/**
 * The lives in one slot of a room: none, one, or two where it is re-made in mid-show.
 * All of them end within the slot, so that the life at any instant is found without its past.
 */
export function livesInSlot(shape: WorldShape, roomSeed: number, slot: number, slotStartMs: number): readonly Life[] {
  const chance = createChance(hash(roomSeed, slot));
  if (chance.uniform() < dayOffShare) return [];
  const { hourMs, slotMs, showHours } = shape;
  // A slot may begin within a millisecond, and a life is a whole number of them.
  const startMs = Math.max(Math.ceil(slotStartMs), slotStartMs + chance.uniform() * longestDelay * slotMs);
  const hours = chance.logBetween(showHours.min, Math.max(showHours.min, showHours.max));
  const endMs = startMs + Math.min(hours * hourMs, longestShow * slotMs);
  const lingerMs = Math.min(chance.uniform() * 0.5 * hourMs, longestLinger * slotMs);
  const remade = chance.uniform() < shape.remadeShare;
  if (!remade) return [planLife(shape, chance, startMs, endMs, endMs + lingerMs)];

  const destroyedMs = startMs + (endMs - startMs) * chance.between(0.2, 0.7);
  const awayMs = chance.uniform() < 0.5 ? 0 : Math.min(chance.between(0.005, 0.05) * hourMs, (endMs - destroyedMs) / 2);
  return [
    planLife(shape, chance, startMs, destroyedMs, destroyedMs),
    planLife(shape, chance, destroyedMs + awayMs, endMs, endMs + lingerMs),
  ];
}

/** Share of the slots without a show. */
const dayOffShare = 0.08;
/** How much of a slot passes at most before, during and after the show; together less than the whole. */
const longestDelay = 0.15;
const longestShow = 0.6;
const longestLinger = 0.1;

function planLife(shape: WorldShape, chance: Chance, fromMs: number, onAirUntil: number, until: number): Life {
  const createdMs = Math.round(fromMs);
  const onAirUntilMs = Math.round(onAirUntil);
  return {
    createdMs,
    onAirUntilMs,
    destroyedMs: Math.round(until),
    spikes: planSpikes(shape, chance, createdMs, onAirUntilMs),
    ramp: planRamp(shape, chance, createdMs, onAirUntilMs),
    dips: planDips(shape, chance, createdMs, onAirUntilMs),
    seed: Math.floor(chance.uniform() * 2 ** 32),
  };
}

/** At most one spike in each full window, after the show has found its level: a spike needs an ordinary past to stand out from. */
function planSpikes(shape: WorldShape, chance: Chance, createdMs: number, onAirUntilMs: number): readonly Spike[] {
  const warmUpHours = 0.25;
  const windowHours = 0.75;
  const hours = (onAirUntilMs - createdMs) / shape.hourMs;
  const spikes: Spike[] = [];
  for (let atHours = warmUpHours; atHours + windowHours <= hours; atHours += windowHours) {
    if (chance.uniform() >= shape.spikesPerHour * windowHours) continue;
    const cells = Math.round(chance.between(2 / 60, 8 / 60) / cellHours);
    const startCell = Math.ceil(atHours / cellHours + chance.uniform() * (windowHours / cellHours - cells - 1));
    const kind = chance.uniform();
    spikes.push({
      startMs: Math.round(createdMs + startCell * cellHours * shape.hourMs),
      endMs: Math.round(createdMs + (startCell + cells) * cellHours * shape.hourMs),
      counter: kind < 0.5 ? 'gifts' : kind < 0.75 ? 'coins' : 'viewers',
      factor: chance.logBetween(3, 50),
    });
  }
  return spikes;
}

function planRamp(shape: WorldShape, chance: Chance, createdMs: number, onAirUntilMs: number): Ramp | undefined {
  const lengthMs = onAirUntilMs - createdMs;
  if (lengthMs < shape.hourMs || chance.uniform() >= shape.rampShare) return undefined;
  const startMs = Math.round(createdMs + lengthMs * chance.between(0.2, 0.4));
  const endMs = Math.round(startMs + lengthMs * chance.between(0.4, 0.6));
  return { startMs, endMs, factor: chance.between(2, 5) };
}

/** Dips keep their distance, so that no two of them look like one that lasts. */
function planDips(shape: WorldShape, chance: Chance, createdMs: number, onAirUntilMs: number): readonly Dip[] {
  const lengthMs = onAirUntilMs - createdMs;
  const dips: Dip[] = [];
  for (let left = chance.poisson((shape.dipsPerHour * lengthMs) / shape.hourMs); left > 0; left--) {
    const startMs = Math.round(createdMs + lengthMs * chance.between(0.1, 0.9));
    const longestMs = Math.min(shape.maxDipMs, lengthMs / 20);
    const isHalf = chance.uniform() < 0.5;
    const lagMs = isHalf ? (startMs - createdMs) / 2 : Math.min(chance.between(2000, 30_000), startMs - createdMs);
    dips.push({
      startMs,
      endMs: Math.round(startMs + chance.between(0.05, 1) * longestMs),
      asOfMs: Math.round(startMs - lagMs),
    });
  }
  let freeFromMs = createdMs;
  return dips
    .sort((a, b) => a.startMs - b.startMs)
    .filter(({ startMs, endMs }) => {
      if (startMs < freeFromMs) return false;
      freeFromMs = endMs + shape.maxDipMs;
      return true;
    });
}
