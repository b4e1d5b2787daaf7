import type { InfluxdbConfig } from './config.ts';
import type { InfluxdbSection } from './influxdb-schema.ts';
import type { Findings } from './problem.ts';
import { besideFile, readSecret } from './secrets.ts';
import type { Source } from './source.ts';

/** Undefined after a problem, or where nothing is to be shipped. */
export function readInfluxdb(
  written: InfluxdbSection,
  source: Source,
  findings: Findings,
  mayLackSecret: boolean,
): InfluxdbConfig | undefined {
  if (written === undefined) return undefined;
  const { url, org, bucket, database, username, keep, tiers, batch_size, gzip, timeout } = written;
  const shared = { url, keepMs: keep, tiers, batchSize: batch_size, gzip, timeoutMs: timeout };

  function read(key: 'token' | 'password', value: string | undefined, file: string | undefined) {
    const secret = readSecret(
      { value, file },
      { source, path: ['influxdb'] },
      key,
      findings,
      'livetally setup writes it',
    );
    const secretFile = file !== undefined && { secretFile: besideFile(source.file, file) };
    // A reference that was not replaced is no secret.
    const isThere = secret !== undefined && !(mayLackSecret && secret.includes('${'));
    return { secret: isThere ? secret : mayLackSecret ? '' : undefined, secretFile };
  }

  if (database !== undefined) {
    if (username === undefined) return { ...shared, kind: 'v1', database };
    const { secret: password, secretFile } = read('password', written.password, written.password_file);
    return { ...shared, kind: 'v1', database, ...(password !== undefined && { username, password }), ...secretFile };
  }
  const { secret: token, secretFile } = read('token', written.token, written.token_file);
  if (org === undefined || bucket === undefined || token === undefined) return undefined;
  return { ...shared, kind: 'v2', org, bucket, token, ...secretFile };
}
