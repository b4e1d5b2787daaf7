import { dirname, isAbsolute, join } from 'node:path';
import type { Findings } from './problem.ts';
import { readSecretFile } from './read-source.ts';
import { isMap, type Place } from './source.ts';

/** A path that is written in `file`, as the program can open it. */
export function besideFile(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}

/** The secret that is written under `key`, or that the file named under `<key>_file` holds. Undefined after a problem, or where there is neither. */
export async function readSecret(
  written: { readonly value: string | undefined; readonly file: string | undefined },
  { source, path }: Place,
  key: string,
  findings: Findings,
): Promise<string | undefined> {
  if (written.file === undefined) return written.value;
  const file = besideFile(source.file, written.file);
  const read = await readSecretFile(file);
  switch (read.status) {
    case 'read':
      findings.hide(read.secret);
      return read.secret;
    case 'refused':
      findings.report({ source, path: [...path, `${key}_file`] }, `the file ${file} ${read.message}`);
      return undefined;
    default:
      return read satisfies never;
  }
}

/** Keeps every secret that is written in the configuration out of the problems, also where the rest of it is wrong. */
export function hideSecrets(root: Readonly<Record<string, unknown>>, findings: Findings): void {
  const apps = isMap(root['apps']) ? Object.values(root['apps']) : [];
  for (const holder of [...apps, root['influxdb']]) {
    if (!isMap(holder)) continue;
    for (const key of ['secret_key', 'token', 'password']) {
      const secret = holder[key];
      if (secret !== undefined && secret !== null) findings.hide(String(secret));
    }
  }
}
