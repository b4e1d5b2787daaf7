import { expect, test } from 'vitest';
import type { Series } from '../../../src/model/target.ts';
import { SeriesCache } from '../../../src/store/series-cache.ts';

test('A series is read once as long as it is asked for again before as many others as the cache is half.', () => {
  const { cache, read } = createCache(4);

  for (const seriesId of [1, 2, 1, 3, 1, 4, 5, 1]) cache.get(seriesId);

  expect(read).toEqual([1, 2, 3, 4, 5]);
});

test('What nobody asks for is forgotten, so that memory stays bounded.', () => {
  const { cache, read } = createCache(4);

  for (const seriesId of [1, 2, 3, 4, 5, 6, 1]) cache.get(seriesId);

  expect(read).toEqual([1, 2, 3, 4, 5, 6, 1]);
});

test('A series that cannot be read is asked for again the next time.', () => {
  let isThere = false;
  const cache = new SeriesCache((seriesId) => {
    if (!isThere) throw new Error('not there');
    return seriesOf(seriesId);
  }, 4);
  expect(() => cache.get(1)).toThrow('not there');

  isThere = true;

  expect(cache.get(1)).toEqual(seriesOf(1));
});

function createCache(size: number) {
  const read: number[] = [];
  const cache = new SeriesCache((seriesId) => {
    read.push(seriesId);
    return seriesOf(seriesId);
  }, size);
  return { cache, read };
}

function seriesOf(seriesId: number): Series {
  return { target: { endpoint: 'room_stats', app: 'main', roomId: `room-${seriesId}` }, labels: {} };
}
