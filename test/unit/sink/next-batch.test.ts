import { describe, expect, test } from 'vitest';
import { withoutTaken } from '../../../src/sink/id-ranges.ts';
import { chooseNextBatch, type Table } from '../../../src/sink/next-batch.ts';

function table(open: readonly (readonly [fromId: number, toId: number])[], options: Partial<Table> = {}): Table {
  return {
    name: 'room_stats',
    open: open.map(([fromId, toId]) => ({ fromId, toId })),
    newestId: open.at(-1)?.[1] ?? 0,
    lingerUntilMs: 0,
    latestBatch: 0,
    ...options,
  };
}

const sent = (fromId: number, toId: number) => ({ kind: 'send', range: { fromId, toId } });

describe('the next batch', () => {
  test('holds the newest rows of what waits', () => {
    expect(chooseNextBatch([table([[0, 250]])], 100, 5)).toMatchObject(sent(150, 250));
    expect(
      chooseNextBatch(
        [
          table([
            [0, 50],
            [80, 90],
          ]),
        ],
        100,
        5,
      ),
    ).toMatchObject(sent(80, 90));
  });

  test('lets a few fresh rows linger, and takes older ones meanwhile', () => {
    const fresh = { lingerUntilMs: 10 };
    expect(chooseNextBatch([table([[90, 100]], fresh)], 100, 5)).toEqual({ kind: 'linger', untilMs: 10 });
    expect(
      chooseNextBatch(
        [
          table(
            [
              [0, 50],
              [90, 100],
            ],
            fresh,
          ),
        ],
        100,
        5,
      ),
    ).toMatchObject(sent(0, 50));
    expect(
      chooseNextBatch(
        [
          table(
            [
              [0, 50],
              [90, 100],
            ],
            fresh,
          ),
        ],
        100,
        10,
      ),
    ).toMatchObject(sent(90, 100));
  });

  test('does not let a full batch of fresh rows linger', () => {
    expect(chooseNextBatch([table([[0, 120]], { lingerUntilMs: 10 })], 100, 5)).toMatchObject(sent(20, 120));
  });

  test('does not let old rows linger, however few', () => {
    expect(chooseNextBatch([table([[0, 3]], { newestId: 100, lingerUntilMs: 10 })], 100, 5)).toMatchObject(sent(0, 3));
  });

  test('takes fresh rows of one table before old rows of the other', () => {
    const old = table([[0, 1_000]], { newestId: 2_000, latestBatch: 1 });
    const fresh = table([[90, 100]], { name: 'gift_count', latestBatch: 2 });
    expect(chooseNextBatch([old, fresh], 100, 5)).toMatchObject({ table: 'gift_count' });
  });

  test('takes the tables in turns', () => {
    const rooms = table([[0, 1_000]], { latestBatch: 4 });
    const gifts = table([[0, 1_000]], { name: 'gift_count', latestBatch: 3 });
    expect(chooseNextBatch([rooms, gifts], 100, 5)).toMatchObject({ table: 'gift_count' });
    expect(chooseNextBatch([rooms, { ...gifts, latestBatch: 5 }], 100, 5)).toMatchObject({ table: 'room_stats' });
  });

  test('is nothing where nothing waits', () => {
    expect(chooseNextBatch([table([])], 100, 5)).toEqual({ kind: 'nothing' });
  });
});

test('ids in flight are cut out of what waits', () => {
  const waiting = [
    { fromId: 0, toId: 10 },
    { fromId: 20, toId: 30 },
  ];
  expect(
    withoutTaken(waiting, [
      { fromId: 25, toId: 30 },
      { fromId: 3, toId: 5 },
      { fromId: 8, toId: 22 },
    ]),
  ).toEqual([
    { fromId: 0, toId: 3 },
    { fromId: 5, toId: 8 },
    { fromId: 22, toId: 25 },
  ]);
});
