import { type InfluxdbApi, Refusal } from './influxdb-api.ts';

export type ServerKind =
  | { readonly kind: 'influxdb'; readonly major: 1 | 2 | 3; readonly version: string }
  /** VictoriaMetrics, or something else that takes the same lines. */
  | { readonly kind: 'other' };

/** By the version that InfluxDB names itself, since 1.0, in the answer to a ping. */
export async function askServerKind(api: InfluxdbApi, authorization: string | undefined): Promise<ServerKind> {
  const version = await askVersion(api, authorization);
  const major = /^v?([123])\./.exec(version ?? '')?.[1];
  switch (major) {
    case '1':
      return { kind: 'influxdb', major: 1, version: version ?? '' };
    case '2':
      return { kind: 'influxdb', major: 2, version: version ?? '' };
    case '3':
      return { kind: 'influxdb', major: 3, version: version ?? '' };
    default:
      return { kind: 'other' };
  }
}

async function askVersion(api: InfluxdbApi, authorization: string | undefined): Promise<string | undefined> {
  try {
    const { headers } = await api.request('GET', '/ping', { authorization });
    return headers['x-influxdb-version'];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // A version 3 wants to know who asks.
    if (error.httpStatus === 401) return '3.0';
    return undefined;
  }
}
