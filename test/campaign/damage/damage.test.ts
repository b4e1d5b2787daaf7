import { expect, test } from 'vitest';
import { damage } from './damage.ts';

test('A store that is flipped or cut anywhere opens, or says what is damaged and how to go on; salvage gets out the rest.', async () => {
  const [row] = await damage.run({ seed: 1, count: 24, log: () => {} });
  expect(row?.findings).toEqual([]);
}, 120_000);
