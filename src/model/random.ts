/** A source of chance: an integer of 0 to `bound` - 1, for a bound of at most 2^48. */
export type Random = (bound: number) => number;
