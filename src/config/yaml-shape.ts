/** Reads YAML; undefined for what is not valid. */
type Read = (text: string) => { readonly value: unknown } | undefined;

/**
 * Reads the items of a long list. Most are the same but for the words in them, so the words are taken out, the YAML library reads each shape that is left once,
 * and the words are put into what it made of it. That is some ten times as fast as the library, which stays the only judge of what YAML means:
 * whatever is not plainly made of words goes to it as it is.
 */
export function createItemReader(read: Read): Read {
  const templates = new Map<string, Template | undefined>();
  const templateOf = (shape: string): Template | undefined => {
    const known = templates.get(shape);
    if (known !== undefined || templates.has(shape)) return known;
    const parsed = read(shape);
    const template = parsed && toTemplate(parsed.value);
    templates.set(shape, template);
    return template;
  };
  return (item) => {
    if (templates.size > mostShapes || item.length > longestItem || beyondShapes.test(item)) return read(item);
    const words: string[] = [];
    const shape = item.replace(runs, (run: string, quoted: string | undefined) => {
      const word = quoted === undefined ? run : quoted.slice(1, -1);
      if (quoted === undefined && !isWord(word)) return run;
      const placeholder = `w${words.push(word) - 1}`;
      return quoted === undefined ? placeholder : quoted.charAt(0) + placeholder + quoted.charAt(0);
    });
    const value = templateOf(shape)?.(words);
    return value === undefined || value === refused ? read(item) : { value };
  };
}

/** So many different shapes mean that nothing is won. */
const mostShapes = 200;
/** YAML limits a key to 1,024 characters, so in longer items the length of a word would matter. */
const longestItem = 1000;
/** Anchors, aliases, tags, escapes and block texts depend on more than the words; `__proto__` is no ordinary key. */
const beyondShapes = /[&*!|>%@`\\?]|__proto__/;

/** What may be replaced by any other of its kind: text in quotes, and what a word is cut from. */
const runs = /("[\w-]+"|'[\w-]+')|[\w-]+/g;

/** A word stays text whatever its letters are; these are read as something else, as is what begins with a digit or a dash. */
const isWord = (run: string) => /^[A-Za-z_]/.test(run) && !/^(true|false|null|inf|nan)$/i.test(run);

/** Puts words into a value; `refused` where that would write a key twice. */
type Template = (words: readonly string[]) => unknown;
const refused = Symbol('refused');

const placeholders = /(?<![\w-])w(\d+)(?![\w-])/g;

function toTemplate(value: unknown): Template {
  if (typeof value === 'string') return toTextTemplate(value);
  if (Array.isArray(value)) {
    const items = value.map(toTemplate);
    return (words) => {
      const filled = items.map((item) => item(words));
      return filled.includes(refused) ? refused : filled;
    };
  }
  if (typeof value !== 'object' || value === null) return () => value;
  const entries = Object.entries(value).map(([key, child]) => [toTextTemplate(key), toTemplate(child)] as const);
  return (words) => {
    const filled: Record<string, unknown> = {};
    for (const [keyTemplate, template] of entries) {
      const key = keyTemplate(words);
      const child = template(words);
      if (child === refused || Object.hasOwn(filled, key)) return refused;
      filled[key] = child;
    }
    return filled;
  };
}

function toTextTemplate(text: string): (words: readonly string[]) => string {
  const whole = /^w(\d+)$/.exec(text)?.[1];
  if (whole !== undefined) return (words) => words[Number(whole)] ?? '';
  if (text.search(placeholders) < 0) return () => text;
  return (words) => text.replace(placeholders, (_, index: string) => words[Number(index)] ?? '');
}
