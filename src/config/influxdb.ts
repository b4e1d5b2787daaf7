import type { InfluxdbConfig } from './config.ts';
import type { InfluxdbSection } from './influxdb-schema.ts';
import type { Findings } from './problem.ts';
import { readSecret } from './secrets.ts';
import type { Source } from './source.ts';

/** Undefined after a problem, or where nothing is to be shipped. */
export async function readInfluxdb(
  written: InfluxdbSection,
  source: Source,
  findings: Findings,
): Promise<InfluxdbConfig | undefined> {
  if (written === undefined) return undefined;
  const { url, org, bucket, database, username, batch_size, gzip, timeout } = written;
  const place = { source, path: ['influxdb'] };
  const shared = { url, batchSize: batch_size, gzip, timeoutMs: timeout };
  if (database !== undefined) {
    const password = await readSecret(
      { value: written.password, file: written.password_file },
      place,
      'password',
      findings,
    );
    const login = username !== undefined && password !== undefined && { username, password };
    return { ...shared, kind: 'v1', database, ...login };
  }
  const token = await readSecret({ value: written.token, file: written.token_file }, place, 'token', findings);
  if (org === undefined || bucket === undefined || token === undefined) return undefined;
  return { ...shared, kind: 'v2', org, bucket, token };
}
