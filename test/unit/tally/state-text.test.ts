import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { TallyState } from '../../../src/model/tally-state.ts';
import { decodeTallyState, encodeTallyState } from '../../../src/tally/state-text.ts';

const golden = readFileSync(new URL('../../fixtures/tally/states-v1.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n');

/** What the lines of the golden file say, in their order. */
const states: readonly TallyState[] = [
  {
    dueMs: 1_764_000_015_000,
    sessionMs: 1_764_000_000_000,
    highest: [120, 14, 90_210, 9, 4100, 333],
    gone: false,
    dips: undefined,
  },
  { dueMs: 1_764_000_000_000, sessionMs: 1_764_000_000_000, highest: [0, 0, 0], gone: false, dips: undefined },
  {
    dueMs: 1_764_000_030_000,
    sessionMs: 1_763_990_000_000,
    highest: [undefined, 5, Number.MAX_SAFE_INTEGER, undefined, 0, 7],
    gone: false,
    dips: undefined,
  },
  { dueMs: 1_764_000_045_000, sessionMs: 1_763_990_000_000, highest: [8, 1500, 6], gone: true, dips: undefined },
  {
    dueMs: 1_764_000_060_000,
    sessionMs: 1_763_990_000_000,
    highest: [1000, 14, 90_210, 9, undefined, 333],
    gone: false,
    dips: [
      { samples: 3, sinceMs: 1_764_000_030_000 },
      { samples: 0, sinceMs: undefined },
      undefined,
      { samples: 1, sinceMs: 1_764_000_060_000 },
      undefined,
      undefined,
    ],
  },
  {
    dueMs: 1_764_000_075_000,
    sessionMs: 1_763_990_000_000,
    highest: [1000, 14, 90_210],
    gone: true,
    dips: [{ samples: 0, sinceMs: undefined }, undefined, { samples: 2, sinceMs: 1_764_000_060_000 }],
  },
];

describe('the stored state', () => {
  test('is written as the golden file of version 1 has it', () => {
    expect(states.map(encodeTallyState)).toEqual(golden);
  });

  test('is read back from the golden file of version 1', () => {
    expect(golden.map(decodeTallyState)).toEqual(states.map((state) => ({ status: 'read', state })));
  });

  test.each([
    ['', 'is not JSON'],
    ['[1,2', 'is not JSON'],
    ['null', 'is not a list'],
    ['{"dueMs":1}', 'is not a list'],
    ['[]', 'is not of version 1'],
    ['[2,20,10,[1]]', 'is not of version 1'],
    ['["1",20,10,[1]]', 'is not of version 1'],
    ['[1,20]', 'a due instant'],
    ['[1,10,20,[1]]', 'a due instant'],
    ['[1,20.5,10,[1]]', 'a due instant'],
    ['[1,9007199254740993,10,[1]]', 'a due instant'],
    ['[1,20,10]', 'a list of totals'],
    ['[1,20,10,{"length":1}]', 'a list of totals'],
    ['[1,20,10,[-1]]', 'a list of totals'],
    ['[1,20,10,["1"]]', 'a list of totals'],
    ['[1,20,10,[1],2]', 'does not end as it should'],
    ['[1,20,10,[1],true]', 'does not end as it should'],
    ['[1,20,10,[1],0,[null],0]', 'does not end as it should'],
    ['[1,20,10,[1],0,null]', 'one dip'],
    ['[1,20,10,[1],0,[null,null]]', 'one dip'],
    ['[1,20,10,[1],0,[1]]', 'one dip'],
    ['[1,20,10,[1],0,[[15]]]', 'one dip'],
    ['[1,20,10,[1],0,[[15,0]]]', 'one dip'],
    ['[1,20,10,[1],0,[[15,4]]]', 'one dip'],
    ['[1,20,10,[1],0,[[21,1]]]', 'one dip'],
    ['[1,20,10,[1],0,[["15",1]]]', 'one dip'],
  ])('that is no such state is a problem that says why: %s', (text, problem) => {
    expect(decodeTallyState(text)).toEqual({ status: 'unreadable', problem: expect.stringContaining(problem) });
  });
});
