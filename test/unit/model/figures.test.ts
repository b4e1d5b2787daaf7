import { expect, test } from 'vitest';
import { counted, formatSize } from '../../../src/model/figures.ts';

test.each([
  [0, '0 rooms'],
  [1, '1 room'],
  [1.04, '1 room'],
  [1.5, '1.5 rooms'],
  [2, '2 rooms'],
  [1234567, '1,234,567 rooms'],
])('%d is counted as "%s"', (count, words) => {
  expect(counted(count, 'room')).toBe(words);
});

test.each([
  [0, '0 B'],
  [0.5, '0.5 B'],
  [1023, '1,023 B'],
  [1024, '1 KiB'],
  [1024 ** 2 * 4.25, '4.3 MiB'],
  [1024 ** 4 * 2000, '2,000 TiB'],
])('%d bytes are written as %s', (bytes, words) => {
  expect(formatSize(bytes)).toBe(words);
});
