import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { splitList } from '../../../src/config/yaml-list.ts';
import { createLocator, parseYaml } from '../../../src/config/yaml-reader.ts';

const item = fc.oneof(
  fc.constantFrom(
    ['- room: a'],
    ['- room: "a"', '', '  # a comment', '  receivers: [b, c]', '  labels: { team: music }'],
  ),
  fc.constantFrom(
    ['# between', '- room: |', '    - not an item', '    # not a comment', '  app: main'],
    ['-', '  room: a'],
    ['- room: >-', '', '      folded', '      text'],
    ['- - nested', '  - list'],
    ['- "two', '  lines"'],
    ['- &anchor text', '- *anchor'],
    ['- *elsewhere'],
    ['- [a,', '   b]'],
    ['- ? a', '  : b'],
  ),
);
type List = {
  readonly before: readonly string[];
  readonly items: readonly (readonly string[])[];
  readonly after: readonly string[];
  readonly indent: string;
  readonly lineEnd: string;
};
const lists: fc.Arbitrary<List> = fc.record({
  before: fc.constantFrom(
    [],
    ['# a comment', ''],
    ['---'],
    ['x: &elsewhere 1', 'watchlist:'],
    ['watchlist: # all', ''],
  ),
  items: fc.array(item, { minLength: 11, maxLength: 40 }),
  after: fc.constantFrom([], ['store:', '  keep: 7d'], ['stray'], ['...'], ['watchlist: []']),
  indent: fc.constantFrom('', '  '),
  lineEnd: fc.constantFrom('\n', '\r\n'),
});

function toText({ before, items, after, indent, lineEnd }: List): string {
  return [...before, ...items.flat().map((line) => indent + line), ...after, ''].join(lineEnd);
}

function parseInOnePiece(text: string): unknown {
  try {
    return parse(text, { logLevel: 'error', stringKeys: true });
  } catch {
    return undefined;
  }
}

test('a long list that is read item by item is what it is in one piece, refusals included', () => {
  fc.assert(
    fc.property(lists, (list) => {
      const text = toText(list);
      const parsed = parseYaml(text);
      expect(parsed.status === 'parsed' ? parsed.value : undefined).toEqual(parseInOnePiece(text));
    }),
    { numRuns: 300 },
  );
});

test('a place in a list that is read item by item is where it is in the file', () => {
  fc.assert(
    fc.property(lists, fc.nat(), (list, any) => {
      const index = any % list.items.length;
      const text = toText(list);
      const parsed = parseYaml(text);
      if (parsed.status === 'refused') return;
      const prefix = Array.isArray(parsed.value) ? [] : ['watchlist'];
      for (const path of [
        [...prefix, index],
        [...prefix, index, 'room'],
        ['store', 'keep'],
      ])
        expect(parsed.locate(path), JSON.stringify(path)).toEqual(createLocator(text)(path));
    }),
    { numRuns: 200 },
  );
});

test('the list of a plain file, and of a plain configuration, is found', () => {
  const items = Array.from({ length: 25 }, (_, index) => `- room: room-${index}\n  receivers: [a]\n`);
  expect(splitList(items.join(''))?.items).toHaveLength(25);
  const nested = items.join('').replaceAll(/^/gm, '  ').trimEnd();
  const split = splitList(`apps: {}\nwatchlist:\n${nested}\nstore: {}\n`);
  expect(split?.frame).toBe(`apps: {}\nwatchlist:\n${'\n'.repeat(50)}store: {}\n`);
  expect(split?.items[10]).toMatchObject({ line: 23 });
});
