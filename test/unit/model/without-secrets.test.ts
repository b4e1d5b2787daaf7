import { expect, test } from 'vitest';
import { createMask, maskOf } from '../../../src/model/without-secrets.ts';

test('A secret is taken out behind letters that are longer when they are small.', () => {
  const mask = createMask(['q1w2e3r4t5z6u7i8']);
  expect(mask(`${'İ'.repeat(16)} q1w2e3r4t5z6u7i8 refused`)).toBe(`${'İ'.repeat(16)} *** refused`);
});

test.each([
  ['Token q1w2-e3 r4t5z6', 'q1w2-e3 r4t5z6'],
  ['Bearer q1w2e3r4t5z6u7i8', 'q1w2e3r4t5z6u7i8'],
  [`Basic ${Buffer.from('name:pa:ss w"rd 12').toString('base64')}`, 'pa:ss w"rd 12'],
])('What stands in %s is known without its header.', (authorization, secret) => {
  const mask = maskOf(authorization);
  expect(mask(`not ${secret}, ${authorization}.`)).toMatch(/^not \*\*\*, \w+ \*\*\*\.$/);
  expect(mask(`not ${encodeURIComponent(secret)}`)).toBe('not ***');
});

test.each([
  ['names', 'k&amp;v=&quot;12&quot;&lt;3&gt;'],
  ['names and numbers', 'k&amp;v&#61;&quot;12&quot;&lt;3&gt;'],
  ['numbers', 'k&#38;v&#61;&#34;12&#34;&#60;3&#62;'],
])('A secret of few letters is taken out of HTML that spells its signs in %s.', (_, html) => {
  const left = createMask(['k&v="12"<3>'])(html).replaceAll('*', '');
  // Fewer characters than a piece that is told from chance.
  expect(left.length).toBeLessThan(8);
});

test('Without a login there is nothing to take out.', () => {
  expect(maskOf(undefined)('name or password is wrong')).toBe('name or password is wrong');
});
