import type * as z from 'zod';
import { configJsonSchema, variants } from './json-schema.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;
type Row = { readonly key: string; readonly value: string; readonly fallback: string; readonly description: string };

/** The Markdown table of all options that the README holds. */
export function describeOptions(): string {
  const rows = new Map<string, Row>();
  for (const row of rowsOf(configJsonSchema(), '', true)) {
    // The two kinds of watchlist entry share some keys.
    if (!rows.has(row.key)) rows.set(row.key, row);
  }
  const lines = [...rows.values()].map(({ key, value, fallback, description }) => {
    const cells = [`\`${key}\``, value, fallback, description].map((cell) => cell.replaceAll('|', '\\|'));
    return `| ${cells.join(' | ')} |`;
  });
  return ['| key | value | default | what it is |', '|---|---|---|---|', ...lines].join('\n').concat('\n');
}

function rowsOf(schema: JsonSchema, key: string, isRequired: boolean): readonly Row[] {
  const below = variants(schema).flatMap((variant) => [
    ...Object.entries(variant.properties ?? {}).flatMap(([name, child]) =>
      typeof child === 'object'
        ? rowsOf(child, key === '' ? name : `${key}.${name}`, variant.required?.includes(name) ?? false)
        : [],
    ),
    ...(typeof variant.additionalProperties === 'object' && variant.additionalProperties.properties !== undefined
      ? rowsOf(variant.additionalProperties, `${key}.<name>`, false)
      : []),
    ...(typeof variant.items === 'object' && !Array.isArray(variant.items) && variant.items.type !== 'string'
      ? rowsOf(variant.items, `${key}[]`, false)
      : []),
  ]);
  const { description } = schema;
  if (key === '' || description === undefined) return below;
  const fallback = below.length > 0 ? '' : describeDefault(schema, isRequired);
  return [{ key, value: describeValue(schema), fallback, description }, ...below];
}

function describeDefault({ default: fallback }: JsonSchema, isRequired: boolean): string {
  if (fallback === undefined) return isRequired ? 'required' : '';
  return `\`${typeof fallback === 'string' ? fallback : JSON.stringify(fallback)}\``;
}

function describeValue(schema: JsonSchema): string {
  const [main = schema] = variants(schema);
  if (main.enum !== undefined) return main.enum.map((name) => `\`${name}\``).join(', ');
  if (main.title !== undefined) return main.title;
  switch (main.type) {
    case 'integer':
      return `whole number from ${main.minimum} to ${main.maximum}`;
    case 'boolean':
      return '`true` or `false`';
    case 'array':
      return 'list';
    case 'object':
      return 'map';
    default:
      return 'text';
  }
}
