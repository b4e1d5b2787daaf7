import { describe, expect, test } from 'vitest';
import { describeOutcome } from '../../../src/model/outcome.ts';
import { outcomeOfCode } from '../../../src/tencent/error-codes.ts';

const internalErrors = Array.from({ length: 100 }, (_, index) => 70_200 + index);

/** Every code that Tencent documents for the two polled APIs, by how livetally treats it. */
const codesByTreatment: Readonly<Record<string, readonly number[]>> = {
  'rate_limited endpoint': [60007, 60018, 60019, 100012],
  'rate_limited app': [60011],
  locked_out: [70050, 60028],
  server_error: [60008, 60013, 60014, 70169, 70500, 100001, ...internalErrors],
  signature_refused: [70001, 70003, 60004, 60005],
  'refused app': [
    60002, 60003, 60006, 60010, 60012, 60016, 60017, 60020, 60021, 60025, 60026, 60027, 70009, 70013, 70014, 70016,
    70020, 70051,
  ],
  'refused endpoint': [60009, 60015, 100006, 100007, 100013],
  gone: [100004],
  bad_target: [100002, 100003, 100005, 100015, 70107, 70402],
  unknown_code: [1, -1, 60001, 70199, 70300, 99999, 100000, 2 ** 40],
};

for (const [treatment, codes] of Object.entries(codesByTreatment)) {
  describe(treatment, () => {
    test.each(codes)('is what ErrorCode %i means', (code) => {
      const outcome = outcomeOfCode(code);
      expect(outcome).toHaveProperty('code', code);
      expect('scope' in outcome ? `${outcome.status} ${outcome.scope}` : outcome.status).toBe(treatment);
      if ('remedy' in outcome) {
        expect(outcome.remedy.length).toBeGreaterThan(20);
        expect(describeOutcome(outcome)).toContain(outcome.remedy);
      }
      expect(describeOutcome(outcome)).toMatch(outcome.status === 'gone' ? /does not exist/ : String(code));
    });
  });
}

test('A lockout for failed signatures lasts the minute that Tencent asks for, and the requests in flight besides', () => {
  expect(outcomeOfCode(70050)).toMatchObject({ pauseMs: 65_000 });
});

test('A used-up trial volume is probed every ten minutes, so that a package bought meanwhile takes effect', () => {
  expect(outcomeOfCode(60028)).toMatchObject({ pauseMs: 600_000 });
});

test.each([60026, 70016, 70020])('The remedy for ErrorCode %i names the region', (code) => {
  expect(outcomeOfCode(code)).toHaveProperty('remedy', expect.stringContaining('region'));
});

test('The remedies name the keys of the configuration that are to be mended', () => {
  expect(outcomeOfCode(60010)).toHaveProperty('remedy', expect.stringContaining('identifier is no administrator'));
  expect(outcomeOfCode(70009)).toHaveProperty('remedy', expect.stringContaining('secret_key'));
  expect(outcomeOfCode(60009)).toHaveProperty('remedy', expect.stringContaining('commands'));
});
