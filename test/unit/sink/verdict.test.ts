import { describe, expect, test } from 'vitest';
import type { Row } from '../../../src/sink/backlog.ts';
import { judge } from '../../../src/sink/verdict.ts';

function rowsAt(...times: number[]): Row[] {
  return times.map((dueMs, index) => ({
    id: index + 1,
    seriesId: 0,
    sample: { dueMs, delayMs: 1, gapMs: undefined, sessionMs: dueMs, totals: [], deltas: [] },
  }));
}

const refused = { status: 'refused', reason: 'bad' } as const;
const tooOld = { status: 'too_old', reason: 'old' } as const;

describe('what an answer means for the rows of a batch', () => {
  test('after a yes all are delivered', () => {
    expect(judge(rowsAt(1, 2), { status: 'written' })).toEqual({
      kind: 'settled',
      settlement: { delivered: 2, rejected: [] },
    });
  });

  test('a refused row that is alone is the bad one', () => {
    expect(judge(rowsAt(1), { ...refused, dropped: undefined })).toMatchObject({
      settlement: { delivered: 0, rejected: [{ id: 1, reason: 'bad' }] },
    });
  });

  test('when as many were dropped as there are, all are bad', () => {
    expect(judge(rowsAt(1, 2, 3), { ...refused, dropped: 3 })).toMatchObject({
      settlement: { delivered: 0, rejected: [{ id: 1 }, { id: 2 }, { id: 3 }] },
    });
  });

  test('when some were dropped, it is not guessed which', () => {
    expect(judge(rowsAt(1, 2, 3), { ...refused, dropped: 1 })).toEqual({ kind: 'some_refused' });
    expect(judge(rowsAt(1, 2, 3), { ...refused, dropped: undefined })).toEqual({ kind: 'some_refused' });
  });

  test('those too old are the oldest, in whatever order the rows are', () => {
    expect(judge(rowsAt(30, 10, 40, 20), { ...tooOld, dropped: 2 })).toEqual({
      kind: 'settled',
      settlement: {
        delivered: 2,
        rejected: [
          { id: 2, reason: 'old' },
          { id: 4, reason: 'old' },
        ],
      },
    });
  });

  test('a count of too old rows that cuts through one instant is not trusted', () => {
    expect(judge(rowsAt(10, 20, 20, 30), { ...tooOld, dropped: 2 })).toEqual({ kind: 'some_refused' });
    expect(judge(rowsAt(10, 20, 20, 30), { ...tooOld, dropped: 3 })).toMatchObject({ settlement: { delivered: 1 } });
  });

  test('a count of too old rows that cannot be is not trusted', () => {
    for (const dropped of [undefined, 0, 4]) {
      expect(judge(rowsAt(10, 20, 30), { ...tooOld, dropped })).toEqual({ kind: 'some_refused' });
    }
    expect(judge(rowsAt(10, 20, 30), { ...tooOld, dropped: 3 })).toMatchObject({ settlement: { delivered: 0 } });
  });

  test('a batch of one that is too large is rejected, a larger one is only too large', () => {
    const tooLarge = { status: 'too_large', reason: 'HTTP 413' } as const;
    expect(judge(rowsAt(1), tooLarge)).toMatchObject({ settlement: { delivered: 0, rejected: [{ id: 1 }] } });
    expect(judge(rowsAt(1, 2), tooLarge)).toEqual({ kind: 'too_large' });
  });
});
