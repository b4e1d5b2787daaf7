import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type IdRanges, intersect, sizeOf, subtract } from '../../../src/store/id-ranges.ts';

const highestId = 40;

/** Any set of ids as ranges: apart from one another, in rising order. */
const ranges = fc.array(fc.boolean(), { minLength: highestId, maxLength: highestId }).map((isIn): IdRanges => {
  const found: { fromId: number; toId: number }[] = [];
  for (const [index, member] of isIn.entries()) {
    const last = found.at(-1);
    if (!member) continue;
    if (last?.toId === index) last.toId++;
    else found.push({ fromId: index, toId: index + 1 });
  }
  return found;
});

test('Ranges subtract and intersect as the sets of their ids do, and stay apart and in order.', () => {
  fc.assert(
    fc.property(ranges, ranges, (a, b) => {
      const [idsOfA, idsOfB] = [idsOf(a), new Set(idsOf(b))];

      expect(idsOf(subtract(a, b))).toEqual(idsOfA.filter((id) => !idsOfB.has(id)));
      expect(idsOf(intersect(a, b))).toEqual(idsOfA.filter((id) => idsOfB.has(id)));
      expect(sizeOf(a)).toBe(idsOfA.length);
      for (const result of [subtract(a, b), intersect(a, b)]) expectApart(result);
    }),
  );
});

function idsOf(ids: IdRanges): number[] {
  return ids.flatMap(({ fromId, toId }) => Array.from({ length: toId - fromId }, (_, index) => fromId + index + 1));
}

function expectApart(ids: IdRanges): void {
  for (const [index, { fromId, toId }] of ids.entries()) {
    expect(fromId).toBeLessThan(toId);
    expect(fromId).toBeGreaterThan(ids[index - 1]?.toId ?? -1);
  }
}
