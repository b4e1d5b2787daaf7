import { parse, stringify } from 'yaml';
import type { Dice } from '../dice.ts';
import { type ConfigFiles, invalid, mainFile, valid } from './corpus.ts';
import { keys, tokens } from './tokens.ts';
import { anyText, anyValue, fittingText } from './vocabulary.ts';

/** What the last mutation of a tree wrote: the next one may be of the same file. */
let written: { readonly text: string; readonly tree: unknown } | undefined;

/** A configuration and its files with one to five mistakes in them; the seed says which. */
export function mutateConfig(dice: Dice): ConfigFiles {
  // What a seed comes to must not depend on those before it.
  written = undefined;
  let files: ConfigFiles = dice.pickAny(dice.oneIn(4) ? invalid : valid) ?? {};
  // Takes as long as a thousand others.
  if (dice.oneIn(10_000)) return withCrowd(files, dice);
  for (let left = 1 + dice.below(dice.oneIn(2) ? 1 : 5); left > 0; left--) {
    const names = Object.keys(files);
    const name = dice.below(10) < 7 ? mainFile : (dice.pickAny(names) ?? mainFile);
    files = { ...files, [name]: mutateFile(name, files[name] ?? '', dice) };
  }
  return files;
}

const crowds = [
  'KEY: x\n',
  '- KEY: x\n',
  '- room: KEY\n',
  '- room: KEY\n  receivers: [KEY]\n',
  '- {room: KEY, schedule: {timezone: Asia/KEY}}\n',
  '- {room: KEY, schedule: {timezone: Asia/Kolkatta}}\n',
  '- {room: KEY, schedule: "* * * * * KEY"}\n',
  '- &KEY {room: KEY}\n',
  '- *KEY\n',
  '- "KEY\n',
  '{KEY: [',
] as const;

/** Tens of thousands of the same, right or wrong: what takes the square of their number would hang. */
function withCrowd(files: ConfigFiles, dice: Dice): ConfigFiles {
  const line = dice.pick(crowds);
  const lines = (indent: string) =>
    Array.from({ length: 30_000 }, (_, index) => indent + line.replaceAll('KEY', `key-${index}`)).join('');
  if (dice.oneIn(2)) return { ...files, 'rooms/a.yaml': lines('') };
  const section = dice.pick(['', 'apps:\n', 'watchlist:\n', 'alerts:\n']);
  return { ...files, [mainFile]: section + lines(section === '' ? '' : '  ') };
}

const longestText = 40_000;

function mutateFile(name: string, content: string | Uint8Array, dice: Dice): string | Uint8Array {
  const kind = dice.below(20);
  if (kind === 0) return mutateBytes(Buffer.from(content), dice);
  const text = typeof content === 'string' ? content : Buffer.from(content).toString();
  const isTree = kind < 11 && !name.endsWith('.csv');
  return (isTree ? mutateTree(text, dice) : mutateText(text, dice)).slice(0, longestText);
}

function mutateBytes(bytes: Buffer, dice: Dice): Uint8Array {
  switch (dice.below(6)) {
    case 0:
      return bytes.subarray(0, dice.below(bytes.length + 1));
    case 1:
      return Buffer.from(bytes.toString(), 'utf16le');
    case 2:
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]);
    case 3:
      return Buffer.from(Array.from({ length: dice.below(300) }, () => dice.below(256)));
    default: {
      const changed = Buffer.from(bytes);
      for (let left = 1 + dice.below(8); left > 0 && changed.length > 0; left--) {
        changed[dice.below(changed.length)] = dice.below(256);
      }
      return changed;
    }
  }
}

function mutateText(text: string, dice: Dice): string {
  const at = dice.below(text.length + 1);
  const end = Math.min(text.length, at + dice.below(dice.oneIn(4) ? 400 : 12));
  const cut = text.slice(at, end);
  const lines = text.split('\n');
  const line = dice.below(lines.length);
  switch (dice.below(10)) {
    case 0:
      return text.slice(0, at) + text.slice(end);
    case 1:
    case 2:
    case 3:
      return text.slice(0, at) + dice.pick(tokens) + text.slice(dice.oneIn(2) ? at : end);
    case 4:
      return text.slice(0, at) + anyText(dice) + text.slice(end);
    case 5:
      return text.slice(0, end) + cut.repeat(1 + dice.below(dice.oneIn(10) ? 2000 : 4)) + text.slice(end);
    case 6:
      return lines.toSpliced(line, 1 + dice.below(3)).join('\n');
    case 7:
      return lines.toSpliced(dice.below(lines.length), 0, lines[line] ?? '').join('\n');
    case 8:
      return lines.with(line, ' '.repeat(dice.below(9)) + (lines[line] ?? '').trimStart()).join('\n');
    default: {
      const other = dice.pickAny(dice.oneIn(2) ? invalid : valid)?.[mainFile] ?? '';
      const donor = Buffer.from(other).toString().split('\n');
      const from = dice.below(donor.length);
      return [...lines.slice(0, line), ...donor.slice(from, from + 1 + dice.below(12)), ...lines.slice(line)].join(
        '\n',
      );
    }
  }
}

/** Reads the text as YAML, which JSON is too, changes what it says, and writes it in one of the ways it can be written. */
function mutateTree(text: string, dice: Dice): string {
  const tree = treeOf(text);
  if (tree === undefined) return mutateText(text, dice);
  const paths = pathsOf(tree);
  let changed: unknown = tree;
  for (let left = 1 + dice.below(4); left > 0; left--) {
    const path = dice.pickAny(paths) ?? [];
    changed = change(changed, path, (value) => newValue(value, String(path.at(-1)), changed, dice));
  }
  const changedText = write(changed, dice);
  if (changedText === undefined) return mutateText(text, dice);
  written = { text: changedText, tree: changed };
  return changedText;
}

/** Of the corpus, which mutations begin with. A tree is changed by making another. */
const corpusTexts = new Set([...valid, ...invalid].flatMap((files) => Object.values(files)).map(String));
const corpusTrees = new Map<string, unknown>();

/** Undefined for what is no YAML. */
function treeOf(text: string): unknown {
  if (written?.text === text) return written.tree;
  if (!corpusTexts.has(text)) return readTree(text);
  if (!corpusTrees.has(text)) corpusTrees.set(text, readTree(text));
  return corpusTrees.get(text);
}

function readTree(text: string): unknown {
  try {
    // Told to be silent the library goes on behind errors, and takes for ever to make texts of maps that are keys of maps.
    return parse(text, { logLevel: 'error', prettyErrors: false });
  } catch {
    return undefined;
  }
}

function newValue(value: unknown, key: string, tree: unknown, dice: Dice): unknown {
  switch (dice.below(11)) {
    case 0:
      return undefined;
    case 1:
      return [value];
    case 2:
      return { [dice.pick(keys)]: value };
    case 3:
      if (Array.isArray(value)) return [...value, ...value, anyValue(dice)];
      return typeof value === 'object' ? anyText(dice) : String(value) + anyText(dice);
    case 4:
      return at(tree, dice.pickAny(pathsOf(tree)) ?? []);
    case 5:
      return typeof value === 'object' && value !== null
        ? { ...value, [dice.pick(keys)]: anyValue(dice) }
        : anyText(dice);
    case 6:
      return typeof value === 'object' && value !== null ? renameKey(value, dice) : anyText(dice);
    case 7:
    case 8:
      return typeof value === 'object' && value !== null ? anyValue(dice) : fittingText(key, dice);
    default:
      return anyValue(dice);
  }
}

function renameKey(value: object, dice: Dice): unknown {
  const entries: [string, unknown][] = Object.entries(value);
  const chosen = dice.below(entries.length);
  return Object.fromEntries(entries.map(([key, child], index) => [index === chosen ? dice.pick(keys) : key, child]));
}

function write(tree: unknown, dice: Dice): string | undefined {
  try {
    switch (dice.below(4)) {
      case 0:
        return JSON.stringify(tree, null, dice.below(3)) ?? '';
      case 1:
        return stringify(tree ?? null, { collectionStyle: 'flow', lineWidth: 0 });
      case 2:
        return stringify(tree ?? null, { defaultStringType: 'QUOTE_SINGLE', indent: 1 + dice.below(6) });
      default:
        return stringify(tree ?? null);
    }
  } catch {
    // A tree that was put into itself too often to be written.
    return undefined;
  }
}

type Step = string | number;

/** Of a tree that mutation may have made large, the first thousand. */
function pathsOf(tree: unknown): (readonly Step[])[] {
  const found: (readonly Step[])[] = [];
  const walk = (value: unknown, path: readonly Step[]) => {
    if (found.length > 1000 || path.length > 30) return;
    found.push(path);
    if (typeof value !== 'object' || value === null) return;
    const children: Iterable<[Step, unknown]> = Array.isArray(value) ? value.entries() : Object.entries(value);
    for (const [key, child] of children) walk(child, [...path, key]);
  };
  walk(tree, []);
  return found;
}

function at(tree: unknown, path: readonly Step[]): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    tree,
  );
}

/** The tree with another value, or none, at the path. */
function change(value: unknown, [step, ...rest]: readonly Step[], by: (value: unknown) => unknown): unknown {
  if (step === undefined) return by(value);
  if (typeof value !== 'object' || value === null) return value;
  const children: Iterable<[Step, unknown]> = Array.isArray(value) ? value.entries() : Object.entries(value);
  const changed = [...children]
    .map(([key, child]): [Step, unknown] => [key, key === step ? change(child, rest, by) : child])
    .filter(([, child]) => child !== undefined);
  return Array.isArray(value) ? changed.map(([, child]) => child) : Object.fromEntries(changed);
}
