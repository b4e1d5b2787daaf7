import { describe, expect, test } from 'vitest';
import { judge, type SentRow } from '../../../src/sink/verdict.ts';

function rowsAt(...times: number[]): SentRow[] {
  return times.map((timeMs, index) => ({ id: index + 1, timeMs }));
}

const refused = { status: 'refused', reason: 'bad' } as const;
const tooOld = { status: 'too_old', reason: 'old' } as const;

describe('what an answer means for the rows of a batch', () => {
  test('after a yes all are delivered', () => {
    expect(judge(rowsAt(1, 2), { status: 'written' })).toEqual({
      kind: 'settled',
      rejected: [],
    });
  });

  test('a refused row that is alone is the bad one', () => {
    expect(judge(rowsAt(1), { ...refused, dropped: undefined })).toMatchObject({
      rejected: [{ id: 1, reason: 'bad' }],
    });
  });

  test('when as many were dropped as there are, all are bad', () => {
    expect(judge(rowsAt(1, 2, 3), { ...refused, dropped: 3 })).toMatchObject({
      rejected: [{ id: 1 }, { id: 2 }, { id: 3 }],
    });
  });

  test('when some were dropped, it is not guessed which', () => {
    expect(judge(rowsAt(1, 2, 3), { ...refused, dropped: 1 })).toEqual({ kind: 'some_refused' });
    expect(judge(rowsAt(1, 2, 3), { ...refused, dropped: undefined })).toEqual({ kind: 'some_refused' });
  });

  test('those too old are the oldest, in whatever order the rows are', () => {
    expect(judge(rowsAt(30, 10, 40, 20), { ...tooOld, dropped: 2 })).toEqual({
      kind: 'settled',
      rejected: [
        { id: 2, reason: 'old' },
        { id: 4, reason: 'old' },
      ],
    });
  });

  test('a count of too old rows that cuts through one instant is not trusted', () => {
    expect(judge(rowsAt(10, 20, 20, 30), { ...tooOld, dropped: 2 })).toEqual({ kind: 'some_refused' });
    expect(judge(rowsAt(10, 20, 20, 30), { ...tooOld, dropped: 3 })).toMatchObject({
      rejected: [{ id: 1 }, { id: 2 }, { id: 3 }],
    });
  });

  test('a count of too old rows that cannot be is not trusted', () => {
    for (const dropped of [undefined, 0, 4]) {
      expect(judge(rowsAt(10, 20, 30), { ...tooOld, dropped })).toEqual({ kind: 'some_refused' });
    }
    expect(judge(rowsAt(10, 20, 30), { ...tooOld, dropped: 3 })).toMatchObject({ rejected: [{}, {}, {}] });
  });

  test('a batch that is too large is halved; that a single point is too large is a problem of the server, not of the point', () => {
    const tooLarge = { status: 'too_large', reason: 'HTTP 413' } as const;
    expect(judge(rowsAt(1), tooLarge)).toMatchObject({ kind: 'problem', problem: { status: 'unavailable' } });
    expect(judge(rowsAt(1, 2), tooLarge)).toEqual({ kind: 'too_large' });
  });
});
