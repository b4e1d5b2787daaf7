import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { OpenWindow, OpenWindows } from '../../../src/roll-up/open-windows.ts';
import { createRollUp } from '../../../src/roll-up/roll-up.ts';
import { decodeWindows, encodeWindows } from '../../../src/roll-up/windows-text.ts';
import { sampleAt, startMs } from './samples.ts';

const golden = readFileSync(new URL('../../fixtures/roll-up/windows-v1.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n');

const five: OpenWindow = {
  startMs: 1_764_000_000_000,
  endMs: 1_764_000_300_000,
  samples: 20,
  coveredMs: 300_000,
  totals: [120, 14, 90_210],
  deltas: [7, 0, 1_250],
  gapDeltas: [0, 0, 0],
  peaks: [3, 0, 700],
};
const hour: OpenWindow = {
  ...five,
  endMs: 1_764_003_600_000,
  samples: 95,
  deltas: [40, 1, 9_000],
  gapDeltas: [12, 0, 0],
};
const day: OpenWindow = { ...hour, startMs: 1_763_922_600_000, endMs: 1_764_009_000_000, peaks: [9, 1, 1_100] };
const month: OpenWindow = { ...day, startMs: 1_761_935_400_000, endMs: 1_764_527_400_000, samples: 100_000 };

/** What the lines of the golden file say, in their order. */
const states: readonly OpenWindows[] = [
  {
    minute: { startMs: 1_764_000_240_000, growth: [1, 0, 20] },
    tiers: [
      { tier: '5m', window: five, endedMs: 0 },
      { tier: '1h', window: hour, endedMs: 0 },
      { tier: '1d', window: day, endedMs: 0 },
      { tier: '1mo', window: month, endedMs: 0 },
    ],
  },
  {
    minute: undefined,
    tiers: [
      { tier: '5m', window: undefined, endedMs: 1_764_000_300_000 },
      { tier: '1h', window: undefined, endedMs: 1_764_003_600_000 },
      { tier: '1d', window: undefined, endedMs: 1_764_009_000_000 },
      { tier: '1mo', window: month, endedMs: 0 },
    ],
  },
  {
    minute: { startMs: 1_764_000_240_000, growth: [0, 0, Number.MAX_SAFE_INTEGER] },
    tiers: [
      {
        tier: '5m',
        window: {
          ...five,
          samples: 1,
          coveredMs: 0,
          totals: [undefined, 14, Number.MAX_SAFE_INTEGER],
          deltas: [undefined, undefined, Number.MAX_SAFE_INTEGER],
          gapDeltas: [undefined, undefined, 5],
          peaks: [undefined, undefined, 0],
        },
        endedMs: 0,
      },
      { tier: '1h', window: hour, endedMs: 0 },
      { tier: '1d', window: undefined, endedMs: 0 },
      { tier: '1mo', window: month, endedMs: 0 },
    ],
  },
];

describe('the stored state of open windows', () => {
  test('is written as the golden file of version 1 has it', () => {
    expect(states.map(encodeWindows)).toEqual(golden);
  });

  test('is read back from the golden file of version 1', () => {
    expect(golden.map(decodeWindows)).toEqual(states.map((open) => ({ status: 'read', open })));
  });

  const window = '[10,20,1,0,[1],[1],0,[7]]';
  test.each([
    ['', 'is not JSON'],
    ['[1,2', 'is not JSON'],
    ['null', 'is not a list'],
    ['{"minute":null}', 'is not a list'],
    ['[]', 'is not of version 1'],
    ['[2,null,0,0,0,0]', 'is not of version 1'],
    ['["1",null,0,0,0,0]', 'is not of version 1'],
    ['[1]', 'a minute, or null'],
    ['[1,[60000],0,0,0,0]', 'a minute, or null'],
    ['[1,[60000,[-1]],0,0,0,0]', 'a minute, or null'],
    ['[1,null,0,0,0]', '4 tiers'],
    ['[1,null,0,0,0,0,0]', '4 tiers'],
    ['[1,null,null,0,0,0]', 'of tier 5m'],
    ['[1,null,0,-1,0,0]', 'of tier 1h'],
    ['[1,null,0,0,"0",0]', 'of tier 1d'],
    [`[1,null,0,0,0,${window.replace(',[7]]', ']')}]`, 'of tier 1mo'],
    [`[1,null,${window.replace('20', '10')},0,0,0]`, 'of tier 5m'],
    [`[1,null,${window.replace('10', 'null')},0,0,0]`, 'of tier 5m'],
    [`[1,null,${window.replace('20', '20.5')},0,0,0]`, 'of tier 5m'],
    [`[1,null,${window.replace('1,0,', '1,9007199254740993,')},0,0,0]`, 'of tier 5m'],
    [`[1,null,${window.replace('1,0,', '"1",0,')},0,0,0]`, 'of tier 5m'],
    [`[1,null,${window.replace('[7]', '0')},0,0,0]`, 'of tier 5m'],
    [`[1,null,${window.replace('[7]', '{"length":1}')},0,0,0]`, 'of tier 5m'],
    [`[1,null,${window.replace('[7]', '["7"]')},0,0,0]`, 'of tier 5m'],
    [`[1,null,${window.replace('[1],[1],0', '[1],[1],null')},0,0,0]`, 'of tier 5m'],
    [`[1,null,${window.replace('[1],[1],0', '[1],[null],0')},0,0,0]`, 'of tier 5m'],
    [`[1,null,${window.replace('[1],[1],0', '[null],[null],[1]')},0,0,0]`, 'of tier 5m'],
    [`[1,null,${window.replace('[1],[1],0', '[1],[1,1],0')},0,0,0]`, 'of tier 5m'],
  ])('that is no such state is a problem that says why: %s', (text, problem) => {
    expect(decodeWindows(text)).toEqual({ status: 'unreadable', problem: expect.stringContaining(problem) });
  });
});

describe('a roll-up that is given a state it cannot read', () => {
  const rollUp = createRollUp({ timezone: 'Etc/UTC', closeAfterMs: 60_000 });

  test('says why, and begins windows anew with the samples', () => {
    expect(rollUp.addToWindows('[1,nonsense', [sampleAt(0)])).toEqual({
      ...rollUp.addToWindows(undefined, [sampleAt(0)]),
      problem: 'the stored state of open windows is not JSON',
    });
  });

  test('says why, and has no windows to end', () => {
    expect(rollUp.endWindows('[1,nonsense', startMs)).toEqual({
      state: undefined,
      nextEndMs: undefined,
      ended: [],
      problem: 'the stored state of open windows is not JSON',
    });
  });
});
