import { type InfluxdbApi, Refusal } from './influxdb-api.ts';

/**
 * What the admin token may do. InfluxDB tells it to no token but one that may see all others, so each question asks for something that no
 * server does, and hears first whether it might.
 */
export type Rights = {
  mayMakeOrgs(): Promise<boolean>;
  mayMakeBuckets(orgId: string): Promise<boolean>;
  /** Of the bucket of this name. The right to write to it is the one to change it; a token that may not read a bucket is not told of it. */
  toBucket(org: string, name: string): Promise<'missing' | 'may_write' | 'may_not_write' | 'unknown'>;
  /** In the server's words; undefined where it may. No token may give a right that it lacks itself. */
  whyNotMakeToken(
    orgId: string,
    token: { readonly action: 'read' | 'write'; readonly bucketIds: readonly string[] },
  ): Promise<string | undefined>;
};

/**
 * The id of no organisation, bucket or user. Asked of it, a right is that to all of them, and what is asked for is refused after all
 * rights were looked at.
 */
export const noSuchId = 'ffffffffffffffff';

export function createRights(api: InfluxdbApi, token: string): Rights {
  const authorization = `Token ${token}`;
  const ask = async (path: string, body: object): Promise<Refusal | undefined> => {
    const contentType = 'application/json';
    return await refusalTo(api.request('POST', path, { authorization, body: JSON.stringify(body), contentType }));
  };
  return {
    mayMakeOrgs: async () => (await ask('/api/v2/orgs', { name: '' }))?.httpStatus !== 401,
    mayMakeBuckets: async (orgID) =>
      (await ask('/api/v2/buckets', { orgID, name: '_livetally', retentionRules: [] }))?.httpStatus !== 401,
    toBucket: async (org, bucket) => {
      const path = `/api/v2/write?${new URLSearchParams({ org, bucket })}`;
      const refusal = await refusalTo(api.request('POST', path, { authorization }));
      if (refusal === undefined) return 'may_write';
      if (refusal.httpStatus === 404) return 'missing';
      return refusal.httpStatus === 403 ? 'may_not_write' : 'unknown';
    },
    whyNotMakeToken: async (orgID, { action, bucketIds }) => {
      const path = '/api/v2/authorizations';
      const permissions = bucketIds.map((id) => ({ action, resource: { type: 'buckets', orgID, id } }));
      const ofAnybody = whyForbidden(await ask(path, { orgID, userID: noSuchId, permissions }));
      if (ofAnybody === undefined || !isOfNobody(ofAnybody)) return ofAnybody;
      // It may not act for that user, so it cannot give the right to either: the server refuses this behind all the others.
      const rightToNobody = { action: 'write', resource: { type: 'users', id: noSuchId } };
      const ofOneself = whyForbidden(await ask(path, { orgID, permissions: [...permissions, rightToNobody] }));
      return ofOneself === undefined || isOfNobody(ofOneself) ? undefined : ofOneself;
    },
  };
}

function whyForbidden(refusal: Refusal | undefined): string | undefined {
  return refusal?.httpStatus === 401 || refusal?.httpStatus === 403 ? refusal.message : undefined;
}

function isOfNobody(words: string): boolean {
  return words.includes(`users/${noSuchId}`);
}

async function refusalTo(request: Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await request;
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
