import type { Findings } from './problem.ts';
import { isMap, type Source } from './source.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The source's value with `${NAME}` and `${NAME:-default}` replaced in every text; `$$` is a plain `$`. An empty variable counts as not set, as with `:-` in a
 * shell. What holds no reference is not copied.
 */
export function substitute(source: Source, environment: Environment, findings: Findings): unknown {
  if (!source.hasReferences) return source.value;
  const path: (string | number)[] = [];
  const around = new Set<object>();
  const report = (message: string, remedy?: string) =>
    findings.reportOnce({ source, path: [...path] }, message, remedy);

  const walk = (value: unknown): unknown => {
    if (typeof value === 'string')
      return value.includes('$') ? replaceReferences(value, environment, { report, hide: findings.hide }) : value;
    // An alias can make a value that holds itself.
    if (typeof value !== 'object' || value === null || around.has(value)) return value;
    around.add(value);
    const replaced = Array.isArray(value) ? walkList(value) : isMap(value) ? walkMap(value) : value;
    around.delete(value);
    return replaced;
  };
  const walkAt = (step: string | number, value: unknown): unknown => {
    path.push(step);
    const replaced = walk(value);
    path.pop();
    return replaced;
  };
  const walkList = (list: readonly unknown[]): readonly unknown[] => {
    const replaced = list.map((item, index) => walkAt(index, item));
    return replaced.every((item, index) => item === list[index]) ? list : replaced;
  };
  const walkMap = (map: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
    let changed: Map<string, unknown> | undefined;
    for (const key in map) {
      const replaced = walkAt(key, map[key]);
      if (replaced !== map[key]) changed = (changed ?? new Map(Object.entries(map))).set(key, replaced);
    }
    return changed === undefined ? map : Object.fromEntries(changed);
  };
  return walk(source.value);
}

/** Variables that hold a secret wherever they are used, a wrong place included; those that name a file with one do not. */
const secretName = /(KEY|TOKEN|SECRET|PASSWORD)(?!.*_FILE$)/i;

function replaceReferences(
  text: string,
  environment: Environment,
  { report, hide }: { readonly report: (message: string, remedy?: string) => void; readonly hide: Findings['hide'] },
): string {
  return text.replace(/\$\$|\$\{([^}]*)\}?/g, (written, inside: string | undefined) => {
    if (inside === undefined) return '$';
    const [, name, fallback] = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(inside) ?? [];
    if (name === undefined || !written.endsWith('}')) {
      report(`has a \${ that names no variable`, `write \${NAME}, \${NAME:-default}, or $$ for a plain $`);
      return written;
    }
    const variable = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (variable) {
      if (secretName.test(name)) hide(variable);
      return variable;
    }
    if (fallback !== undefined) return fallback;
    report(`the environment variable ${name} ${variable === undefined ? 'is not set' : 'is empty'}`);
    return written;
  });
}
