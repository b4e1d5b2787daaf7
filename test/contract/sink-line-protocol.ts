/** A line as a server reads it; integer fields are bigint, so that every digit counts. */
export type ParsedLine = {
  readonly measurement: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, bigint | number>;
  readonly timeMs: number;
};

/** Parses a line of integer and float fields; returns InfluxDB's word for what is wrong with it. */
export function parseLine(line: string): ParsedLine | string {
  const [key, fieldSet, time, ...rest] = splitUnescaped(line, ' ');
  if (key === undefined || rest.length > 0) return 'invalid field format';
  if (fieldSet === undefined) return 'missing fields';
  const [measurement, ...tagParts] = splitUnescaped(key, ',');
  const tags = tagParts.map((part) => splitUnescaped(part, '='));
  if (tags.some((tag) => tag.length !== 2 || tag.some((side) => side === ''))) return 'invalid tag format';
  const fields = splitUnescaped(fieldSet, ',').map((part) => splitUnescaped(part, '='));
  const values = fields.map(([, value]) => parseNumber(value));
  if (!/^-?\d+$/.test(time ?? '')) return 'bad timestamp';
  return {
    measurement: unescaped(measurement ?? ''),
    tags: new Map(tags.map(([name, value]) => [unescaped(name ?? ''), unescaped(value ?? '')])),
    fields: new Map(fields.map(([name], index) => [unescaped(name ?? ''), values[index] ?? Number.NaN])),
    timeMs: Number(time),
  };
}

function parseNumber(text: string | undefined): bigint | number {
  return /^-?\d+i$/.test(text ?? '') ? BigInt((text ?? '').slice(0, -1)) : Number(text);
}

/** A separator after a backslash is an ordinary character, however many backslashes there are: so do 1.6, 1.8 and 2.9. */
function splitUnescaped(text: string, separator: ' ' | ',' | '='): string[] {
  return text.split(new RegExp(`(?<!\\\\)${separator}`));
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([ ,=])/g, '$1');
}
