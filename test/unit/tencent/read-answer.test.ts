import fc from 'fast-check';
import { expect, test } from 'vitest';
import { counters } from '../../../src/model/measurement.ts';
import { readAnswer } from '../../../src/tencent/read-answer.ts';

function answer(response: unknown, rest: object = {}): string {
  return JSON.stringify({
    ActionStatus: 'OK',
    ErrorInfo: '',
    ErrorCode: 0,
    RequestId: 'Id-1',
    ...rest,
    Response: response,
  });
}

const gifts = { TotalCount: 3, TotalCoins: 40, GiftSenderCount: 2 };

test('The counters of a room come in the order that every stage keeps', () => {
  const response = {
    TotalMsgCount: 450,
    TotalViewers: 1024,
    TotalGiftsSent: 56,
    TotalGiftCoins: 8800,
    TotalUniqueGiftSenders: 12,
    TotalLikesReceived: 3200,
  };
  expect(readAnswer('room_stats', answer(response))).toEqual({
    status: 'answered',
    totals: [1024, 56, 8800, 12, 3200, 450],
  });
});

test('The counters of a receiver are read, and fields that nobody documents are ignored', () => {
  expect(readAnswer('gift_count', answer({ Sequence: 'x', ...gifts, New: { a: 1 } }, { Trace: [] }))).toEqual({
    status: 'answered',
    totals: [3, 40, 2],
  });
});

test('Counters and the error code may come as decimal strings', () => {
  const text = answer({ TotalCount: '0', TotalCoins: '9007199254740991', GiftSenderCount: '012' }, { ErrorCode: '0' });
  expect(readAnswer('gift_count', text)).toEqual({ status: 'answered', totals: [0, 9_007_199_254_740_991, 12] });
  expect(readAnswer('gift_count', answer(undefined, { ErrorCode: '100004' }))).toMatchObject({
    status: 'gone',
    code: 100004,
  });
});

test('A counter that is missing or null stays unknown and is never 0', () => {
  expect(readAnswer('gift_count', answer({ TotalCount: 0, GiftSenderCount: null }))).toEqual({
    status: 'answered',
    totals: [0, undefined, undefined],
  });
});

test.each([
  ['negative', -1],
  ['fractional', 1.5],
  ['beyond the safe integers', 2 ** 53],
  ['negative in a string', '-1'],
  ['fractional in a string', '1.5'],
  ['unsafe in a string', '9007199254740993'],
  ['an exponent in a string', '1e3'],
  ['an empty string', ''],
  ['a string with a blank', ' 1'],
  ['a word', 'many'],
  ['true', true],
  ['an object', {}],
  ['a list', [1]],
])('A counter that is %s spoils the answer', (_, value) => {
  const text = answer({ ...gifts, TotalCoins: value });
  expect(readAnswer('gift_count', text)).toMatchObject({ status: 'bad_answer', reason: 'bad_counter' });
});

test('A number too large to be exact is not rounded into a counter', () => {
  const text = answer(gifts).replace('40', '9007199254740993');
  expect(readAnswer('gift_count', text)).toMatchObject({ status: 'bad_answer', reason: 'bad_counter' });
});

test('A negative zero is zero', () => {
  const outcome = readAnswer('gift_count', answer(gifts).replace('40', '-0'));
  expect(outcome).toEqual({ status: 'answered', totals: [3, 0, 2] });
});

test.each([
  ['an empty body', ''],
  ['a page', '<html><body>502 Bad Gateway</body></html>'],
  ['half an answer', answer(gifts).slice(0, -10)],
  ["the documentation's sample with its trailing comma", '{"ErrorCode": 0, "Response": {"TotalCount": 1,}}'],
])('%s is no JSON', (_, text) => {
  expect(readAnswer('gift_count', text)).toEqual({ status: 'bad_answer', reason: 'not_json' });
});

test.each([
  ['a list', '[]'],
  ['null', 'null'],
  ['a number', '0'],
  ['a list within lists within lists', '['.repeat(30_000) + ']'.repeat(30_000)],
  ['no ErrorCode', JSON.stringify({ Response: gifts })],
  ['an ErrorCode that is a word', answer(gifts, { ErrorCode: 'OK' })],
  ['an ErrorCode that is a fraction', answer(gifts, { ErrorCode: 0.5 })],
  ['an ErrorCode that is null', answer(gifts, { ErrorCode: null })],
  ['no Response', answer(undefined)],
  ['a Response that is null', answer(null)],
  ['a Response that is a list', answer([gifts])],
  ['a Response without a counter', answer({})],
  ['the counters of the other endpoint', answer({ TotalViewers: 1 })],
  ['counters that are all null', answer({ TotalCount: null, TotalCoins: null, GiftSenderCount: null })],
])('%s has the wrong shape', (_, text) => {
  expect(readAnswer('gift_count', text)).toMatchObject({ status: 'bad_answer', reason: 'wrong_shape' });
});

test('An ErrorCode other than 0 counts, whatever else the answer says', () => {
  const text = answer(gifts, { ErrorCode: 60007, ActionStatus: 'OK' });
  expect(readAnswer('gift_count', text)).toMatchObject({ status: 'rate_limited', code: 60007, scope: 'endpoint' });
});

test.each([
  ['a failure', answer(undefined, { ErrorCode: 100001 }), { status: 'server_error', code: 100001 }],
  ['a wrong shape', answer({}), { status: 'bad_answer', reason: 'wrong_shape' }],
])("Of %s the RequestId is kept, which Tencent's support asks for", (_, text, outcome) => {
  expect(readAnswer('gift_count', text)).toEqual({ ...outcome, requestId: 'Id-1' });
});

test.each([
  ['that is not there', undefined],
  ['that is a number', 7],
  ['that is empty', ''],
  ['with an escape sequence of a terminal', 'Id-\u001b[2J'],
  ['as long as a signature', 'e'.repeat(81)],
])('A RequestId %s is none', (_, value) => {
  const outcome = readAnswer('gift_count', answer(undefined, { ErrorCode: 100001, RequestId: value }));
  expect(outcome).toEqual({ status: 'server_error', code: 100001 });
});

test('Any counters that the API can send are read exactly', () => {
  const names = counters.room_stats.map((counter) => counter.apiField);
  const total = fc.maxSafeNat();
  fc.assert(
    fc.property(
      fc.array(fc.option(total, { nil: undefined }), { minLength: 6, maxLength: 6 }),
      fc.boolean(),
      (totals, quoted) => {
        fc.pre(totals.some((value) => value !== undefined));
        const response = Object.fromEntries(
          names.map((name, index) => [name, quoted ? totals[index]?.toString() : totals[index]]),
        );
        expect(readAnswer('room_stats', answer(response))).toEqual({ status: 'answered', totals });
      },
    ),
  );
});

test('Whatever JSON comes, the outcome is an answer with whole counters or a failure, never an exception', () => {
  const field = fc.oneof(fc.jsonValue(), fc.integer(), fc.double());
  const response = fc.record({ TotalCount: field, TotalCoins: field, GiftSenderCount: field }, { requiredKeys: [] });
  const body = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .record({ ErrorCode: fc.constantFrom(0, '0', 100004, null), Response: response })
      .map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(body, (text) => {
      const outcome = readAnswer('gift_count', text);
      if (outcome.status !== 'answered') return;
      expect(outcome.totals).toHaveLength(3);
      for (const value of outcome.totals) {
        if (value !== undefined) expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
      }
    }),
  );
});
