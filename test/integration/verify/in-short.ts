import type { Verified } from '../../../src/verify/verify.ts';

/** What was found, in short: kind and place of each group with its number. */
export function inShort({ findings }: Verified): readonly string[] {
  return findings.map(({ kind, place, count }) => `${kind} ${place} ${count}`);
}
