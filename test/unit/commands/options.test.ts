import type { ParseArgsOptionsConfig } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type CommandContext, explainUnknownCommand, parseOptions, UsageError } from '../../../src/commands/command.ts';
import {
  readDurations,
  readLimits,
  readListen,
  readPositiveNumber,
  readWholeNumber,
} from '../../../src/commands/option-values.ts';
import { systemRandom } from '../../../src/system-clock.ts';
import { createVirtualClock } from '../../virtual-clock.ts';

function contextOf(...args: readonly string[]): CommandContext {
  return {
    arguments: args,
    environment: {},
    stdout: { write: () => {} },
    stderr: { write: () => {} },
    clock: createVirtualClock(),
    random: systemRandom,
    version: '0.0.0',
    nodeVersion: 'v24.0.0',
    process: { pid: 1, host: 'studio', command: 'livetally' },
    stop: new AbortController().signal,
  };
}

const options = {
  room: { type: 'string' },
  rooms: { type: 'string', default: '200' },
  fault: { type: 'string', multiple: true, default: [] },
  json: { type: 'boolean', default: false },
} satisfies ParseArgsOptionsConfig;

describe('the options of a command', () => {
  test('are read with their defaults, and may be repeated where that means something', () => {
    expect(parseOptions(contextOf('--room', 'a', '--fault=x', '--fault', 'y', '--json'), options)).toMatchObject({
      room: 'a',
      rooms: '200',
      fault: ['x', 'y'],
      json: true,
    });
    expect(parseOptions(contextOf('--room=-3'), options)).toMatchObject({ room: '-3' });
  });

  test.each([
    [['--jsn'], 'there is no option --jsn: did you mean "--json"?'],
    [['--speed', '9'], 'there is no option --speed.'],
    [['-c', 'x'], 'there is no option -c.'],
    [['--toString'], 'there is no option --toString.'],
    [['live-room-1'], '"live-room-1" stands behind no option that takes it.'],
    [['--room'], '--room has no value.'],
    [['--room='], '--room has no value.'],
    [['--room', '--json'], '--room has no value (one that begins with a dash is written --room=--json).'],
    [['--json=yes'], '--json takes no value.'],
    [['--room', 'a', '--room', 'b'], '--room is given twice.'],
  ])('%j are refused in words about what was written', (args, words) => {
    expect(() => parseOptions(contextOf(...args), options)).toThrow(new UsageError(words));
  });
});

test.each([
  ['rum', 'there is no command "rum": did you mean "run"?'],
  ['simulator', 'there is no command "simulator": did you mean "simulate"?'],
  ['fly', 'there is no command "fly".'],
  ['--config', 'the command comes first, then its options such as --config.'],
])('the unknown command %s is explained', (name, words) => {
  expect(explainUnknownCommand(name, ['run', 'demo', 'check', 'poll', 'simulate'])).toBe(words);
});

describe('values of options', () => {
  test.each([
    ['5', 'give requests a second, such as rooms=50,gifts=100'],
    ['rooms', 'give requests'],
    ['rooms=0', 'give requests'],
    ['rooms=1,rooms=2', 'give requests'],
    ['rooms=1,', 'give requests'],
  ])('limits cannot be %s', (text, words) => {
    expect(() => readLimits('--limits', text)).toThrow(`--limits ${text}: ${words}`);
  });

  test('limits may be given for one endpoint or both', () => {
    expect(readLimits('--limits', 'gifts=7')).toEqual({ gift_count: 7 });
    expect(readLimits('--limits', 'gifts=7,rooms=3')).toEqual({ room_stats: 3, gift_count: 7 });
  });

  test.each([
    ['50ms', { minMs: 50, maxMs: 50 }],
    ['20ms..1.5s', { minMs: 20, maxMs: 1500 }],
    ['0..80ms', { minMs: 0, maxMs: 80 }],
  ])('%s is a range of durations', (text, range) => {
    expect(readDurations('--latency', text)).toEqual(range);
  });

  test.each([
    ['5', 'give a duration such as 50ms, or two such as 20ms..80ms.'],
    ['20ms..', 'give a duration'],
    ['1ms..2ms..3ms', 'give a duration'],
    ['-5ms', 'give a duration'],
    ['80ms..20ms', 'the first must not be above the second.'],
  ])('%s is no range of durations', (text, words) => {
    expect(() => readDurations('--latency', text)).toThrow(`--latency ${text}: ${words}`);
  });

  test.each(['0', '-3', '1.5', 'x', '', '1e3', '11'])('a whole number from 1 to 10 is not written "%s"', (text) => {
    const read = () => readWholeNumber('--rooms', text, { minimum: 1, maximum: 10 });
    expect(read).toThrow(new UsageError(`--rooms ${text}: give a whole number from 1 to 10.`));
  });

  test.each(['0', '-1', 'Infinity', '1e9', 'x', '61'])('a pace is not written "%s"', (text) => {
    expect(() => readPositiveNumber('--pace', text, 60)).toThrow(UsageError);
  });

  test.each(['9', ':9', '127.0.0.1:99999', 'a:b:1', '[::1]'])('an address to listen at is not written "%s"', (text) => {
    expect(() => readListen('--listen', text)).toThrow(`--listen ${text}: give HOST:PORT`);
  });

  test('an IPv6 address to listen at stands in brackets', () => {
    expect(readListen('--listen', '[::1]:0')).toEqual({ host: '::1', port: 0 });
  });
});
