/**
 * Whether a counter is below half of the highest total of its session: until that is settled, the answer may be a stale one, or
 * of a room made anew. Of what is not known nothing is said.
 */
export function isDeepFall(total: number | undefined, highest: number | undefined): boolean {
  return total !== undefined && highest !== undefined && total * 2 < highest;
}
