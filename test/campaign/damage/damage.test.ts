import { expect, test } from 'vitest';
import { damage, judgeCase } from './damage.ts';
import { createOriginalStore } from './original-store.ts';

test('A store that is flipped or cut anywhere opens, or says what is damaged and how to go on; salvage gets out the rest.', async () => {
  const [row] = await damage.run({ seed: 1, count: 16, log: () => {} });
  expect(row?.findings).toEqual([]);
}, 120_000);

test.each([
  {
    seed: 1,
    number: 1124,
    count: 5000,
    found: 'a value of a length that none has ended verify with an error of SQLite',
  },
])('What case $number of $count has found is mended: $found.', async (damageCase) => {
  using original = createOriginalStore();
  expect(await judgeCase(damageCase, original, () => {})).toEqual([]);
});
