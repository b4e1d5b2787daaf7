/** Keys and list indexes from the root of a file to a value. */
export type Path = readonly (string | number)[];

/** Both count from 1. */
export type Position = { readonly line: number; readonly column?: number };

/** A file as it was read, before anything in it is checked. */
export type Source = {
  readonly file: string;
  readonly value: unknown;
  /** Whether texts may hold `${NAME}`. Never in CSV and JSON: those are written by programs, and mean what they say. */
  readonly hasReferences: boolean;
  /** Where the value at this path is written, or the nearest thing around it. Only asked when there is a problem: it may read the text again. */
  locate(path: Path): Position | undefined;
};

/** A value in a file: what a problem points at. */
export type Place = { readonly source: Source; readonly path: Path };

export type SyntaxProblem = Partial<Position> & { readonly message: string; readonly remedy?: string };

/** What a reader of one format makes of a text. */
export type Parsed =
  | { readonly status: 'parsed'; readonly value: unknown; readonly locate: Source['locate'] }
  | { readonly status: 'refused'; readonly problems: readonly SyntaxProblem[] };

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
