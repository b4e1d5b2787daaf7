import { expect, test } from 'vitest';
import { type Batch, emptyBatch } from '../../../src/store/batch.ts';
import type { Journal } from '../../../src/store/journal.ts';
import { roomSeries, roundAt, sampleAt, startMs, TemporaryStore } from './temporary-store.ts';

const round = roundAt('room_stats', startMs);
const selectRounds = 'SELECT due, polled, failed, skipped, cut_off, ended FROM round ORDER BY start_ms';

test('A round counts its samples as polled in the transaction that stores them, and what is left at its end as cut off.', () => {
  using store = new TemporaryStore();
  using journal = store.open();
  journal.commit({ ...emptyBatch, begun: [{ id: 1, round, due: 10 }] });
  poll(journal, 1, { samples: 4 });
  poll(journal, 1, { samples: 2, unanswered: new Map([[1, { failed: 1, skipped: 2 }]]) });
  expect(store.query(selectRounds)).toEqual([{ due: 10, polled: 6, failed: 1, skipped: 2, cut_off: 0, ended: 0 }]);

  journal.commit({ ...emptyBatch, ended: [1] });

  expect(store.query(selectRounds)).toEqual([{ due: 10, polled: 6, failed: 1, skipped: 2, cut_off: 1, ended: 1 }]);
  expect(journal.status().committed.room_stats).toBe(6);
});

test('An answer that comes after the end of its round takes the place of a cut-off.', () => {
  using store = new TemporaryStore();
  using journal = store.open();
  journal.commit({ ...emptyBatch, begun: [{ id: 1, round, due: 3 }], ended: [1] });

  poll(journal, 1, { samples: 1 });

  expect(store.query(selectRounds)).toEqual([{ due: 3, polled: 1, failed: 0, skipped: 0, cut_off: 2, ended: 1 }]);
});

test('A run that goes on with a round polls what is left; what fell between the two runs is cut off.', () => {
  using store = new TemporaryStore();
  using first = store.open();
  first.commit({ ...emptyBatch, begun: [{ id: 1, round, due: 10 }] });
  poll(first, 1, { samples: 4 });
  first[Symbol.dispose]();

  using second = store.open();
  expect(second.openRounds()).toEqual([{ round, counts: { due: 10, polled: 4, failed: 0, skipped: 0, cutOff: 0 } }]);
  const id = second.nextRoundId();
  second.commit({ ...emptyBatch, begun: [{ id, round, due: 3 }], endBefore: id });
  poll(second, id, { samples: 3 });
  second.commit({ ...emptyBatch, ended: [id] });

  expect(store.query(selectRounds)).toEqual([{ due: 10, polled: 7, failed: 0, skipped: 0, cut_off: 3, ended: 1 }]);
});

test('A round that was ended by a clean stop goes on when it is begun again, with more targets than before if need be.', () => {
  using store = new TemporaryStore();
  using journal = store.open();
  journal.commit({ ...emptyBatch, begun: [{ id: 1, round, due: 5 }] });
  poll(journal, 1, { samples: 3 });
  journal.commit({ ...emptyBatch, ended: [1] });

  journal.commit({ ...emptyBatch, begun: [{ id: 2, round, due: 4 }] });
  poll(journal, 2, { samples: 4 });
  journal.commit({ ...emptyBatch, ended: [2] });

  expect(store.query(selectRounds)).toEqual([{ due: 7, polled: 7, failed: 0, skipped: 0, cut_off: 0, ended: 1 }]);
});

test('Rounds of an earlier run that nobody goes on with are ended, those of this run are not.', () => {
  using store = new TemporaryStore();
  using first = store.open();
  const later = roundAt('room_stats', startMs + 15_000);
  first.commit({
    ...emptyBatch,
    begun: [
      { id: 1, round, due: 5 },
      { id: 2, round: later, due: 5 },
    ],
  });
  first[Symbol.dispose]();

  using second = store.open();
  second.commit({ ...emptyBatch, begun: [{ id: 3, round: later, due: 2 }], endBefore: 3 });

  expect(second.openRounds().map((open) => open.round.startMs)).toEqual([later.startMs]);
  expect(store.query(selectRounds)[0]).toMatchObject({ due: 5, cut_off: 5, ended: 1 });
});

test('A sample of a round that was never begun is refused: its poll would be missing from the books.', () => {
  using store = new TemporaryStore();
  using journal = store.open();

  expect(() => poll(journal, 7, { samples: 1 })).toThrow('round 7 was never begun');
});

function poll(
  journal: Journal,
  roundId: number,
  { samples, unanswered = new Map() }: { samples: number; unanswered?: Batch['unanswered'] },
): void {
  const seriesId = journal.register([roomSeries('room-1')])[0]?.seriesId ?? 0;
  journal.commit({
    ...emptyBatch,
    unanswered,
    samples: Array.from({ length: samples }, (_, index) => {
      return { endpoint: 'room_stats' as const, seriesId, roundId, sample: sampleAt(startMs + index) };
    }),
  });
}
