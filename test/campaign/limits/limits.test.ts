import { expect, test } from 'vitest';
import { findingsOf } from './limits.ts';

const bounded = {
  ...{
    seconds: 1,
    due: 100,
    polls: 100,
    begun: 100,
    answered: 0,
    gone: 0,
    writes: 0,
    besieged: 0,
    startBytes: 1e8,
    mostBytes: 1.2e8,
  },
  ...{ longestLagSeconds: 0.5, slowestScrapeSeconds: 0.5, logLines: 5, exitCode: 0 },
};
const size = { rooms: 50, receivers: 50, everySeconds: 1, mostGrowthBytes: 1e8 };
const broken = { ...size, fault: { kind: 'silence' } } as const;
const besieged = { ...size, siege: { kind: 'never_reads' } } as const;

test('a server is found out that does not keep up with the scrapes', () => {
  const unharmed = { ...bounded, answered: 60, gone: 40, besieged: 80 };
  const scrapes = { kind: 'scrapes', perSecond: 100 } as const;
  expect(findingsOf(unharmed, { ...size, siege: scrapes })).toEqual([
    expect.stringContaining('80 scrapes were answered'),
  ]);
  expect(findingsOf({ ...unharmed, besieged: 95 }, { ...size, siege: scrapes })).toEqual([]);
});

test('a run within its bounds has no findings', () => {
  expect(findingsOf(bounded, broken)).toEqual([]);
  expect(findingsOf({ ...bounded, answered: 60, gone: 40, besieged: 10 }, besieged)).toEqual([]);
});

test.each([
  ['nothing was polled', { polls: 0 }],
  ['only 90 were called out', { begun: 90 }],
  ['watched for 0.9 s', { seconds: 0.9 }],
  ['answered all the same', { answered: 1 }],
  ['memory grew', { mostBytes: 5e8 }],
  ['stood still', { longestLagSeconds: 5 }],
  ['the metrics took', { slowestScrapeSeconds: 11 }],
  ['lines were logged', { logLines: 4_000 }],
  ['ended with 1', { exitCode: 1 }],
])('a run is found out in which %s', (words, change) => {
  expect(findingsOf({ ...bounded, ...change }, broken)).toEqual([expect.stringContaining(words)]);
});

test('a sink without an end is found out that nothing was written to', () => {
  const unharmed = { ...bounded, answered: 60, gone: 40 };
  expect(findingsOf(unharmed, { ...size, isSinkEndless: true })).toEqual(['nothing was written to InfluxDB']);
  expect(findingsOf({ ...unharmed, writes: 3 }, { ...size, isSinkEndless: true })).toEqual([]);
});

test.each([
  ['polls were due', { polls: 80, answered: 80, gone: 0 }],
  ['polls failed', { answered: 59 }],
  ['nobody asked', { besieged: 0 }],
])('a siege is found out in which %s', (words, change) => {
  const unharmed = { ...bounded, answered: 60, gone: 40, besieged: 10 };
  expect(findingsOf({ ...unharmed, ...change }, besieged)).toEqual([expect.stringContaining(words)]);
});
