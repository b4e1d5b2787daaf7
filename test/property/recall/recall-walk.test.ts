import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDeepFall } from '../../../src/model/deep-fall.ts';
import type { Sample } from '../../../src/model/sample.ts';
import type { TallyState } from '../../../src/model/tally-state.ts';
import { type Fresh, Memory } from '../../../src/recall/memory.ts';
import { decodeTallyState, encodeTallyState } from '../../../src/tally/state-text.ts';
import { tally, tallyGone } from '../../../src/tally/tally.ts';
import { intervalMs, type Poll, roomWalk } from '../tally/room-walk.ts';

const series = { target: { endpoint: 'room_stats', app: 'main', roomId: 'room-1' }, labels: {} } as const;

/** A run of livetally that goes on from what is remembered. */
function live(from: TallyState | undefined, polls: readonly Poll[]) {
  let state = from;
  return polls.map(({ dueMs, totals, goneBefore }) => {
    if (goneBefore) state = tallyGone(state, dueMs - 1);
    const tallied = tally(state, { dueMs, delayMs: 40, intervalMs, totals });
    state = tallied.state;
    return tallied;
  });
}

/** What a store that remembers this of the room has after these samples were brought back, minute by minute. */
function recalled(copy: TallyState | undefined, samples: readonly Sample[]): readonly Fresh[] {
  const state = copy && encodeTallyState(copy);
  const memory = new Memory(
    {
      register: (all) => all.map(() => ({ endpoint: 'room_stats', seriesId: 1, targetId: 1, state })),
      status: () => ({ committed: { room_stats: 0, gift_count: 0 } }),
      readRows: () => [],
    },
    0,
  );
  const slices = Map.groupBy(samples, ({ dueMs }) => Math.floor(dueMs / 60_000));
  return [...slices.values()].flatMap((slice) => {
    const found = slice.map((sample) => ({ series, sample }));
    memory.meet(found);
    return memory.takeFresh(found);
  });
}

/** Every counter is in every answer. */
const completeWalk = roomWalk.map((polls) => polls.filter(({ totals }) => !totals.includes(undefined)));

/** A walk in two or three parts: until the copy, until the disk was lost, and a run on the copy without recall, if any. */
const parted = (walks: fc.Arbitrary<Poll[]>) =>
  fc
    .record({
      polls: walks,
      copied: fc.double({ min: 0, max: 1, noNaN: true }),
      left: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ polls, copied, left }) => {
      const copyAt = Math.floor(copied * polls.length);
      const leftAt = copyAt + Math.floor(left * (polls.length - copyAt));
      const copy = live(undefined, polls.slice(0, copyAt)).at(-1)?.state;
      return { copy, lost: polls.slice(copyAt, leftAt), since: polls.slice(leftAt) };
    });

test('of one life nothing is changed where nothing is missing, and all of it is remembered', () => {
  fc.assert(
    fc.property(parted(roomWalk), ({ copy, lost, since }) => {
      const tallied = live(copy, [...lost, ...since]);
      const fresh = recalled(
        copy,
        tallied.map(({ sample }) => sample),
      );
      expect(fresh.map(({ sample, isMended }) => ({ sample, isMended }))).toEqual(
        tallied.map(({ sample }) => ({ sample, isMended: false })),
      );
      expect(fresh.map(({ state }) => state)).toEqual(tallied.map(({ state }) => encodeTallyState(state)));
    }),
    { numRuns: 300 },
  );
});

test('whatever is missing and whoever did not know, in every session opening + sum of deltas = highest total', () => {
  let mended = 0;
  const missing = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 80, maxLength: 80 });
  fc.assert(
    fc.property(parted(completeWalk), missing, fc.boolean(), ({ copy, lost, since }, holes, isOfTwoLives) => {
      const lives = isOfTwoLives ? [live(copy, lost), live(copy, since)] : [live(copy, [...lost, ...since])];
      const samples = lives.flat().map(({ sample }) => sample);
      const fresh = recalled(
        copy,
        samples.filter((_, index) => holes[index] !== 0),
      );
      mended += fresh.filter(({ isMended }) => isMended).length;
      checkSessions(copy, fresh);
    }),
    { numRuns: 600 },
  );
  expect(mended).toBeGreaterThan(1_000);
});

function checkSessions(copy: TallyState | undefined, fresh: readonly Fresh[]): void {
  let before = copy;
  let highest = copy?.highest ?? [];
  for (const { sample, state } of fresh) {
    const { dueMs, gapMs, sessionMs, totals, deltas } = sample;
    expect(decodeTallyState(state).status).toBe('read');
    expect(sessionMs).toBeGreaterThanOrEqual(before?.sessionMs ?? 0);
    const isMet = deltas.every((delta) => delta === undefined);
    if (!isMet && before !== undefined && highest.length > 0) expect(gapMs).toBe(dueMs - before.dueMs);
    if (isMet || sessionMs !== before?.sessionMs) highest = totals.map((total) => (isMet ? total : 0));
    for (const delta of deltas) expect(delta ?? 0).toBeGreaterThanOrEqual(0);
    const inDoubt = totals.some((total, counter) => isDeepFall(total ?? Infinity, highest[counter] ?? 0));
    for (const [counter, total] of totals.entries()) {
      const known = highest[counter];
      if (total === undefined || known === undefined) expect(deltas[counter] ?? 0).toBe(0);
      else expect(deltas[counter] ?? 0).toBe(inDoubt ? 0 : Math.max(0, total - known));
    }
    if (!inDoubt)
      highest = totals
        .map((total, counter) => Math.max(total ?? highest[counter] ?? -1, highest[counter] ?? -1))
        .map((high) => (high < 0 ? undefined : high));
    before = { dueMs, sessionMs, highest, gone: false, dips: undefined };
  }
}
