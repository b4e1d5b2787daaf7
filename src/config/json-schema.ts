import * as z from 'zod';
import { configSchema } from './schema.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What `config/livetally.schema.json` holds, for completion and checks in editors. */
export function configJsonSchema(): JsonSchema {
  return toJsonSchema(configSchema);
}

/** The keys that may stand in the map which lies at `path` in a value of this schema. */
export function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const root = converted.get(schema) ?? toJsonSchema(schema);
  converted.set(schema, root);
  let nodes = variants(root);
  for (const step of path) nodes = nodes.flatMap((node) => childrenOf(node, step)).flatMap(variants);
  return nodes.flatMap((node) => Object.keys(node.properties ?? {}));
}

/** Thousands of entries of a watchlist may hold the same mistake. */
const converted = new WeakMap<z.ZodType, JsonSchema>();

function childrenOf({ items, properties, additionalProperties }: JsonSchema, step: PropertyKey): readonly JsonSchema[] {
  const child = typeof step === 'number' ? items : (properties?.[String(step)] ?? additionalProperties);
  return typeof child === 'object' && !Array.isArray(child) ? [child] : [];
}

/** The schema itself, or those that it is any of. */
export function variants(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf?.filter((variant) => typeof variant === 'object') ?? [schema];
}

function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      const { or, description, default: _, ...main } = jsonSchema;
      const other = alternatives.get(String(or));
      if (other === undefined) return;
      for (const key of Object.keys(main)) delete jsonSchema[key];
      delete jsonSchema['or'];
      jsonSchema.anyOf = [main, other];
    },
  });
}

/** Other ways to write a value, by what the schema's metadata says under `or`. */
const alternatives: ReadonlyMap<string, JsonSchema> = new Map([
  ['reference', { type: 'string', pattern: '\\$\\{', description: 'A variable of the environment.' }],
  ['cron', { type: 'string', description: 'One cron expression for rooms and gifts.' }],
]);
