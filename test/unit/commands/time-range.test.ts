import { describe, expect, test } from 'vitest';
import { takeOperands } from '../../../src/commands/operands.ts';
import { readTime } from '../../../src/commands/time-range.ts';
import { createContext } from '../../integration/commands/context.ts';

const nowMs = Date.UTC(2026, 0, 31, 12);
const hourMs = 60 * 60 * 1_000;

describe('--from and --to', () => {
  test.each([
    ['2026-01-31T10:00Z', nowMs - 2 * hourMs],
    ['2026-01-31T10:00:00.5Z', nowMs - 2 * hourMs + 500],
    ['2026-01-31T10:00+05:30', nowMs - 7.5 * hourMs],
    ['2026-01-31', nowMs - 12 * hourMs],
    ['90m', nowMs - 1.5 * hourMs],
  ])('%s is an instant', (text, instantMs) => {
    expect(readTime({ from: text }, nowMs)).toEqual({ fromMs: instantMs, toMs: Number.POSITIVE_INFINITY });
  });

  test.each(['yesterday', '2026-01-31T10:00', '2026-02-31T10:00Z', '2026-1-1', '1700000000'])(
    '%s is refused with what to give instead',
    (text) => {
      expect(() => readTime({ to: text }, nowMs)).toThrow(`--to ${text}: give an instant such as`);
    },
  );

  test('the end lies behind the beginning', () => {
    expect(() => readTime({ from: '1h', to: '2h' }, nowMs)).toThrow('--from must lie before --to.');
  });
});

describe('what stands behind a command', () => {
  test('is taken before its options', () => {
    const context = createContext({ arguments: ['a.db', 'b.db', '--json'] });
    const { operands, rest } = takeOperands(context, ['DAMAGED', 'NEW']);
    expect([operands, rest.arguments]).toEqual([['a.db', 'b.db'], ['--json']]);
  });

  test.each([[[]], [['a.db']], [['a.db', '--json']], [['--json', 'a.db']]])('%j lacks something', (given) => {
    expect(() => takeOperands(createContext({ arguments: given }), ['DAMAGED', 'NEW'])).toThrow(
      'DAMAGED and NEW must stand behind the command, before any option.',
    );
  });
});
