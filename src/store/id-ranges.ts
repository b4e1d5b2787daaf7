import type { IdRange } from '../model/id-range.ts';

/** Ranges in rising order that neither overlap nor touch. */
export type IdRanges = readonly IdRange[];

export function sizeOf(ranges: IdRanges): number {
  let size = 0;
  for (const { fromId, toId } of ranges) size += toId - fromId;
  return size;
}

/** The ids of `ranges` that are not in `taken`. */
export function subtract(ranges: IdRanges, taken: IdRanges): IdRanges {
  const left: IdRange[] = [];
  let next = 0;
  for (const range of ranges) {
    let fromId = range.fromId;
    while ((taken[next]?.toId ?? Number.POSITIVE_INFINITY) <= fromId) next++;
    for (let index = next; index < taken.length; index++) {
      const hole = taken[index];
      if (hole === undefined || hole.fromId >= range.toId) break;
      if (hole.fromId > fromId) left.push({ fromId, toId: hole.fromId });
      fromId = hole.toId;
    }
    if (fromId < range.toId) left.push({ fromId, toId: range.toId });
  }
  return left;
}

/** The ids that are in both. */
export function intersect(a: IdRanges, b: IdRanges): IdRanges {
  return subtract(a, subtract(a, b));
}

/** Single ids, in any order. */
export function rangesOf(ids: readonly number[]): IdRanges {
  const ranges: { fromId: number; toId: number }[] = [];
  for (const id of ids.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.toId === id - 1) last.toId = id;
    else ranges.push({ fromId: id - 1, toId: id });
  }
  return ranges;
}

/** At most `count` ids from the low end of a range. */
export function firstIds(range: IdRange, count: number): IdRange {
  return { fromId: range.fromId, toId: Math.min(range.toId, range.fromId + count) };
}
