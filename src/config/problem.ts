import type { Path, Place } from './source.ts';
import { placeholder } from './values.ts';

/** One mistake in the configuration, for a person to mend. Never holds a secret. */
export type Problem = {
  readonly file: string;
  /** Counts from 1, as does `column`. */
  readonly line?: number;
  readonly column?: number;
  /** Such as `watchlist[3].room`; empty when the file as a whole is meant. */
  readonly key: string;
  readonly message: string;
  readonly remedy?: string;
};

/** As `config/livetally.yaml:12:5 watchlist[3].room: is empty (did you mean "receivers"?)`, which editors and terminals turn into a link. */
export function formatProblem({ file, line, column, key, message, remedy }: Problem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const what = key === '' ? `${place}:` : `${place} ${key}:`;
  return escapeControls(remedy === undefined ? `${what} ${message}` : `${what} ${message} (${remedy})`);
}

/** What stands in a file may not break the line, or steer the terminal, that a problem is shown in. */
function escapeControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** As `config/livetally.yaml:12:5`. */
export function formatPlace({ source, path }: Place): string {
  const { line, column } = source.locate(path) ?? {};
  return [source.file, line, column].filter((part) => part !== undefined).join(':');
}

/** Collects what is wrong, so that everything can be told at once. */
export type Findings = {
  /** The same said twice of one place is one problem. */
  report(place: Place, message: string, remedy?: string): void;
  /** Reports, and keeps silent about whatever else is wrong at that place: it follows from this. */
  reportOnce(place: Place, message: string, remedy?: string): void;
  /** A problem with a file that could not be read as a whole. */
  add(problem: Problem): void;
  /** From now on this text appears in no problem. */
  hide(secret: string): void;
  /** In the order of the files' names, `firstFile` before all, and by position in each. */
  list(firstFile: string): readonly Problem[];
};

export function createFindings(): Findings {
  const found: { place: Place; message: string; remedy: string | undefined }[] = [];
  const problems: Problem[] = [];
  const settled = new Set<string>();
  const secrets = new Set<string>();
  const addressOf = ({ source, path }: Place) => `${source.file}\n${formatPath(path)}`;

  const report: Findings['report'] = (place, message, remedy) => {
    const address = addressOf(place);
    if (settled.has(address) || settled.has(`${address}\n${message}`)) return;
    settled.add(`${address}\n${message}`);
    found.push({ place, message, remedy });
  };
  return {
    report,
    reportOnce: (place, message, remedy) => {
      report(place, message, remedy);
      settled.add(addressOf(place));
    },
    add: (problem) => problems.push(problem),
    hide: (secret) => {
      // A shorter one is no secret, but may be a part of ordinary words.
      if (secret.length >= 8 && secret !== placeholder) secrets.add(secret);
    },
    list: (firstFile) => {
      const mask = (text: string) => [...secrets].reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
      const located = found.map(({ place: { source, path }, message, remedy }) => ({
        file: source.file,
        ...source.locate(path),
        key: mask(formatPath(path.map(withoutValue))),
        message: mask(message),
        ...(remedy !== undefined && { remedy: mask(remedy) }),
      }));
      return [...problems, ...located].sort((one, other) => compare(one, other, firstFile));
    },
  };
}

function compare(one: Problem, other: Problem, firstFile: string): number {
  if (one.file !== other.file) {
    if (one.file === firstFile) return -1;
    return other.file === firstFile || one.file > other.file ? 1 : -1;
  }
  return (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0);
}

/** Where the space after a colon is missing, the value became part of the key, and may be a secret. */
function withoutValue(step: string | number): string | number {
  return typeof step === 'number' ? step : step.replace(/:.+$/s, ':…');
}

function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
