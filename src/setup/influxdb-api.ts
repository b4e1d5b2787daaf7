import { HttpError, InfluxDB } from '@influxdata/influxdb-client';
import { AuthorizationsAPI, type Bucket, BucketsAPI, OrgsAPI, SetupAPI } from '@influxdata/influxdb-client-apis';
import { boundedRequests } from '../sink/bounded-answers.ts';

/** The server said no; the message holds its words, without secrets. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly httpStatus: number;

  constructor(httpStatus: number, words: string) {
    super(words);
    this.httpStatus = httpStatus;
  }
}

export type Answer = { readonly headers: Readonly<Record<string, string>>; readonly body: unknown };

export type InfluxdbApi = {
  /** Throws a `Refusal` on any status but 2xx, and an `Error` where the server cannot be reached. */
  request(method: 'GET' | 'POST', path: string, options?: RequestOptions): Promise<Answer>;
  /** Takes the secrets out of what the server said. */
  readonly mask: (words: string) => string;
  /** What only InfluxDB 2 has. */
  version2(token: string): Version2;
};

export type RequestOptions = {
  readonly authorization?: string | undefined;
  readonly body?: string;
  readonly contentType?: string;
};

export type KnownBucket = {
  readonly id: string;
  readonly description: string;
  /** 0 is for ever. */
  readonly retentionSeconds: number;
};

export type KnownToken = {
  readonly id: string;
  readonly description: string;
  readonly isActive: boolean;
  /** Whether it may do so with every one of these buckets. */
  may(action: 'read' | 'write', bucketIds: readonly string[]): boolean;
};

export type NewBucket = {
  readonly name: string;
  readonly description: string;
  readonly retentionSeconds: number;
  /** Undefined leaves it to the server. */
  readonly shardSeconds: number | undefined;
};

export type Version2 = {
  /** Whether nobody has set the server up yet. */
  isFresh(): Promise<boolean>;
  setUp(first: {
    readonly username: string;
    readonly password: string;
    readonly org: string;
    readonly bucket: NewBucket;
    /** Made by the server where it is left out. */
    readonly token: string | undefined;
  }): Promise<{ readonly token: string; readonly orgId: string; readonly bucketId: string }>;
  findOrg(name: string): Promise<string | undefined>;
  /** Those that the token may see. */
  orgNames(): Promise<readonly string[]>;
  makeOrg(name: string): Promise<string>;
  findBucket(orgId: string, name: string): Promise<KnownBucket | undefined>;
  /** Returns the id. */
  makeBucket(orgId: string, bucket: NewBucket): Promise<string>;
  changeBucket(bucketId: string, to: Partial<Omit<NewBucket, 'name'>>): Promise<void>;
  tokens(orgId: string): Promise<readonly KnownToken[]>;
  /** Returns the token, which the server never tells again. */
  makeToken(
    orgId: string,
    token: {
      readonly description: string;
      readonly action: 'read' | 'write';
      readonly bucketIds: readonly string[];
    },
  ): Promise<string>;
};

export type InfluxdbApiOptions = Pick<InfluxdbApi, 'mask'> & { readonly url: string; readonly timeoutMs: number };

/** For an organization with thousands of tokens. */
const mostAnswerBytes = 8 * 1024 ** 2;

export function createInfluxdbApi({ url, timeoutMs, mask }: InfluxdbApiOptions): InfluxdbApi {
  const told = async <Result>(request: () => Promise<Result>): Promise<Result> => {
    try {
      return await request();
    } catch (error) {
      throw error instanceof HttpError ? refusalOf(error, mask) : unreachable(url, error, mask);
    }
  };
  const connection = {
    ...{ url, timeout: timeoutMs },
    transportOptions: { 'follow-redirects': boundedRequests(mostAnswerBytes) },
  };
  const { transport } = new InfluxDB(connection);
  return {
    mask,
    request: async (method, path, { authorization, body = '', contentType } = {}) =>
      await told(async () => {
        const headers = {
          ...(authorization && { authorization }),
          ...(contentType && { 'content-type': contentType }),
        };
        const received: Record<string, string> = {};
        const answer: unknown = await transport.request(path, body, { method, headers }, (all) => {
          for (const [name, value] of Object.entries(all)) received[name.toLowerCase()] = String(value);
        });
        return { headers: received, body: answer };
      }),
    version2: (token) => {
      return createVersion2(new InfluxDB({ ...connection, token }), told);
    },
  };
}

function createVersion2(client: InfluxDB, told: <Result>(request: () => Promise<Result>) => Promise<Result>): Version2 {
  const [setup, orgs, buckets, authorizations] = [
    new SetupAPI(client),
    new OrgsAPI(client),
    new BucketsAPI(client),
    new AuthorizationsAPI(client),
  ];
  return {
    isFresh: async () => (await told(() => setup.getSetup())).allowed === true,
    setUp: async ({ username, password, org, bucket, token }) => {
      const made = await told(() =>
        setup.postSetup({
          body: {
            ...{ username, password, org, bucket: bucket.name, retentionPeriodSeconds: bucket.retentionSeconds },
            ...(token !== undefined && { token }),
          },
        }),
      );
      return { token: sure(made.auth?.token), orgId: sure(made.org?.id), bucketId: sure(made.bucket?.id) };
    },
    findOrg: async (org) => (await unlessMissing(told(() => orgs.getOrgs({ org }))))?.orgs?.[0]?.id,
    orgNames: async () => ((await told(() => orgs.getOrgs({ limit: 100 }))).orgs ?? []).map(({ name }) => name),
    makeOrg: async (name) => sure((await told(() => orgs.postOrgs({ body: { name } }))).id),
    findBucket: async (orgID, name) => {
      const found = (await unlessMissing(told(() => buckets.getBuckets({ orgID, name }))))?.buckets?.[0];
      return found && knownBucket(found);
    },
    makeBucket: async (orgID, { name, description, retentionSeconds, shardSeconds }) => {
      const shards = shardSeconds === undefined ? {} : { shardGroupDurationSeconds: shardSeconds };
      const retentionRules = [{ type: 'expire' as const, everySeconds: retentionSeconds, ...shards }];
      return sure((await told(() => buckets.postBuckets({ body: { orgID, name, description, retentionRules } }))).id);
    },
    changeBucket: async (bucketID, { description, retentionSeconds: everySeconds }) => {
      const retentionRules = everySeconds === undefined ? [] : [{ type: 'expire' as const, everySeconds }];
      const body = { retentionRules, ...(description !== undefined && { description }) };
      await told(() => buckets.patchBucketsID({ bucketID, body }));
    },
    tokens: async (orgID) => {
      const { authorizations: known = [] } = await told(() => authorizations.getAuthorizations({ orgID }));
      return known.map(({ id, description = '', status, permissions = [] }) => ({
        id: sure(id),
        description,
        isActive: status !== 'inactive',
        may: (action, bucketIds) =>
          bucketIds.every((bucketId) =>
            permissions.some(
              ({ action: may, resource }) =>
                may === action && resource.type === 'buckets' && (resource.id ?? bucketId) === bucketId,
            ),
          ),
      }));
    },
    makeToken: async (orgID, { description, action, bucketIds }) => {
      const permissions = bucketIds.map((id) => ({ action, resource: { type: 'buckets' as const, orgID, id } }));
      const body = { orgID, description, permissions };
      return sure((await told(() => authorizations.postAuthorizations({ body }))).token);
    },
  };
}

async function unlessMissing<Result>(request: Promise<Result>): Promise<Result | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof Refusal && error.httpStatus === 404) return undefined;
    throw error;
  }
}

function knownBucket({ id, description = '', retentionRules }: Bucket): KnownBucket {
  return { id: sure(id), description, retentionSeconds: retentionRules[0]?.everySeconds ?? 0 };
}

function sure(text: string | undefined): string {
  if (text === undefined) throw new Error('InfluxDB left out a part of its answer that its API promises');
  return text;
}

function refusalOf(error: HttpError, mask: InfluxdbApi['mask']): Refusal {
  const body: unknown = error.json;
  const has = (key: string) => (typeof body === 'object' && body !== null ? Reflect.get(body, key) : undefined);
  const words: unknown = has('message') ?? has('error');
  return new Refusal(error.statusCode, typeof words === 'string' ? mask(words) : `HTTP ${error.statusCode}`);
}

function unreachable(url: string, cause: unknown, mask: InfluxdbApi['mask']): Error {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const said = (cause instanceof Error && cause.message) || code || String(cause);
  const reason = mask(said);
  const words = `${url} cannot be reached: ${reason}; see that InfluxDB runs there, or correct influxdb.url`;
  // Of an answer that is no JSON the error quotes a part, and whoever shows an error shows its cause.
  return reason === said ? new Error(words, { cause }) : new Error(words);
}
