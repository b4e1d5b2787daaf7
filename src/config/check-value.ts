import type * as z from 'zod';
import { knownKeys } from './json-schema.ts';
import type { Findings } from './problem.ts';
import { isMap, type Place } from './source.ts';
import { didYouMean } from './suggestion.ts';

/** The value as the schema reads it; undefined when it is refused, and then the findings say why. */
export function checkValue<Output>(
  schema: z.ZodType<Output>,
  value: unknown,
  place: Place,
  findings: Findings,
): Output | undefined {
  const result = schema.safeParse(value, { error: explain });
  if (result.success) return result.data;
  for (const issue of result.error.issues) reportIssue(issue, schema, place, findings);
  return undefined;
}

/** What is left of a map without the keys that are refused, so that the others can be checked further. `parts` is its schema with every key optional. */
export function readUsableParts<Output>(parts: z.ZodType<Output>, value: unknown): Output | undefined {
  const result = parts.safeParse(value);
  if (result.success || !isMap(value)) return result.data;
  const refused = new Set(
    result.error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : issue.path.slice(0, 1))),
  );
  return parts.safeParse(Object.fromEntries(Object.entries(value).filter(([key]) => !refused.has(key)))).data;
}

export function reportUnknownKey(place: Place, known: readonly string[], findings: Findings): void {
  const key = String(place.path.at(-1));
  findings.report(place, 'unknown key', didYouMean(key, known) ?? `known here: ${[...new Set(known)].join(', ')}`);
}

function reportIssue(issue: z.core.$ZodIssue, schema: z.ZodType, place: Place, findings: Findings): void {
  const { source } = place;
  const path = [...place.path, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(schema, issue.path);
      for (const key of issue.keys) reportUnknownKey({ source, path: [...path, key] }, known, findings);
      return;
    }
    case 'invalid_key':
      for (const { message } of issue.issues) findings.report({ source, path }, message);
      return;
    default:
      findings.report({ source, path }, issue.message);
  }
}

/** The words for what no schema has words of its own for. */
const explain: z.core.$ZodErrorMap = ({ code, input, ...issue }) => {
  if (code !== 'invalid_type') return undefined;
  if (input === undefined) return 'is missing';
  if (input === null) return 'has no value: give it one, or leave out the key';
  const expected = 'expected' in issue ? String(issue.expected) : '';
  const isBare = typeof input === 'number' || typeof input === 'boolean';
  if (expected === 'string' && isBare) return `must be text and is read as a ${typeof input}: put it in quotes`;
  return `must be ${nouns.get(expected) ?? expected}, and is ${describeType(input)}`;
};

const nouns: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['array', 'a list'],
  ['object', 'a map of keys'],
  ['record', 'a map of keys'],
]);

function describeType(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map of keys' : typeof value === 'string' ? 'text' : `a ${typeof value}`;
}
