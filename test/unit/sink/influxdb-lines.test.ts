import { describe, expect, test } from 'vitest';
import type { Point } from '../../../src/model/point.ts';
import { toLines } from '../../../src/sink/influxdb-lines.ts';

const point: Point = {
  measurement: 'gift_count',
  tags: [
    ['room_id', 'größe, 部 屋'],
    ['user_id', '=🎉'],
    ['label of, = mine', ''],
    ['team', 'a'],
  ],
  fields: [
    ['total_coins', Number.MAX_SAFE_INTEGER],
    ['coins_delta', 0],
  ],
  timeMs: 1_700_000_000_000,
};
const line =
  'gift_count,room_id=größe\\,\\ 部\\ 屋,user_id=\\=🎉,team=a total_coins=9007199254740991i,coins_delta=0i 1700000000000\n';

describe('points as line protocol', () => {
  test('each is a line, and a tag without a value is left out', () => {
    expect(toLines([point, { ...point, timeMs: 1 }])).toEqual({
      lines: line + line.replace('1700000000000', '1'),
      flaw: undefined,
    });
    expect(toLines([])).toEqual({ lines: '', flaw: undefined });
  });

  test('there may be as many and as long ones as there are', () => {
    const long: Point = { ...point, tags: [['room_id', '部'.repeat(700_000)]] };
    const { lines } = toLines([...Array<Point>(3_000).fill(point), long, point]);
    const expected = `gift_count,room_id=${'部'.repeat(700_000)} total_coins`;
    expect(lines.startsWith(line.repeat(3_000) + expected)).toBe(true);
    expect(lines.endsWith(`\n${line}`)).toBe(true);
  });

  test.each([1.5, Number.NaN, 2 ** 53])('%d would become something else', (value) => {
    const odd: Point = { ...point, fields: [...point.fields, ['gifts_delta', value]] };
    expect(toLines([point, odd, point]).flaw).toBe(`field gifts_delta is not a safe integer: ${value}`);
    expect(toLines([{ ...point, timeMs: value }]).flaw).toBe(`the time is not a safe integer: ${value}`);
  });
});
