import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  type ParsedNode,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { Parsed, Path, Source, SyntaxProblem } from './source.ts';
import { type Item, type SplitList, splitList } from './yaml-list.ts';
import { createItemReader } from './yaml-shape.ts';

/** The only file that knows the YAML library; JSON is YAML too, so positions in JSON files come from here as well. */
export function parseYaml(text: string): Parsed {
  return parseByItem(text) ?? parseWhole(text);
}

type ReadText = { readonly document: Document.Parsed; readonly lines: LineCounter };

/** Finds where values are written, or the nearest thing around them that is. A text that is not `read` is so at the first question. */
export function createLocator(text: string, firstLine = 1, read?: ReadText): Source['locate'] {
  const lines = read?.lines ?? new LineCounter();
  let document = read?.document;
  const pairs = new PairIndex();
  return (path) => {
    document ??= parse(text, lines);
    const offset = offsetOf(document, path, pairs);
    if (offset === undefined) return undefined;
    const { line, col } = lines.linePos(offset);
    return { line: line - 1 + firstLine, column: col };
  };
}

/**
 * A long watchlist is read item by item: in a fifth of the time and of the memory that the library takes for it as a whole. Whatever does not read
 * cleanly so, such as an alias to another item, is left to `parseWhole`.
 */
function parseByItem(text: string): Parsed | undefined {
  const list = splitList(text);
  const frame = list && readValue(list.frame);
  if (list === undefined || frame === undefined) return undefined;
  const readItem = createItemReader(readValue);
  const items: unknown[] = [];
  for (const { start, end } of list.items) {
    const value = readItem(text.slice(start, end))?.value;
    if (!Array.isArray(value) || value.length !== 1) return undefined;
    items.push(value[0]);
  }
  const locate = createItemLocator(text, list);
  const [key] = list.path;
  if (key === undefined) return frame.value === null ? { status: 'parsed', value: items, locate } : undefined;
  if (typeof frame.value !== 'object' || frame.value === null) return undefined;
  return { status: 'parsed', value: { ...frame.value, [key]: items }, locate };
}

function createItemLocator(text: string, { frame, path: listPath, items }: SplitList): Source['locate'] {
  const locateInFrame = createLocator(frame);
  const locateInItem = ({ start, end, line }: Item, path: Path) => createLocator(text.slice(start, end), line)(path);
  return (path) => {
    const [index, ...rest] = path.slice(listPath.length);
    const isInList = listPath.every((step, depth) => path[depth] === step) && typeof index === 'number';
    const item = isInList ? items[index] : undefined;
    if (item !== undefined) return locateInItem(item, [0, ...rest]);
    return locateInFrame(path) ?? (items[0] && locateInItem(items[0], []));
  };
}

/** A document takes many times the memory of its text: that of a long one is made again should it be asked for. */
const keptLength = 100_000;

function parseWhole(text: string): Parsed {
  const lines = new LineCounter();
  const document = parse(text, lines);
  const errors = errorsOf(document);
  if (errors.length > 0) return { status: 'refused', problems: syntaxProblems(errors, lines, text) };
  const value = toValue(document);
  if (value === undefined)
    return {
      status: 'refused',
      problems: [{ message: 'has an alias without an anchor, too many aliases, or too deep a nesting' }],
    };
  const isSmall = text.length <= keptLength;
  return {
    status: 'parsed',
    value: value.value,
    locate: createLocator(text, 1, isSmall ? { document, lines } : undefined),
  };
}

function readValue(text: string): { readonly value: unknown } | undefined {
  const document = parse(text);
  return errorsOf(document).length > 0 ? undefined : toValue(document);
}

function parse(text: string, lineCounter?: LineCounter) {
  return parseDocument(text, {
    prettyErrors: false,
    stringKeys: true,
    // It would compare each key with every other of its map: minutes where there are 40,000. See `findRepeatedKeys`.
    uniqueKeys: false,
    logLevel: 'error',
    ...(lineCounter && { lineCounter }),
  });
}

type SyntaxError = { readonly code: string; readonly message: string; readonly pos: readonly [number, number] };

function errorsOf(document: Document.Parsed): readonly SyntaxError[] {
  const repeated: SyntaxError[] = [];
  findRepeatedKeys(document.contents, (start, end) =>
    repeated.push({ code: 'DUPLICATE_KEY', message: 'Map keys must be unique', pos: [start, end] }),
  );
  return [...document.errors, ...repeated].sort((one, other) => one.pos[0] - other.pos[0]);
}

function findRepeatedKeys(node: unknown, found: (start: number, end: number) => void): void {
  if (isSeq(node)) for (const item of node.items) findRepeatedKeys(item, found);
  if (!isMap(node)) return;
  const keys = new Set<unknown>();
  for (const { key, value } of node.items) {
    if (isScalar(key)) {
      if (keys.has(key.value)) found(key.range?.[0] ?? 0, key.range?.[1] ?? 0);
      keys.add(key.value);
    }
    findRepeatedKeys(value, found);
  }
}

/** The library refuses aliases here by throwing: one that is not defined, or so many that they would fill the memory. */
function toValue(document: Document.Parsed): { readonly value: unknown } | undefined {
  try {
    return { value: document.toJS() };
  } catch (error) {
    if (error instanceof ReferenceError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** One mistake breaks what follows it too, so a line is named once, and only the first lines. */
function syntaxProblems(errors: readonly SyntaxError[], lines: LineCounter, text: string): SyntaxProblem[] {
  const byLine = new Map<number, SyntaxProblem>();
  for (const { code, message, pos } of errors) {
    const { line, col } = lines.linePos(pos[0]);
    if (byLine.has(line) || byLine.size === 5) continue;
    const unquoted = code === 'UNEXPECTED_TOKEN' && /[{,[].*\$\{/.test(text.split('\n')[line - 1] ?? '');
    byLine.set(line, {
      line,
      column: col,
      message: syntaxMessages.get(code) ?? `is not valid YAML: ${withoutSource(message)}`,
      ...(unquoted && { remedy: `inside { } and [ ], put "\${NAME}" in quotes` }),
    });
  }
  return [...byLine.values()];
}

const syntaxMessages: ReadonlyMap<string, string> = new Map([
  ['DUPLICATE_KEY', 'this key is written twice in one map'],
  ['TAB_AS_INDENT', 'a tab cannot indent; use spaces'],
  ['MULTILINE_IMPLICIT_KEY', 'a key needs a colon and a space after it'],
  ['MULTIPLE_DOCS', 'a second document begins here; one file holds one'],
  ['RESOURCE_EXHAUSTION', 'is nested too deeply'],
]);

/** Some messages end in the text that was met, which may be a secret. */
function withoutSource(message: string): string {
  return message.replace(/[:"].*$/s, '').trimEnd();
}

/** Each of the keys of a map may be a problem of its own. */
class PairIndex {
  readonly #ofMap = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  find(map: YAMLMap, step: string | number): Pair | undefined {
    const known = this.#ofMap.get(map) ?? indexPairs(map);
    this.#ofMap.set(map, known);
    return known.get(String(step));
  }
}

function indexPairs({ items }: YAMLMap): ReadonlyMap<string, Pair> {
  return new Map(items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : [])));
}

function offsetOf(document: Document.Parsed, path: Path, pairs: PairIndex): number | undefined {
  let node: ParsedNode | null | undefined = document.contents;
  let offset = node?.range[0];
  for (const step of path) {
    const target: unknown = isAlias(node) ? node.resolve(document) : node;
    let next: unknown;
    if (isMap(target)) {
      const pair = pairs.find(target, step);
      if (isNode(pair?.key)) offset = pair.key.range?.[0] ?? offset;
      next = pair?.value;
    } else if (isSeq(target) && typeof step === 'number') {
      next = target.items[step];
      if (isNode(next)) offset = next.range?.[0] ?? offset;
    }
    if (!isParsed(next)) break;
    node = next;
  }
  return offset;
}

function isParsed(value: unknown): value is ParsedNode {
  return isNode(value) && value.range !== undefined && value.range !== null;
}
