import type { Tier } from '../model/window.ts';
import { createMask } from '../model/without-secrets.ts';
import { planInfluxdb1 } from './influxdb-1.ts';
import { type Admin, planInfluxdb2 } from './influxdb-2.ts';
import { planInfluxdb3 } from './influxdb-3.ts';
import { createInfluxdbApi, type InfluxdbApi, Refusal } from './influxdb-api.ts';
import { type Item, problem, type SecretPlace } from './item.ts';
import { askServerKind } from './server-kind.ts';
import { placesOf } from './wanted.ts';

export type ServerOptions = {
  readonly url: string;
  readonly timeoutMs: number;
  /** As livetally writes: with a token into buckets, or into databases, which is all that 1.x knows. */
  readonly target:
    | { readonly kind: 'v2'; readonly org: string; readonly bucket: string }
    | { readonly kind: 'v1'; readonly database: string; readonly username: string | undefined };
  readonly keepMs: number;
  readonly keepTiersMs: Readonly<Record<Tier, number>>;
  readonly hasTiers: boolean;
  readonly admin: Admin;
  readonly writer: SecretPlace;
  readonly reader: SecretPlace;
  readonly operator: SecretPlace;
  /** A password that nobody guesses. */
  readonly makeSecret: () => string;
  readonly areSecretsRenewed: boolean;
};

/** Asks the server, whatever its version, what of the configuration is there. Throws where it cannot be reached. */
export async function planServer(options: ServerOptions): Promise<readonly Item[]> {
  const { url, timeoutMs, admin, writer, reader, operator } = options;
  const { username, password } = admin;
  const secrets = [admin.token, password, writer.present, reader.present, operator.present].map(
    (secret) => secret ?? '',
  );
  if (password !== undefined) secrets.push(basicCredentials(username, password));
  const mask = (words: string) => createMask(secrets)(words);
  const makeSecret = () => {
    const secret = options.makeSecret();
    secrets.push(secret);
    return secret;
  };
  try {
    return await planByVersion(createInfluxdbApi({ url, timeoutMs, mask }), { ...options, makeSecret });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const words = `refused a question of setup, HTTP ${error.httpStatus}: ${error.message}. See that the token may do this, and that no proxy stands in between`;
    return [problem(`server ${url}`, words)];
  }
}

async function planByVersion(api: InfluxdbApi, options: ServerOptions): Promise<readonly Item[]> {
  const { url, target, admin, areSecretsRenewed } = options;
  const name = target.kind === 'v2' ? target.bucket : target.database;
  const places = placesOf({ ...options, name });
  const server = await askServerKind(api, admin.token === undefined ? undefined : `Token ${admin.token}`);
  if (server.kind === 'other') {
    const words = `${url} does not call itself InfluxDB: VictoriaMetrics needs no setup, and a proxy must let /ping and /query through`;
    return [problem('server', words)];
  }
  switch (server.major) {
    case 1: {
      if (target.kind === 'v2' && options.writer.present === '') {
        const words = `is version ${server.version}, which has no tokens: give influxdb.database, with username and password_file where it asks for them, instead of org, bucket and token_file`;
        return [problem('InfluxDB', words)];
      }
      const isLogin = target.kind === 'v1' && target.username !== undefined;
      const { username, password } = admin;
      const authorization = password === undefined ? undefined : `Basic ${basicCredentials(username, password)}`;
      return await planInfluxdb1(api, {
        ...options,
        places,
        authorization,
        username: isLogin ? target.username : undefined,
      });
    }
    case 2:
      if (target.kind === 'v1') {
        const words = `is version ${server.version}: give influxdb.org, bucket and token_file instead of a database`;
        return [problem('InfluxDB', words)];
      }
      return await planInfluxdb2(api, { ...options, ...target, places, areTokensRenewed: areSecretsRenewed });
    case 3:
      return await planInfluxdb3(api, { places, token: admin.token });
    default:
      return server.major satisfies never;
  }
}

function basicCredentials(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}
