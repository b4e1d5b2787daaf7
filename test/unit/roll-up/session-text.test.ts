import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { OpenSession } from '../../../src/roll-up/open-session.ts';
import { createRollUp } from '../../../src/roll-up/roll-up.ts';
import { decodeSession, encodeSession } from '../../../src/roll-up/session-text.ts';
import { sampleAt, startMs } from './samples.ts';

const golden = readFileSync(new URL('../../fixtures/roll-up/sessions-v1.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n');

const running: OpenSession = {
  seriesId: 12,
  startMs: 1_764_000_000_000,
  lastDueMs: 1_764_005_985_203,
  samples: 400,
  coveredMs: 5_985_000,
  isConfirmed: true,
  isWritten: false,
  totals: [13_197, 0, Number.MAX_SAFE_INTEGER],
  openings: [12_000, 0, 9_020_100],
  peaks: [12, 0, 4_180],
  minute: { startMs: 1_764_005_940_000, growth: [2, 0, 400] },
};

/** What the lines of the golden file say, in their order. */
const sessions: readonly OpenSession[] = [
  running,
  { ...running, isConfirmed: false, isWritten: true, minute: undefined },
  {
    ...running,
    lastDueMs: running.startMs,
    samples: 1,
    coveredMs: 0,
    totals: [undefined, 7, undefined],
    openings: [undefined, 7, undefined],
    peaks: [undefined, undefined, undefined],
    minute: { startMs: 1_764_000_000_000, growth: [0, 0, 0] },
  },
];

describe('the stored state of a session', () => {
  test('is written as the golden file of version 1 has it', () => {
    expect(sessions.map(encodeSession)).toEqual(golden);
  });

  test('is read back from the golden file of version 1', () => {
    expect(golden.map(decodeSession)).toEqual(sessions.map((session) => ({ status: 'read', session })));
  });

  test.each([
    ['', 'is not JSON'],
    ['7', 'is not a list'],
    ['[0,3,10,20,1,0,1,0,[1],[1],[1],null]', 'is not of version 1'],
    ['[1]', 'a series, a start'],
    ['[1,"3",10,20,1,0,1,0,[1],[1],[1],null]', 'a series, a start'],
    ['[1,3,20,10,1,0,1,0,[1],[1],[1],null]', 'a series, a start'],
    ['[1,3,10,20.5,1,0,1,0,[1],[1],[1],null]', 'a series, a start'],
    ['[1,3,10,20,0,0,1,0,[1],[1],[1],null]', 'a number of samples'],
    ['[1,3,10,20,1,-1,1,0,[1],[1],[1],null]', 'a number of samples'],
    ['[1,3,10,20,1,0,true,0,[1],[1],[1],null]', 'does not end as it should'],
    ['[1,3,10,20,1,0,1,2,[1],[1],[1],null]', 'does not end as it should'],
    ['[1,3,10,20,1,0,1,0,[1],[1],[1]]', 'does not end as it should'],
    ['[1,3,10,20,1,0,1,0,[1],[1],[1],null,0]', 'does not end as it should'],
    ['[1,3,10,20,1,0,1,0,[1],[null],[1],null]', 'openings for the same counters'],
    ['[1,3,10,20,1,0,1,0,[1],[1,1],[1],null]', 'openings for the same counters'],
    ['[1,3,10,20,1,0,1,0,[-1],[1],[1],null]', 'totals'],
    ['[1,3,10,20,1,0,1,0,[1],[1],0,null]', 'peaks'],
    ['[1,3,10,20,1,0,1,0,[1],[1],[1],[0]]', 'a minute, or null'],
  ])('that is no such state is a problem that says why: %s', (text, problem) => {
    expect(decodeSession(text)).toEqual({ status: 'unreadable', problem: expect.stringContaining(problem) });
  });
});

describe('a roll-up that is given a session it cannot read', () => {
  const rollUp = createRollUp({ timezone: 'Etc/UTC', closeAfterMs: 60_000 });
  const problem = 'the stored state of a session is not JSON';

  test('says why, and begins the session anew with the totals that its samples have', () => {
    const goesOn = sampleAt(60_000, { totals: [140], deltas: [5] });
    const step = rollUp.addToSession('[1,nonsense', [{ seriesId: 1, sample: goesOn }]);
    expect(step.problem).toBe(problem);
    expect(rollUp.endSession(step.state, startMs + 600_000).ended).toMatchObject([
      { session: { startMs, samples: 1, totals: [140], openings: [135] } },
    ]);
  });

  test('says why, has nothing to close, and leaves the text as it is', () => {
    expect(rollUp.endSession('[1,nonsense', startMs)).toEqual({
      state: '[1,nonsense',
      nextEndMs: undefined,
      ended: [],
      problem,
    });
  });
});
