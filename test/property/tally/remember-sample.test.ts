import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rememberSample } from '../../../src/tally/tally.ts';
import { roomWalk } from './room-walk.ts';
import { runTally } from './run-tally.ts';

test('what is remembered after a sample follows from the sample, whatever the room was reported to be in between', () => {
  fc.assert(
    fc.property(roomWalk, (polls) => {
      const tallied = runTally(polls);
      for (const [index, { sample, state }] of tallied.entries()) {
        expect(rememberSample(tallied[index - 1]?.state, sample)).toEqual(state);
      }
    }),
    { numRuns: 200 },
  );
});
