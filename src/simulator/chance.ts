/** Mixes integers into 32 well-spread bits; only the lower 32 bits of each part count. */
export function hash(...parts: readonly number[]): number {
  let bits = 0;
  for (const part of parts) bits = mix(Math.imul(bits, 31) + (part | 0) + goldenRatio);
  return bits;
}

/** A stream of chance that its seed determines wholly. */
export type Chance = {
  /** From 0 up to, not including, 1. */
  uniform(): number;
  between(min: number, max: number): number;
  /** As likely between 1 and 10 as between 10 and 100. */
  logBetween(min: number, max: number): number;
  /** Mean 0, standard deviation 1. */
  normal(): number;
  /** How many of independent events happen where `mean` are expected. */
  poisson(mean: number): number;
};

export function createChance(seed: number): Chance {
  let state = seed | 0;
  const uniform = () => {
    state = (state + goldenRatio) | 0;
    return mix(state) / 2 ** 32;
  };
  const between = (min: number, max: number) => min + (max - min) * uniform();
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return {
    uniform,
    between,
    logBetween: (min, max) => Math.exp(between(Math.log(min), Math.log(max))),
    normal,
    poisson(mean) {
      if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
      const mark = uniform();
      let probability = Math.exp(-mean);
      let reached = probability;
      let events = 0;
      while (reached < mark) {
        events++;
        probability *= mean / events;
        reached += probability;
      }
      return events;
    },
  };
}

/** 2^32 divided by the golden ratio: multiples of it are spread evenly over 32 bits. */
const goldenRatio = 0x9e3779b9;

/** Every bit of the result depends on every bit of the input; unsigned. */
function mix(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
