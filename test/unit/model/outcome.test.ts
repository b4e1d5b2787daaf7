import { expect, test } from 'vitest';
import { describeOutcome, isAnswer, type Outcome, outcomeStatuses } from '../../../src/model/outcome.ts';

test.each<[Outcome, string]>([
  [{ status: 'answered', totals: [1] }, 'answered'],
  [{ status: 'gone', code: 100004 }, 'the room does not exist (ErrorCode 100004)'],
  [
    { status: 'rate_limited', code: 60007, scope: 'endpoint' },
    'the rate limit of this endpoint is exceeded (ErrorCode 60007): other programs of the account share it',
  ],
  [
    { status: 'rate_limited', code: 60011, scope: 'app' },
    'the rate limit of the whole app is exceeded (ErrorCode 60011): other programs of the account share it',
  ],
  [
    { status: 'locked_out', code: 70050, pauseMs: 65_000, remedy: 'check secret_key' },
    'the app is shut out for 65 s (ErrorCode 70050): check secret_key',
  ],
  [{ status: 'refused', code: 60010, scope: 'app', remedy: 'mend it' }, 'refused (ErrorCode 60010): mend it'],
  [{ status: 'signature_refused', code: 70001, remedy: 'mend it' }, 'refused (ErrorCode 70001): mend it'],
  [{ status: 'bad_target', code: 70107, remedy: 'mend it' }, 'refused (ErrorCode 70107): mend it'],
  [
    { status: 'network_error', reason: 'ENOTFOUND' },
    'the network failed (ENOTFOUND): check base_url, DNS, proxy and firewall if it stays',
  ],
  [{ status: 'bad_answer', reason: 'not_json' }, 'the answer is not what Tencent documents: it is no JSON'],
  [
    { status: 'refused', code: 60010, scope: 'app', remedy: 'mend it', requestId: 'Id-1-O-Seq-2' },
    'refused (ErrorCode 60010, RequestId Id-1-O-Seq-2): mend it',
  ],
  [
    { status: 'bad_answer', reason: 'bad_counter', requestId: 'Id-1' },
    'the answer is not what Tencent documents: a counter is no whole number of 0 to 2^53 - 1, RequestId Id-1',
  ],
])('The outcome %o is put in words, with what to do where someone must', (outcome, words) => {
  expect(describeOutcome(outcome)).toBe(words);
});

test.each<Outcome>([
  { status: 'server_error', code: 100001 },
  { status: 'http_error', httpStatus: 502 },
  { status: 'timeout' },
  { status: 'unknown_code', code: 7 },
  { status: 'expired' },
  { status: 'cancelled' },
])('The outcome %o has words of its own', (outcome) => {
  const words = describeOutcome(outcome);
  expect(words).not.toContain('undefined');
  if ('code' in outcome) expect(words).toContain(String(outcome.code));
  if ('httpStatus' in outcome) expect(words).toContain(String(outcome.httpStatus));
});

test('Every status is named once', () => {
  expect(new Set(outcomeStatuses).size).toBe(outcomeStatuses.length);
  expect(outcomeStatuses).toEqual(expect.arrayContaining(['answered', 'gone', 'unknown_code', 'expired', 'cancelled']));
});

test('That a room does not exist is an answer, a refusal is none', () => {
  expect(isAnswer({ status: 'answered', totals: [1] })).toBe(true);
  expect(isAnswer({ status: 'gone', code: 100004 })).toBe(true);
  expect(isAnswer({ status: 'bad_target', code: 100002, remedy: 'mend it' })).toBe(false);
  expect(isAnswer({ status: 'timeout' })).toBe(false);
});
