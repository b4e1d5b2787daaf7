/** A text with its one long list taken out: the frame around it, and the items of the list. */
export type SplitList = {
  /** The text with an empty line for each line of the list. */
  readonly frame: string;
  /** Where the list belongs: the file itself, or the key `watchlist`. */
  readonly path: readonly [] | readonly ['watchlist'];
  readonly items: readonly Item[];
};

/** `start` and `end` are offsets into the text; `line` is that of the dash and counts from 1. */
export type Item = { readonly start: number; readonly end: number; readonly line: number };

/** Below this the library alone takes a few milliseconds. */
const shortList = 10;

/**
 * Finds the block list that is the whole file, or the value of `watchlist`, by its indentation alone: in YAML no content of an item can begin at or before
 * the column of the item's dash. Undefined where there is no such list, or it is short.
 */
export function splitList(text: string): SplitList | undefined {
  if (/^(?:---|\.\.\.|%)/m.test(text)) return undefined;
  const key = /^watchlist:[ \t]*(?:#.*)?\r?\n/m.exec(text);
  const from = key === null ? 0 : key.index + key[0].length;
  const firstDash = /^(?:[ \t]*(?:#.*)?\r?\n)*( *)-[ \r\n]/.exec(text.slice(from, from + 10_000));
  if (firstDash === null) return undefined;
  const { starts, end, lines } = findItems(text, from, firstDash[1]?.length ?? 0);
  if (starts.length <= shortList) return undefined;
  const linesBefore = text.slice(0, from).split('\n').length;
  return {
    frame: text.slice(0, from) + '\n'.repeat(lines) + text.slice(end),
    path: key === null ? [] : ['watchlist'],
    items: starts.map(({ start, line }, index) => ({
      start,
      end: starts[index + 1]?.start ?? end,
      line: line + linesBefore,
    })),
  };
}

/** Offset and line (counted from `from`) of every item, up to the first line that belongs to neither an item nor a comment. */
function findItems(text: string, from: number, indent: number) {
  const starts: { start: number; line: number }[] = [];
  let lines = 0;
  let at = from;
  while (at < text.length) {
    const lineEnd = text.indexOf('\n', at);
    const next = lineEnd < 0 ? text.length : lineEnd + 1;
    let column = at;
    while (text[column] === ' ') column++;
    const depth = column - at;
    const isItem = depth === indent && text[column] === '-' && /[ \r\n]/.test(text[column + 1] ?? '\n');
    const isBlank = column >= next || text[column] === '\n' || text[column] === '\r' || text[column] === '#';
    if (!isItem && !isBlank && depth <= indent) break;
    if (isItem) starts.push({ start: at, line: lines });
    at = next;
    if (lineEnd >= 0) lines++;
  }
  return { starts, end: at, lines };
}
