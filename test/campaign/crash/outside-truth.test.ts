import { expect, test } from 'vitest';
import type { GivenAnswer } from '../../../src/simulator/service.ts';
import {
  commitSamples,
  roomSeries,
  sampleAt,
  startMs,
  TemporaryStore,
} from '../../integration/store/temporary-store.ts';
import { OutsideTruth } from './outside-truth.ts';

function answer(first: number): GivenAnswer {
  const target = { endpoint: 'room_stats', roomId: 'room-1', userId: undefined } as const;
  const totals = [first, 2, 3, 4, 5, 6];
  return { ...target, sdkAppId: 1, wallMs: 0, arrivedMs: 0, requestId: '', code: 0, totals, fault: undefined };
}

/** A store that has committed samples with these first totals. */
function storeWith(...firsts: readonly number[]): TemporaryStore {
  const store = new TemporaryStore();
  using journal = store.open();
  for (const first of firsts) {
    const sample = sampleAt(startMs + first, { totals: [first, 2, 3, 4, 5, 6] });
    commitSamples(journal, roomSeries('room-1'), [sample]);
  }
  return store;
}

const killed = { name: 'a life', committed: 0, isClean: false, stdout: '' };

test('A life whose store holds what was answered and called committed is clean.', () => {
  using store = storeWith(1, 2);
  const truth = new OutsideTruth();
  for (const first of [1, 2, 3]) truth.answered(answer(first));
  truth.lived({ ...killed, store: store.path, committed: 2 });
  expect(truth).toMatchObject({ lost: 0, doubled: 0, wrong: 0, held: 2, findings: [] });
});

test.each([
  ['a commit that the metrics told of', { committed: 3 }],
  ['an answer that came before a clean stop', { isClean: true }],
])('A store that agrees with itself and has lost %s is found out.', (_, changes) => {
  using store = storeWith(1, 2);
  const truth = new OutsideTruth();
  for (const first of [1, 2, 3]) truth.answered(answer(first));
  truth.lived({ ...killed, store: store.path, ...changes });
  expect(truth.lost).toBe(1);
});

test('A commit that was there after an earlier life and is gone is found out.', () => {
  using before = storeWith(1, 2);
  using after = storeWith(1);
  const truth = new OutsideTruth();
  for (const first of [1, 2]) truth.answered(answer(first));
  truth.lived({ ...killed, store: before.path });
  truth.lived({ ...killed, store: after.path });
  expect(truth.lost).toBe(1);
});

test('A sample that nobody has answered, and a torn commit after a clean stop, are found out.', () => {
  using store = storeWith(1);
  const truth = new OutsideTruth();
  truth.lived({
    ...killed,
    store: store.path,
    stdout: 'the last commit in the log of the store is not whole and is left out',
  });
  expect(truth).toMatchObject({ wrong: 2, torn: 1 });
});
