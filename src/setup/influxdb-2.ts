import { fieldProblems, showFieldKeys } from './field-types.ts';
import { checkRight, newBucket, planBucket } from './influxdb-2-buckets.ts';
import { createRights, noSuchId, type Rights } from './influxdb-2-rights.ts';
import type { State } from './influxdb-2-state.ts';
import { planToken } from './influxdb-2-tokens.ts';
import { type InfluxdbApi, type KnownToken, Refusal } from './influxdb-api.ts';
import { influxql, StatementError } from './influxql.ts';
import { change, type Item, problem, type SecretPlace, same } from './item.ts';
import { describeKeep, type Place } from './wanted.ts';

export type Influxdb2Options = {
  readonly org: string;
  readonly places: readonly Place[];
  readonly admin: Admin;
  readonly writer: SecretPlace;
  readonly reader: SecretPlace;
  /** For the operator's token, where the server makes one. */
  readonly operator: SecretPlace;
  readonly areTokensRenewed: boolean;
};

/** Who may change the server. The user and his password are needed where it is new, the token where it is in use. */
export type Admin = {
  readonly token: string | undefined;
  readonly username: string;
  readonly password: string | undefined;
};

/** What stands between an InfluxDB 2 and the configuration. Asks only: what an item stands for is made when it is told to. */
export async function planInfluxdb2(api: InfluxdbApi, options: Influxdb2Options): Promise<readonly Item[]> {
  const { token } = options.admin;
  const state: State = { server: api.version2(token ?? ''), orgId: '', bucketIds: new Map() };
  if (await state.server.isFresh()) return await planFresh(api, state, options);
  if (token === undefined) {
    const words =
      'is in use: set INFLUX_ADMIN_TOKEN (or --admin-token-file) to a token that may make buckets and tokens';
    return [problem('InfluxDB', words)];
  }
  try {
    return await planInUse(api, state, options);
  } catch (error) {
    if (!(error instanceof Refusal && error.httpStatus === 401)) throw error;
    return [
      problem('admin token', `is refused (${error.message}): give one of this server that may make buckets and tokens`),
    ];
  }
}

async function planFresh(api: InfluxdbApi, state: State, options: Influxdb2Options): Promise<readonly Item[]> {
  const { org, places, writer, reader, operator, areTokensRenewed } = options;
  const { username, password, token } = options.admin;
  const [first, ...others] = places;
  if (first === undefined) throw new Error('no bucket is wanted');
  if (password === undefined || password.length < 8 || password.length > 72) {
    const words = `needs a password of 8 to 72 characters, since InfluxDB is new: set INFLUX_ADMIN_PASSWORD`;
    return [problem(`user ${username}`, words)];
  }
  const stale = [writer, reader].filter(({ present }) => present !== '' && !areTokensRenewed);
  if (stale.length > 0) {
    const words = (name: string) =>
      `is new, and ${name} holds a token of another server: empty it, or livetally setup --renew-tokens`;
    return stale.map(({ name }) => problem('InfluxDB', words(name)));
  }
  const goal = `organisation ${org}, user ${username}, bucket ${first.name} for ${first.holds}, kept ${describeKeep(first.keepMs)}`;
  const setUp = change('InfluxDB', `is new: set up with ${goal}`, async () => {
    const bucket = newBucket(first);
    const made = await state.server.setUp({ username, password, org, bucket, token });
    if (token === undefined) await operator.put(made.token);
    state.server = api.version2(made.token);
    state.orgId = made.orgId;
    state.bucketIds.set(first.name, made.bucketId);
    await state.server.changeBucket(made.bucketId, { description: bucket.description });
  });
  return [
    setUp,
    ...others.map((place) => planBucket(place, undefined, state)),
    ...itemsOf(await planTokens(api, state, options, [])),
  ];
}

async function planInUse(api: InfluxdbApi, state: State, options: Influxdb2Options): Promise<readonly Item[]> {
  const { org, places } = options;
  const rights = createRights(api, options.admin.token ?? '');
  const orgId = await state.server.findOrg(org);
  if (orgId === undefined) return await planOrg(api, state, options, rights);
  state.orgId = orgId;
  const items: Item[] = [same(`organisation ${org}`, 'is there')];
  for (const place of places) {
    const known = await state.server.findBucket(orgId, place.name);
    if (known !== undefined) state.bucketIds.set(place.name, known.id);
    items.push(await checkRight(planBucket(place, known, state), place, { rights, org, state }));
    if (known !== undefined) items.push(...(await findConflicts(api, place, options.admin.token)));
  }
  const tokens = await planTokens(api, state, options, await state.server.tokens(orgId));
  return [...items, ...(await findLackingRights(rights, { orgId, state, options, tokens })), ...itemsOf(tokens)];
}

async function planOrg(
  api: InfluxdbApi,
  state: State,
  options: Influxdb2Options,
  rights: Rights,
): Promise<readonly Item[]> {
  const { org, places } = options;
  const subject = `organisation ${org}`;
  if (!(await rights.mayMakeOrgs())) {
    const names = await state.server.orgNames();
    const seen = names.length === 0 ? 'none' : names.join(', ');
    const words = `the admin token sees no such organisation (it sees ${seen}) and may not make one: correct influxdb.org, or give an operator's token`;
    return [problem(subject, words)];
  }
  const made = change(subject, 'made', async () => {
    state.orgId = await state.server.makeOrg(org);
  });
  const buckets = places.map((place) => planBucket(place, undefined, state));
  const tokens = await planTokens(api, state, options, []);
  const lacking = await findLackingRights(rights, { orgId: noSuchId, state, options, tokens });
  return [made, ...buckets, ...lacking, ...itemsOf(tokens)];
}

/** To make what is missing of buckets and tokens; of those that are there, `checkRight` has asked. */
async function findLackingRights(
  rights: Rights,
  plan: {
    readonly orgId: string;
    readonly state: State;
    readonly options: Influxdb2Options;
    readonly tokens: readonly PlannedToken[];
  },
): Promise<readonly Item[]> {
  const { orgId, state, options, tokens } = plan;
  const { org, places } = options;
  const items: Item[] = [];
  if (state.bucketIds.size < places.length && !(await rights.mayMakeBuckets(orgId))) {
    items.push(lacksRight(`make buckets in organisation ${org}`));
  }
  const bucketIds = places.map(({ name }) => state.bucketIds.get(name) ?? noSuchId);
  const reasons = new Set<string>();
  for (const { action, item } of tokens) {
    const reason = item.status === 'change' ? await rights.whyNotMakeToken(orgId, { action, bucketIds }) : undefined;
    if (reason !== undefined) reasons.add(reason);
  }
  for (const reason of reasons) items.push(lacksRight(`make tokens in organisation ${org} (${reason})`));
  return items;
}

type PlannedToken = { readonly action: 'read' | 'write'; readonly item: Item };

async function planTokens(
  api: InfluxdbApi,
  state: State,
  { org, places, writer, reader, areTokensRenewed: isRenewed }: Influxdb2Options,
  known: readonly KnownToken[],
): Promise<readonly PlannedToken[]> {
  const bucketNames = places.map(({ name }) => name);
  const context = { api, state, org, bucketNames, known };
  const plan = async (action: PlannedToken['action'], place: SecretPlace): Promise<PlannedToken> => {
    const description = `livetally ${bucketNames[0]}: ${action}`;
    return { action, item: await planToken({ description, action, place, isRenewed }, context) };
  };
  return [await plan('write', writer), await plan('read', reader)];
}

async function findConflicts(api: InfluxdbApi, { name }: Place, token = ''): Promise<readonly Item[]> {
  try {
    const rows = await influxql(api, showFieldKeys, { database: name, authorization: `Token ${token}` });
    return fieldProblems(`bucket ${name}`, rows);
  } catch (error) {
    // A token that may make buckets need not be able to read them, and this is a question of courtesy.
    if (error instanceof StatementError || error instanceof Refusal) return [];
    throw error;
  }
}

const itemsOf = (tokens: readonly PlannedToken[]) => tokens.map(({ item }) => item);

function lacksRight(right: string): Item {
  return problem('admin token', `may not ${right}: give one that may, such as an all-access or an operator's token`);
}
