import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { createItemReader } from '../../../src/config/yaml-shape.ts';

const words = [
  ...['a', 'live-room-1', 'b_2', 'two words', "it's", 'a:b', 'http://host/x', 'x.y', '-x', 'w0', 'w1 w0', '5w1', 'é'],
  ...['true', 'NULL', 'no', '.inf', '-.NaN', '12', '007', '0x1F', '1e5', '1_000', '-1', '~', '2026-11-22', '__proto__'],
  ...[
    '"12"',
    "'true'",
    '"two words"',
    '"a"b',
    'a"b"',
    '"é"',
    '"tab\\t"',
    "'it''s'",
    '""',
    '# gone',
    'a # gone',
    '- a',
    '*a',
    '!x a',
  ],
];
const word = fc.constantFrom(...words);
const key = fc.oneof(fc.constantFrom('room', 'app', 'labels'), word);
const item = fc.oneof(
  fc.tuple(key, word).map(([name, text]) => [`- ${name}: ${text}`]),
  fc.tuple(key, word, key, word).map(([one, a, two, b]) => [`- ${one}: ${a}`, `  ${two}: ${b}`]),
  fc.tuple(word, word, word).map(([a, b, c]) => [`- room: ${a}`, '', '  # a comment', `  receivers: [${b}, ${c}]`]),
  fc.tuple(word, key, word).map(([a, name, b]) => [`- room: ${a}`, `  labels: { team: music, ${name}: ${b} }`]),
  word.map((text) => [`- ${text}`]),
  fc.tuple(word, word).map(([a, b]) => [`- ${a}`, `  ${b}`]),
);

function read(text: string): { readonly value: unknown } | undefined {
  const document = parseDocument(text, { logLevel: 'error', stringKeys: true });
  try {
    return document.errors.length > 0 ? undefined : { value: document.toJS() };
  } catch {
    return undefined;
  }
}

test('an item that is read by its shape is what the library makes of it', () => {
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 30 }), (items) => {
      const readItem = createItemReader(read);
      for (const lines of items) {
        const text = `${lines.join('\n')}\n`;
        expect(readItem(text), text).toEqual(read(text));
      }
    }),
    { numRuns: 200 },
  );
});

test('items that differ in words only are read by the library once', () => {
  let reads = 0;
  const readItem = createItemReader((text) => {
    reads++;
    return read(text);
  });
  const values = Array.from({ length: 1000 }, (_, index) => {
    const text = `- room: live-room-${index}\n  receivers: ["${index}", guest-${index}]\n  labels: { team: music }\n`;
    return readItem(text)?.value;
  });
  expect(reads).toBe(1);
  expect(values[999]).toEqual([{ room: 'live-room-999', receivers: ['999', 'guest-999'], labels: { team: 'music' } }]);
});
