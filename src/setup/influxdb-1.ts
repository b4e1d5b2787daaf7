import { fieldProblems, showFieldKeys } from './field-types.ts';
import { planUser } from './influxdb-1-users.ts';
import { type InfluxdbApi, Refusal } from './influxdb-api.ts';
import { influxql, quoteName, type Row, StatementError } from './influxql.ts';
import { change, type Item, note, problem, type SecretPlace, same } from './item.ts';
import { describeKeep, type Place, retentionSeconds, shardSeconds } from './wanted.ts';

export type Influxdb1Options = {
  /** `database/policy` names the policy too. */
  readonly places: readonly Place[];
  /** Of an administrator, for a server that asks. */
  readonly authorization: string | undefined;
  /** Who writes, where the server asks. */
  readonly username: string | undefined;
  readonly writer: SecretPlace;
  readonly reader: SecretPlace;
  readonly makeSecret: () => string;
  readonly areSecretsRenewed: boolean;
};

/** How the retention policy is called that setup makes: only such a one is ever changed. */
const ownPolicy = 'livetally';

/** What stands between an InfluxDB 1 and the configuration. Asks only; what an item stands for is made when it is told to. */
export async function planInfluxdb1(api: InfluxdbApi, options: Influxdb1Options): Promise<readonly Item[]> {
  const { places } = options;
  const authorization = (await asksNobody(api)) ? undefined : options.authorization;
  const run = async (statement: string, database?: string) =>
    await influxql(api, statement, { authorization, ...(database !== undefined && { database }) });
  try {
    const databases = new Set((await run('SHOW DATABASES')).map(({ name }) => String(name)));
    const items: Item[] = [];
    for (const place of places) {
      const [database = '', policy] = place.name.split('/');
      const policies = databases.has(database) ? await run(`SHOW RETENTION POLICIES ON ${quoteName(database)}`) : [];
      items.push(planDatabase(place, { database, policy }, policies, run));
      if (databases.has(database)) {
        items.push(...fieldProblems(`database ${database}`, await run(showFieldKeys, database)));
      }
    }
    return [...items, ...(await planUsers({ ...options, authorization }, run))];
  } catch (error) {
    const isRefused = error instanceof Refusal && (error.httpStatus === 401 || error.httpStatus === 403);
    if (!isRefused && !(error instanceof StatementError)) throw error;
    const words = `the server says: ${error.message}. Set INFLUX_ADMIN_USER and INFLUX_ADMIN_PASSWORD to those of an administrator of InfluxDB`;
    return [problem('administrator', words)];
  }
}

/** Without authentication, as it is delivered. */
async function asksNobody(api: InfluxdbApi): Promise<boolean> {
  try {
    await influxql(api, 'SHOW DATABASES', { authorization: undefined });
    return true;
  } catch (error) {
    if (error instanceof Refusal || error instanceof StatementError) return false;
    throw error;
  }
}

export type Run = (statement: string, database?: string) => Promise<readonly Row[]>;

function planDatabase(
  place: Place,
  { database, policy }: { readonly database: string; readonly policy: string | undefined },
  policies: readonly Row[],
  run: Run,
): Item {
  const { name, keepMs, holds } = place;
  const subject = `database ${name}`;
  const seconds = retentionSeconds(keepMs);
  const duration = seconds === 0 ? 'INF' : `${seconds}s`;
  const goal = `for ${holds}, kept ${describeKeep(keepMs)}`;
  const on = quoteName(database);
  const ofShard = shardSeconds(place);
  const shards = ofShard === undefined ? '' : ` SHARD DURATION ${ofShard}s`;
  if (policies.length === 0) {
    const create = `CREATE DATABASE ${on} WITH DURATION ${duration}${shards} NAME ${quoteName(policy ?? ownPolicy)}`;
    return change(subject, goal, async () => void (await run(create)));
  }
  const found = policies.find((row) => (policy === undefined ? row['default'] === true : row['name'] === policy));
  if (found === undefined) {
    const create = `CREATE RETENTION POLICY ${quoteName(policy ?? ownPolicy)} ON ${on} DURATION ${duration} REPLICATION 1${shards}`;
    const isDefault = policy === undefined ? ' DEFAULT' : '';
    return change(subject, `policy ${policy ?? ownPolicy} ${goal}`, async () => void (await run(create + isDefault)));
  }
  const held = parseDuration(String(found['duration']));
  const heldWords = describeKeep(held === 0 ? Number.POSITIVE_INFINITY : held * 1_000);
  if (held === seconds) return same(subject, `keeps ${holds} ${describeKeep(keepMs)}`);
  const alter = `ALTER RETENTION POLICY ${quoteName(String(found['name']))} ON ${on} DURATION ${duration}`;
  if (held === 0 || (seconds !== 0 && held > seconds)) {
    const words = `keeps ${heldWords} where the configuration asks for ${describeKeep(keepMs)}. Setup shortens nothing; if older data may go: ${alter}`;
    return note(subject, words);
  }
  if (found['name'] === ownPolicy) {
    return change(subject, `kept ${describeKeep(keepMs)} instead of ${heldWords}`, async () => void (await run(alter)));
  }
  const words = `was made by somebody else and keeps only ${heldWords}; the configuration asks for ${describeKeep(keepMs)}. Raise it (${alter}), ask for less in the configuration, or name another database there.`;
  return problem(subject, words);
}

/** Seconds of a duration as the server writes it, such as `2160h0m0s`; 0 is for ever. */
function parseDuration(text: string): number {
  const [, hours = 0, minutes = 0, seconds = 0] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  return Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}

async function planUsers(options: Influxdb1Options, run: Run): Promise<readonly Item[]> {
  const { places, username, writer, reader, makeSecret, areSecretsRenewed: isRenewed, authorization } = options;
  if (username === undefined) {
    if (authorization === undefined) return [note('users', 'the server asks nobody who he is, so none are made')];
    const words = 'the server has users and the configuration names none: set influxdb.username and password_file';
    return [problem('users', words)];
  }
  const shared = { databases: places.map(({ name }) => name.split('/')[0] ?? ''), makeSecret, isRenewed };
  const names = new Map((await run('SHOW USERS')).map(({ user, admin }) => [String(user), admin === true]));
  return [
    await planUser({ ...shared, name: username, privilege: 'WRITE', place: writer }, names, run),
    await planUser({ ...shared, name: readerOf(username), privilege: 'READ', place: reader }, names, run),
  ];
}

/** The user that Grafana reads as. */
export function readerOf(username: string): string {
  return `${username}_grafana`;
}
