import { describe, expect, test } from 'vitest';
import { evaluateMath } from '../../grafana/alert-math.ts';
import type { LabelledNumber } from '../../grafana/alert-numbers.ts';

const none = new Map<string, string>();
const room = (id: string, value: number | null): LabelledNumber => ({
  labels: new Map([
    ['app', 'main'],
    ['room_id', id],
  ]),
  value,
});
const app = (name: string, value: number): LabelledNumber => ({ labels: new Map([['app', name]]), value });

function evaluate(text: string, variables: Readonly<Record<string, readonly LabelledNumber[]>> = {}) {
  return evaluateMath(text, (name) => variables[name] ?? []).map(({ labels, value }) => [
    [...labels.values()].join(' '),
    value,
  ]);
}

describe('Grafana’s math', () => {
  test('binds and before or, comparisons before both, and products before sums', () => {
    expect(evaluate('1 + 2 * 3 > 6 && 0 || 1')).toEqual([['', 1]]);
    expect(evaluate('(1 + 2) * 3 - 2 - 1')).toEqual([['', 6]]);
    expect(evaluate('0 && 1 > 0')).toEqual([['', 0]]);
  });

  test('pairs numbers of equal labels, and lets those without a partner drop out', () => {
    expect(evaluate('$a > 2 * $b', { a: [room('r1', 5), room('r2', 5)], b: [room('r2', 3), room('r3', 1)] })).toEqual([
      ['main r2', 0],
    ]);
  });

  test('pairs a room with its app', () => {
    expect(evaluate('$a - $b', { a: [room('r1', 5)], b: [app('main', 1), app('other', 2)] })).toEqual([['main r1', 4]]);
  });

  test('pairs two single numbers whatever their labels are', () => {
    expect(evaluate('$a + $b', { a: [room('r1', 5)], b: [room('r2', 3)] })).toEqual([['', 8]]);
  });

  test('gives no data where a side has none', () => {
    expect(evaluate('$a > 1 && $b > 1', { a: [room('r1', 5)] })).toEqual([]);
  });

  test('keeps null, and NaN unless a logical operator is settled before it', () => {
    expect(evaluate('$a > 1', { a: [room('r1', null)] })).toEqual([['main r1', null]]);
    expect(evaluate('0 / 0 > 1')).toEqual([['', Number.NaN]]);
    expect(evaluate('0 && 0 / 0')).toEqual([['', 0]]);
    expect(evaluate('1 && 0 / 0')).toEqual([['', Number.NaN]]);
  });

  test('refuses what it does not know', () => {
    expect(() => evaluateMath('abs(1)', () => [{ labels: none, value: 1 }])).toThrow('cannot read');
    expect(() => evaluate('(1')).toThrow('bracket');
    expect(() => evaluate('1 1')).toThrow('cannot read 1');
  });
});
