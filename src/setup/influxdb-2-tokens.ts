import type { State } from './influxdb-2-state.ts';
import { type InfluxdbApi, type KnownToken, Refusal } from './influxdb-api.ts';
import { influxql, StatementError } from './influxql.ts';
import { change, type Item, note, problem, type SecretPlace, same } from './item.ts';

export type WantedToken = {
  /** By which it is known again: the server keeps only a hash of the token itself. */
  readonly description: string;
  readonly action: 'read' | 'write';
  readonly place: SecretPlace;
  /** Makes one even where there is one. */
  readonly isRenewed: boolean;
};

export type TokenContext = {
  readonly api: InfluxdbApi;
  readonly state: State;
  readonly org: string;
  readonly bucketNames: readonly string[];
  /** Of the organisation. */
  readonly known: readonly KnownToken[];
};

const renewing = 'livetally setup --renew-tokens';

export async function planToken(wanted: WantedToken, context: TokenContext): Promise<Item> {
  const { description, place, isRenewed } = wanted;
  const subject = `token "${description}"`;
  const own = context.known.filter((token) => token.description === description && token.isActive);
  const make = () => makeToken(wanted, context);
  if (isRenewed) {
    const old = own.map(({ id }) => `influx auth delete --id ${id}`);
    const words = old.length === 0 ? '' : `; the old one works until you delete it: ${old.join('; ')}`;
    return change(subject, `made anew, ${goal(wanted, context)}${words}`, make);
  }
  const mayAll = own.some((token) => mayUseAll(token, wanted, context));
  const lacks = `may not ${wanted.action} all of ${context.bucketNames.join(', ')}, and the rights of a token cannot be changed: ${renewing} makes another`;
  if (place.present !== '') {
    const refusal = await tryToken(wanted, context);
    if (refusal !== undefined)
      return problem(subject, `${place.name} holds a token that ${refusal}: ${renewing} makes another`);
    if (own.length > 0 && !mayAll) return problem(subject, lacks);
    return own.length > 0
      ? same(subject, `is in ${place.name}`)
      : note(
          subject,
          `is not needed: ${place.name} holds a token of yours, which must be able to ${wanted.action} all buckets`,
        );
  }
  if (own.length === 0) return change(subject, goal(wanted, context), make);
  if (!mayAll) return problem(subject, lacks);
  if (!place.isFile) return same(subject, `was made before and shown then; ${renewing} makes another where it is lost`);
  return problem(
    subject,
    `was made before, but ${place.name} does not hold it, and the server cannot tell it again: put it there, or ${renewing} makes another`,
  );
}

function goal({ action, place }: WantedToken, { bucketNames }: TokenContext): string {
  return `may only ${action} ${bucketNames.join(', ')}; ${place.isFile ? `written to ${place.name}` : 'shown once'}`;
}

function mayUseAll(token: KnownToken, { action }: WantedToken, { bucketNames, state }: TokenContext): boolean {
  const ids = bucketNames.flatMap((name) => state.bucketIds.get(name) ?? []);
  return ids.length === bucketNames.length && token.may(action, ids);
}

async function makeToken(
  { description, action, place }: WantedToken,
  { state, bucketNames }: TokenContext,
): Promise<void> {
  const bucketIds = bucketNames.map((name) => {
    const id = state.bucketIds.get(name);
    if (id === undefined) throw new Error(`bucket ${name} was not made`);
    return id;
  });
  await place.put(await state.server.makeToken(state.orgId, { description, action, bucketIds }));
}

/** Why the token that is there does not do, with each bucket that exists; nothing is written. */
async function tryToken({ action, place }: WantedToken, context: TokenContext): Promise<string | undefined> {
  const { api, org, state } = context;
  const authorization = `Token ${place.present}`;
  for (const bucket of state.bucketIds.keys()) {
    try {
      if (action === 'write') {
        await api.request('POST', `/api/v2/write?${new URLSearchParams({ org, bucket })}`, { authorization });
      } else {
        // To `SHOW MEASUREMENTS` a token without the right hears nothing instead of a refusal.
        await influxql(api, 'SHOW FIELD KEYS LIMIT 1', { database: bucket, authorization });
      }
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof StatementError)) throw error;
      if (error instanceof Refusal && error.httpStatus === 401) return 'the server does not know';
      return `may not ${action} bucket ${bucket} (${error.message})`;
    }
  }
  return undefined;
}
