import type { IdRange } from '../model/id-range.ts';

export function sizeOf(range: IdRange): number {
  return range.toId - range.fromId;
}

/** The part of a range with the highest ids, at most `size` of them. */
export function newestPart(range: IdRange, size: number): IdRange {
  return { fromId: Math.max(range.fromId, range.toId - size), toId: range.toId };
}

/** What is left of ranges (oldest first) without those that are taken (in any order). */
export function withoutTaken(ranges: readonly IdRange[], taken: readonly IdRange[]): IdRange[] {
  let left = [...ranges];
  for (const { fromId, toId } of taken) {
    left = left.flatMap((range) =>
      [
        { fromId: range.fromId, toId: Math.min(range.toId, fromId) },
        { fromId: Math.max(range.fromId, toId), toId: range.toId },
      ].filter((part) => sizeOf(part) > 0),
    );
  }
  return left;
}
