import { expect, test } from 'vitest';
import { isClean } from '../campaign-part.ts';
import { tornWrites } from './torn-writes.ts';

test('a store whose log of writes is cut anywhere is as before the write or as after it, and goes on from there', async () => {
  const rows = await tornWrites.run({ seed: 1, count: 15, log: () => {} });
  expect(rows.flatMap(({ findings }) => findings)).toEqual([]);
  expect(rows.every(isClean)).toBe(true);
});
