import { expect, test } from 'vitest';
import type { Row } from '../../../src/sink/backlog.ts';
import { SentPoints } from '../../../src/sink/sent-points.ts';

function* rowsOf(count: number, left: () => void): Generator<Row> {
  try {
    for (let id = 1; id <= count; id++) {
      yield { id, point: { measurement: 'room_stats', tags: [], fields: [['total_viewers', id]], timeMs: 100 - id } };
    }
  } finally {
    left();
  }
}

test.each([0, 1, 3])(
  'all three points count as sent to a sink that reads %i of them, and it is told whether it did',
  (read) => {
    let isLeft = false;
    const points = new SentPoints(rowsOf(3, () => (isLeft = true)));
    const seen: number[] = [];
    if (read > 0) {
      for (const { timeMs } of points) {
        seen.push(timeMs);
        if (seen.length === read) break;
      }
    }
    expect(seen).toEqual([99, 98, 97].slice(0, read));
    expect(points.finish()).toEqual({
      rows: [
        { id: 1, timeMs: 99 },
        { id: 2, timeMs: 98 },
        { id: 3, timeMs: 97 },
      ],
      areRead: read === 3,
    });
    expect([...points]).toEqual([]);
    expect(points.isEmpty).toBe(false);
    expect(isLeft).toBe(true);
  },
);

test('a range without rows has no points', () => {
  const points = new SentPoints(rowsOf(0, () => {}));
  expect(points.isEmpty).toBe(true);
  expect(points.finish()).toEqual({ rows: [], areRead: true });
});

test('rows that cannot be read fail the batch, however often they are asked for', () => {
  function* failing(): Generator<Row> {
    yield* rowsOf(2, () => {});
    throw new Error('disk I/O error');
  }
  const points = new SentPoints(failing());
  const read = () => [...points];
  expect(read).toThrow('disk I/O error');
  expect(read).toThrow('disk I/O error');
  expect(() => points.finish()).toThrow('disk I/O error');
});
