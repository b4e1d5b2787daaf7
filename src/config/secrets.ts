import { dirname, isAbsolute, join } from 'node:path';
import type { Findings } from './problem.ts';
import { isMissing, readSecretFile } from './read-source.ts';
import { isMap, type Place } from './source.ts';
import { headerSecret, secret } from './values.ts';

/** A path that is written in `file`, as the program can open it. */
export function besideFile(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}

/** The secret that is written under `key`, or that the file named under `<key>_file` holds. Undefined after a problem, or where there is neither. */
export function readSecret(
  written: { readonly value: string | undefined; readonly file: string | undefined },
  { source, path }: Place,
  key: string,
  findings: Findings,
  remedyIfMissing?: string,
): string | undefined {
  if (written.file === undefined) return written.value;
  const file = besideFile(source.file, written.file);
  const read = checked(readSecretFile(file), key === 'token' ? headerSecret() : secret());
  switch (read.status) {
    case 'read':
      findings.hide(read.secret);
      return read.secret;
    case 'refused':
      findings.report(
        { source, path: [...path, `${key}_file`] },
        `the file ${file} ${read.message}`,
        read.message === isMissing ? remedyIfMissing : undefined,
      );
      return undefined;
    default:
      return read satisfies never;
  }
}

/** What a file holds must be no worse than what the configuration itself may hold. */
function checked(read: ReturnType<typeof readSecretFile>, schema: ReturnType<typeof secret>): typeof read {
  if (read.status === 'refused') return read;
  const [flaw] = schema.safeParse(read.secret).error?.issues ?? [];
  return flaw === undefined ? read : { status: 'refused', message: flaw.message };
}

/** Keeps every secret that is written in the configuration out of the problems, also where the rest of it is wrong. */
export function hideSecrets(root: Readonly<Record<string, unknown>>, findings: Findings): void {
  const apps = isMap(root['apps']) ? Object.values(root['apps']) : [];
  for (const holder of [...apps, root['influxdb']]) {
    if (!isMap(holder)) continue;
    for (const key of ['secret_key', 'token', 'password']) {
      const secret = holder[key];
      if (secret !== undefined && typeof secret !== 'object') findings.hide(String(secret));
    }
  }
  // Addresses to be called mostly hold a key.
  const addresses = [
    isMap(root['heartbeat']) && root['heartbeat']['url'],
    isMap(root['alerts']) && root['alerts']['webhook'],
  ];
  for (const address of addresses) if (typeof address === 'string') findings.hide(address);
}

/** Says nothing of a token or password of InfluxDB that is not there. */
export function withoutInfluxdbSecret(findings: Findings): Findings {
  const isSecret = ({ path: [section, key, ...below] }: Place) =>
    section === 'influxdb' && /^(token|password)(_file)?$/.test(String(key)) && below.length === 0;
  const unless =
    (report: Findings['report']): Findings['report'] =>
    (place, message, remedy) => {
      if (!isSecret(place)) report(place, message, remedy);
    };
  return { ...findings, report: unless(findings.report), reportOnce: unless(findings.reportOnce) };
}
