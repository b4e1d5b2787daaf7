import { readFile, stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createWorkspace, runLivetally, type Workspace } from '../e2e/livetally-process.ts';
import { startInfluxdb1 } from './servers/influxdb-1.ts';
import { type Influxdb2, startFreshInfluxdb2, startInfluxdb2 } from './servers/influxdb-2.ts';
import { queryInfluxql } from './servers/influxql.ts';
import { readJson } from './servers/json-answer.ts';
import { missingServers } from './servers/locate.ts';
import { startVictoriaMetrics } from './servers/victoria-metrics.ts';

const admin = { INFLUX_ADMIN_TOKEN: 'token-of-the-operator', INFLUX_ADMIN_PASSWORD: 'password-of-the-operator' };
const places = ['live', 'live_5m', 'live_1h', 'live_1d', 'live_1mo'];
const day = 86_400;

async function writeConfig(folder: Workspace, url: string, influxdb: string, rest = ''): Promise<string> {
  return await folder.write(
    'livetally.yaml',
    `apps: { main: { sdk_app_id: 1400000000, identifier: administrator, secret_key: a-key-of-the-app, region: singapore } }
watchlist: [{ room: room-1 }]
influxdb: { url: "${url}", ${influxdb} }
${rest}`,
  );
}

const intoBuckets = 'org: livetally, bucket: live, token_file: writer';

type Report = {
  readonly code: number | null;
  readonly items: readonly { readonly status: string; readonly subject: string; readonly words: string }[];
  readonly secrets?: Readonly<Record<string, string>>;
  readonly stderr: string;
};

async function setUp(
  folder: Workspace,
  environment: Readonly<Record<string, string>>,
  ...options: readonly string[]
): Promise<Report> {
  const config = ['--config', folder.path('livetally.yaml')];
  const { code, stdout, stderr } = await runLivetally(['setup', '--json', ...config, ...options], environment);
  const report: Omit<Report, 'code' | 'stderr'> = stdout === '' ? { items: [] } : JSON.parse(stdout);
  return { ...report, code, stderr };
}

const statuses = ({ items }: Report) => [...new Set(items.map(({ status }) => status))];
const problems = ({ items }: Report) =>
  items.filter(({ status }) => status === 'problem').map(({ subject }) => subject);
const wordsOf = ({ items }: Report, subject: string) => items.find((item) => item.subject === subject)?.words ?? '';

async function ask(url: string, path: string, token: string, init: RequestInit = {}): Promise<Response> {
  return await fetch(`${url}${path}`, { ...init, headers: { authorization: `Token ${token}` } });
}

async function askFor<Output>(schema: z.ZodType<Output>, answer: Promise<Response>): Promise<Output> {
  return schema.parse(await readJson(await answer));
}

/** Retention in seconds by name, or the length of a shard. */
async function bucketsOf(
  url: string,
  token: string,
  what: 'everySeconds' | 'shardGroupDurationSeconds' = 'everySeconds',
): Promise<Record<string, number>> {
  const retentionRules = z.array(z.object({ everySeconds: z.number(), shardGroupDurationSeconds: z.number() }));
  const schema = z.object({ buckets: z.array(z.object({ name: z.string(), type: z.string(), retentionRules })) });
  const { buckets } = await askFor(schema, ask(url, '/api/v2/buckets?limit=100', token));
  const own = buckets.filter(({ type }) => type === 'user');
  return Object.fromEntries(own.map((bucket) => [bucket.name, bucket.retentionRules[0]?.[what] ?? 0]));
}

async function descriptionsOf(url: string, token: string): Promise<string[]> {
  const schema = z.object({ authorizations: z.array(z.object({ description: z.string() })) });
  const { authorizations } = await askFor(schema, ask(url, '/api/v2/authorizations', token));
  return authorizations.map(({ description }) => description).sort();
}

/** Of the buckets, by name. */
async function idsOf({ url, token }: Influxdb2): Promise<Record<string, string>> {
  const schema = z.object({ buckets: z.array(z.object({ id: z.string(), name: z.string() })) });
  const { buckets } = await askFor(schema, ask(url, '/api/v2/buckets?limit=100', token));
  return Object.fromEntries(buckets.map(({ id, name }) => [name, id]));
}

/** The status of a write, and of a read, of one bucket. */
async function access(url: string, token: string, bucket: string): Promise<{ write: number; reads: boolean }> {
  const line = `room_stats,app=main,room_id=r session=1i ${Date.now()}`;
  const path = `/api/v2/write?${new URLSearchParams({ org: 'livetally', bucket, precision: 'ms' })}`;
  const { status } = await ask(url, path, token, { method: 'POST', body: line });
  const headers = { authorization: `Token ${token}` };
  const read = queryInfluxql({ url, headers, database: bucket }, 'SHOW FIELD KEYS');
  return { write: status, reads: await read.then(() => true).catch(() => false) };
}

async function makeToken(
  { url, orgId, token }: Influxdb2,
  ...rights: readonly (readonly [action: string, type: string, id?: string | undefined])[]
): Promise<string> {
  const permissions = [
    { action: 'read', resource: { type: 'orgs', id: orgId } },
    ...rights.map(([action, type, id]) => ({
      action,
      resource: id === undefined ? { type, orgID: orgId } : { type, id },
    })),
  ];
  const body = JSON.stringify({ orgID: orgId, permissions });
  const made = ask(url, '/api/v2/authorizations', token, { method: 'POST', body });
  return (await askFor(z.object({ token: z.string() }), made)).token;
}

describe.skipIf(missingServers(['influxdb-2.9.1']).length > 0)('setup of InfluxDB 2.9.1', () => {
  test('a new server gets everything, a dry run nothing, and a second run changes nothing', async () => {
    await using server = await startFreshInfluxdb2();
    await using folder = await createWorkspace();
    await writeConfig(folder, server.url, intoBuckets);
    const options = ['--grafana-token-file', folder.path('reader')];

    const dry = await setUp(folder, admin, '--dry-run', ...options);
    expect({ code: dry.code, statuses: statuses(dry) }).toEqual({ code: 0, statuses: ['change'] });
    expect(await (await fetch(`${server.url}/api/v2/setup`)).json()).toEqual({ allowed: true });
    await expect(stat(folder.path('writer'))).rejects.toThrow('ENOENT');

    const first = await setUp(folder, admin, ...options);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(statuses(first)).toEqual(['done']);
    expect(first.secrets).toBeUndefined();
    expect(await bucketsOf(server.url, admin.INFLUX_ADMIN_TOKEN)).toEqual({
      live: 14 * day,
      live_5m: 90 * day,
      live_1h: 400 * day,
      live_1d: 0,
      live_1mo: 0,
    });
    expect(await bucketsOf(server.url, admin.INFLUX_ADMIN_TOKEN, 'shardGroupDurationSeconds')).toMatchObject({
      live_1h: 28 * day,
      live_1d: 28 * day,
      live_1mo: 364 * day,
    });

    const second = await setUp(folder, admin, ...options);
    expect({ code: second.code, statuses: statuses(second) }).toEqual({ code: 0, statuses: ['same'] });
    expect(await descriptionsOf(server.url, admin.INFLUX_ADMIN_TOKEN)).toEqual([
      "admin's Token",
      'livetally live: read',
      'livetally live: write',
    ]);
  });

  test('the tokens can do what they are for, with these buckets, and nothing else; only the owner reads their files', async () => {
    await using influxdb = await startInfluxdb2();
    await using folder = await createWorkspace();
    await writeConfig(folder, influxdb.url, intoBuckets);
    await influxdb.createBucket('of-somebody');
    const report = await setUp(
      folder,
      { INFLUX_ADMIN_TOKEN: influxdb.token },
      '--grafana-token-file',
      folder.path('reader'),
    );
    expect(report.code).toBe(0);
    const [writer, reader] = await Promise.all(
      ['writer', 'reader'].map(async (name) => (await readFile(folder.path(name), 'utf8')).trim()),
    );
    for (const bucket of places) {
      expect(await access(influxdb.url, writer ?? '', bucket), bucket).toEqual({ write: 204, reads: false });
      expect(await access(influxdb.url, reader ?? '', bucket), bucket).toEqual({ write: 403, reads: true });
    }
    expect(await access(influxdb.url, writer ?? '', 'of-somebody')).toEqual({ write: 403, reads: false });
    expect(await access(influxdb.url, reader ?? '', 'of-somebody')).toEqual({ write: 403, reads: false });
    expect((await bucketsOf(influxdb.url, writer ?? ''))['of-somebody']).toBeUndefined();
    for (const name of ['writer', 'reader']) expect((await stat(folder.path(name))).mode & 0o777).toBe(0o600);
  });

  test('a bucket of somebody else is left as it is: fine where it keeps longer, a problem where it keeps less', async () => {
    await using influxdb = await startInfluxdb2({ retentionSeconds: 30 * day });
    await using folder = await createWorkspace();
    await writeConfig(folder, influxdb.url, intoBuckets);
    await influxdb.createBucket('live_1d', { retentionSeconds: 7 * day });
    const before = await bucketsOf(influxdb.url, influxdb.token);

    const refused = await setUp(folder, { INFLUX_ADMIN_TOKEN: influxdb.token });
    expect({ code: refused.code, problems: problems(refused) }).toEqual({ code: 1, problems: ['bucket live_1d'] });
    expect(wordsOf(refused, 'bucket live_1d')).toMatch(/keeps only 7d.*influx bucket update --id \w+ --retention 0s/);
    expect(wordsOf(refused, 'bucket live')).toContain('keeps 30d where the configuration asks for 14d');
    expect(await bucketsOf(influxdb.url, influxdb.token)).toEqual(before);
    expect(await descriptionsOf(influxdb.url, influxdb.token)).toHaveLength(1);

    await writeConfig(folder, influxdb.url, intoBuckets, 'reporting: { keep: { 1d: 31d } }');
    expect((await setUp(folder, { INFLUX_ADMIN_TOKEN: influxdb.token })).code).toBe(1);
  });

  test('what setup made is lengthened when the configuration asks for more, and never shortened', async () => {
    await using influxdb = await startInfluxdb2();
    await using folder = await createWorkspace();
    const environment = { INFLUX_ADMIN_TOKEN: influxdb.token };
    await writeConfig(folder, influxdb.url, intoBuckets);
    await setUp(folder, environment);
    await writeConfig(folder, influxdb.url, intoBuckets, 'reporting: { keep: { 5m: 120d, 1h: 30d } }');
    const report = await setUp(folder, environment);
    expect(wordsOf(report, 'bucket live_5m')).toBe('kept 120d instead of 90d');
    expect(wordsOf(report, 'bucket live_1h')).toContain('Setup shortens nothing');
    expect(await bucketsOf(influxdb.url, influxdb.token)).toMatchObject({ live_5m: 120 * day, live_1h: 400 * day });
  });

  test('everything that the admin token may not do is said before anything is changed', async () => {
    await using influxdb = await startInfluxdb2();
    await using folder = await createWorkspace();
    await writeConfig(folder, influxdb.url, intoBuckets);
    const before = await bucketsOf(influxdb.url, influxdb.token);
    const narrow = await makeToken(influxdb, ['read', 'buckets']);
    const report = await setUp(folder, { INFLUX_ADMIN_TOKEN: narrow });
    expect(report.code).toBe(1);
    const words = report.items.filter(({ subject }) => subject === 'admin token').map((item) => item.words);
    expect(words).toEqual([
      expect.stringContaining('may not make buckets in organisation livetally'),
      expect.stringMatching(/may not make tokens in organisation livetally \(write:.*authorizations is unauthorized\)/),
    ]);
    // May make buckets, but no tokens: then it makes no buckets either.
    const noTokens = await makeToken(influxdb, ['read', 'buckets'], ['write', 'buckets']);
    expect(problems(await setUp(folder, { INFLUX_ADMIN_TOKEN: noTokens }))).toEqual(['admin token']);
    expect(await bucketsOf(influxdb.url, influxdb.token)).toEqual(before);

    expect(wordsOf(await setUp(folder, { INFLUX_ADMIN_TOKEN: 'wrong' }), 'admin token')).toContain('is refused');
    expect(wordsOf(await setUp(folder, {}), 'InfluxDB')).toContain('set INFLUX_ADMIN_TOKEN');
  });

  test('a bucket that is to be kept longer is a problem where the admin token may not change it, and no other is changed', async () => {
    await using influxdb = await startInfluxdb2();
    await using folder = await createWorkspace();
    await writeConfig(folder, influxdb.url, intoBuckets);
    const options = ['--grafana-token-file', folder.path('reader')];
    await setUp(folder, { INFLUX_ADMIN_TOKEN: influxdb.token }, ...options);
    await writeConfig(folder, influxdb.url, intoBuckets, 'reporting: { keep: { 5m: 120d, 1h: 500d } }');
    const before = await bucketsOf(influxdb.url, influxdb.token);
    const seeing: readonly (readonly [string, string])[] = [
      ['read', 'buckets'],
      ['read', 'authorizations'],
      ['read', 'users'],
    ];

    const readOnly = { INFLUX_ADMIN_TOKEN: await makeToken(influxdb, ...seeing) };
    for (const more of [['--dry-run'], []]) {
      const refused = await setUp(folder, readOnly, ...options, ...more);
      expect({ code: refused.code, problems: problems(refused) }).toEqual({
        code: 1,
        problems: ['bucket live_5m', 'bucket live_1h'],
      });
      expect(wordsOf(refused, 'bucket live_5m')).toMatch(/kept 120d instead of 90d, which the admin token may not/);
    }
    const ids = await idsOf(influxdb);
    const ofOne = { INFLUX_ADMIN_TOKEN: await makeToken(influxdb, ...seeing, ['write', 'buckets', ids['live_5m']]) };
    expect(problems(await setUp(folder, ofOne, ...options))).toEqual(['bucket live_1h']);
    expect(await bucketsOf(influxdb.url, influxdb.token)).toEqual(before);

    const ofBoth = await makeToken(
      influxdb,
      ...seeing,
      ['write', 'buckets', ids['live_5m']],
      ['write', 'buckets', ids['live_1h']],
    );
    expect(await setUp(folder, { INFLUX_ADMIN_TOKEN: ofBoth }, ...options)).toMatchObject({ code: 0 });
    expect(await bucketsOf(influxdb.url, influxdb.token)).toMatchObject({ live_5m: 120 * day, live_1h: 500 * day });
  });

  test('a bucket that the admin token may not see is a problem, not one to be made', async () => {
    await using influxdb = await startInfluxdb2();
    await using folder = await createWorkspace();
    await writeConfig(folder, influxdb.url, intoBuckets);
    await influxdb.createBucket('live_1d');
    const { live } = await idsOf(influxdb);
    const half = await makeToken(influxdb, ['read', 'buckets', live], ['write', 'buckets']);
    const report = await setUp(folder, { INFLUX_ADMIN_TOKEN: half });
    expect(problems(report)).toContain('bucket live_1d');
    expect(wordsOf(report, 'bucket live_1d')).toContain('is there, and the admin token may not read it');
    expect(Object.keys(await bucketsOf(influxdb.url, influxdb.token))).toHaveLength(2);
  });

  test.each<[string, string, (ids: { readonly user: string; readonly live: string }) => [string, string, string?][]]>([
    ['act for its user', 'write:users/', () => [['read', 'buckets']]],
    [
      'read the buckets to be',
      'read:orgs/',
      ({ user, live }) => [
        ['write', 'users', user],
        ['read', 'buckets', live],
      ],
    ],
  ])('a token that may make buckets and tokens, but not %s, makes neither', async (_, lacking, rights) => {
    await using influxdb = await startInfluxdb2();
    await using folder = await createWorkspace();
    await writeConfig(folder, influxdb.url, intoBuckets);
    const { id: user } = await askFor(z.object({ id: z.string() }), ask(influxdb.url, '/api/v2/me', influxdb.token));
    const { live = '' } = await idsOf(influxdb);
    const token = await makeToken(
      influxdb,
      ['write', 'buckets'],
      ['write', 'authorizations'],
      ...rights({ user, live }),
    );
    const count = (await descriptionsOf(influxdb.url, influxdb.token)).length;
    const report = await setUp(folder, { INFLUX_ADMIN_TOKEN: token });
    expect(problems(report)).toEqual(['admin token']);
    expect(wordsOf(report, 'admin token')).toContain(lacking);
    expect(Object.keys(await bucketsOf(influxdb.url, influxdb.token))).toEqual(['live']);
    expect(await descriptionsOf(influxdb.url, influxdb.token)).toHaveLength(count);
  });

  test('a token with all rights in one organisation is enough', async () => {
    await using influxdb = await startInfluxdb2();
    await using folder = await createWorkspace();
    await writeConfig(folder, influxdb.url, intoBuckets);
    const { id } = await askFor(z.object({ id: z.string() }), ask(influxdb.url, '/api/v2/me', influxdb.token));
    const rights = ['buckets', 'authorizations'].flatMap((type) =>
      ['read', 'write'].map((action): [string, string] => [action, type]),
    );
    const ofUser: [string, string, string][] = [
      ['read', 'users', id],
      ['write', 'users', id],
    ];
    const allAccess = await makeToken(influxdb, ...rights, ...ofUser);
    expect(await setUp(folder, { INFLUX_ADMIN_TOKEN: allAccess })).toMatchObject({ code: 0 });
    expect(statuses(await setUp(folder, { INFLUX_ADMIN_TOKEN: allAccess }))).toEqual(['same', 'note']);
  });

  test('tiers that are asked for later need new tokens, and are made together with them', async () => {
    await using influxdb = await startInfluxdb2();
    await using folder = await createWorkspace();
    const environment = { INFLUX_ADMIN_TOKEN: influxdb.token };
    await writeConfig(folder, influxdb.url, `${intoBuckets}, tiers: false`);
    await setUp(folder, environment);
    await writeConfig(folder, influxdb.url, intoBuckets);
    const report = await setUp(folder, environment);
    expect(problems(report)).toEqual(['token "livetally live: write"', 'token "livetally live: read"']);
    expect(Object.keys(await bucketsOf(influxdb.url, influxdb.token))).toEqual(['live']);
    expect((await setUp(folder, environment, '--renew-tokens')).code).toBe(0);
    const writer = (await readFile(folder.path('writer'), 'utf8')).trim();
    expect((await access(influxdb.url, writer, 'live_1d')).write).toBe(204);
    expect((await setUp(folder, environment)).code).toBe(0);
  });

  test('an organisation that is not there is made by an operator, and said to be missing to anybody else', async () => {
    await using influxdb = await startInfluxdb2();
    await using folder = await createWorkspace();
    await writeConfig(folder, influxdb.url, 'org: shows, bucket: live, token_file: writer');
    const narrow = await makeToken(influxdb, ['read', 'buckets'], ['write', 'buckets']);
    const refused = await setUp(folder, { INFLUX_ADMIN_TOKEN: narrow });
    expect(problems(refused)).toEqual(['organisation shows']);
    expect(wordsOf(refused, 'organisation shows')).toContain('it sees livetally');
    const made = await setUp(folder, { INFLUX_ADMIN_TOKEN: influxdb.token });
    expect({ code: made.code, statuses: statuses(made) }).toEqual({ code: 0, statuses: ['done'] });
    expect(statuses(await setUp(folder, { INFLUX_ADMIN_TOKEN: influxdb.token }))).toEqual(['same']);
  });

  test('a token without a file is shown once, known by its description, and made anew on request', async () => {
    await using influxdb = await startInfluxdb2();
    await using folder = await createWorkspace();
    const environment = { INFLUX_ADMIN_TOKEN: influxdb.token };
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the configuration names a variable.
    await writeConfig(folder, influxdb.url, 'org: livetally, bucket: live, token: "${INFLUX_TOKEN}"');
    const first = await setUp(folder, environment);
    const { 'for livetally': writer = '', 'for Grafana': reader = '' } = first.secrets ?? {};
    expect(await access(influxdb.url, writer, 'live_1mo')).toEqual({ write: 204, reads: false });
    expect(await access(influxdb.url, reader, 'live_1mo')).toEqual({ write: 403, reads: true });

    for (const more of [{}, { INFLUX_TOKEN: writer }]) {
      const again = await setUp(folder, { ...environment, ...more });
      expect(statuses(again)).toEqual(['same', 'note']);
      expect(again.secrets).toBeUndefined();
    }
    const wrong = await setUp(folder, { ...environment, INFLUX_TOKEN: 'another-token' });
    expect(wordsOf(wrong, 'token "livetally live: write"')).toContain(
      'influxdb.token holds a token that the server does not know',
    );

    const renewed = await setUp(folder, environment, '--renew-tokens');
    expect(renewed.secrets?.['for livetally']).not.toBe(writer);
    expect(wordsOf(renewed, 'token "livetally live: write"')).toMatch(/influx auth delete --id \w+/);
    expect((await access(influxdb.url, writer, 'live')).write).toBe(204);
  });

  test('a token that was made and is not in its file any more is a problem, which says how to go on', async () => {
    await using influxdb = await startInfluxdb2();
    await using folder = await createWorkspace();
    const environment = { INFLUX_ADMIN_TOKEN: influxdb.token };
    await writeConfig(folder, influxdb.url, intoBuckets);
    await setUp(folder, environment);
    await folder.write('writer', '');
    const lost = await setUp(folder, environment);
    expect(problems(lost)).toEqual(['token "livetally live: write"']);
    expect(wordsOf(lost, 'token "livetally live: write"')).toContain('--renew-tokens');
    expect((await setUp(folder, environment, '--renew-tokens')).code).toBe(0);
    expect(await readFile(folder.path('writer'), 'utf8')).toMatch(/^\S{40,}\n$/);
    expect((await setUp(folder, environment)).code).toBe(0);
  });

  test('a field that another program wrote as a float is told before anything is changed', async () => {
    await using influxdb = await startInfluxdb2();
    await using folder = await createWorkspace();
    await writeConfig(folder, influxdb.url, intoBuckets);
    await influxdb.write(`room_stats,room_id=r total_viewers=1.5,mood="good" ${Date.now()}`);
    const report = await setUp(folder, { INFLUX_ADMIN_TOKEN: influxdb.token });
    expect(report.items.filter(({ status }) => status === 'problem')).toEqual([
      expect.objectContaining({
        subject: 'bucket live',
        words: expect.stringContaining('the field total_viewers of room_stats there as float'),
      }),
    ]);
    expect(Object.keys(await bucketsOf(influxdb.url, influxdb.token))).toEqual(['live']);
  });

  test('a server that is not there, a new one without a password, and one of version 2 for a database are told in words', async () => {
    await using server = await startFreshInfluxdb2();
    await using folder = await createWorkspace();
    await writeConfig(folder, 'http://127.0.0.1:1', intoBuckets);
    const unreachable = await setUp(folder, admin);
    expect(unreachable.code).toBe(1);
    expect(unreachable.stderr).toMatch(/http:\/\/127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED.*influxdb\.url/);
    await writeConfig(folder, server.url, intoBuckets);
    expect(wordsOf(await setUp(folder, {}), 'user admin')).toContain('set INFLUX_ADMIN_PASSWORD');
    await writeConfig(folder, server.url, 'database: live');
    expect(wordsOf(await setUp(folder, admin), 'InfluxDB')).toContain('give influxdb.org, bucket and token_file');
  });
});

describe.skipIf(missingServers(['influxdb-1.8.10']).length > 0)('setup of InfluxDB 1.8.10', () => {
  const retentions = async (influxdb: { influxql: (query: string) => Promise<readonly Record<string, unknown>[]> }) => {
    const entries = places.map(async (name) => {
      const policies = await influxdb.influxql(`SHOW RETENTION POLICIES ON "${name}"`);
      const own = policies.find((policy) => policy['default'] === true);
      return [name, `${own?.['duration']} in shards of ${own?.['shardGroupDuration']}`];
    });
    return Object.fromEntries(await Promise.all(entries));
  };

  test('databases are made with their retention, and a second run changes nothing', async () => {
    await using influxdb = await startInfluxdb1({ version: '1.8.10' });
    await using folder = await createWorkspace();
    await influxdb.influxql('DROP DATABASE live');
    await writeConfig(folder, influxdb.url, 'database: live');
    expect(statuses(await setUp(folder, {}, '--dry-run'))).toEqual(['change', 'note']);
    expect(await setUp(folder, {})).toMatchObject({ code: 0 });
    expect(await retentions(influxdb)).toEqual({
      live: '336h0m0s in shards of 24h0m0s',
      live_5m: '2160h0m0s in shards of 24h0m0s',
      live_1h: '9600h0m0s in shards of 672h0m0s',
      live_1d: '0s in shards of 672h0m0s',
      live_1mo: '0s in shards of 8736h0m0s',
    });
    expect(statuses(await setUp(folder, {}))).toEqual(['same', 'note']);
  });

  test('a policy of somebody else is left as it is, and fields of another type are told', async () => {
    await using influxdb = await startInfluxdb1({ version: '1.8.10' });
    await using folder = await createWorkspace();
    await influxdb.influxql('CREATE DATABASE live_1d WITH DURATION 7d NAME "week"');
    await influxdb.write(`gift_count,room_id=r total_coins=1 ${Date.now()}`);
    await writeConfig(folder, influxdb.url, 'database: live');
    const report = await setUp(folder, {});
    expect(problems(report)).toEqual(['database live', 'database live_1d']);
    expect(wordsOf(report, 'database live_1d')).toContain('ALTER RETENTION POLICY "week" ON "live_1d" DURATION INF');
    expect(await influxdb.influxql('SHOW DATABASES')).not.toContainEqual({ name: 'live_5m' });
  });

  test('where the server asks who writes, two users are made who can do no more than they need', async () => {
    await using influxdb = await startInfluxdb1({ version: '1.8.10', hasAuthentication: true });
    await using folder = await createWorkspace();
    await writeConfig(folder, influxdb.url, 'database: live, username: shipper, password_file: writer');
    expect(problems(await setUp(folder, {}))).toEqual(['administrator']);
    const environment = { INFLUX_ADMIN_USER: 'root', INFLUX_ADMIN_PASSWORD: "it's a secret" };
    const options = ['--grafana-token-file', folder.path('reader')];
    expect(await setUp(folder, environment, ...options)).toMatchObject({ code: 0 });
    expect(statuses(await setUp(folder, environment, ...options))).toEqual(['same']);

    const as = async (user: string, file: string) =>
      `Basic ${Buffer.from(`${user}:${(await readFile(folder.path(file), 'utf8')).trim()}`).toString('base64')}`;
    const tried = async (authorization: string) => {
      const headers = { authorization };
      const body = `room_stats,room_id=r session=1i ${Date.now()}`;
      const { status } = await fetch(`${influxdb.url}/write?db=live_1h&precision=ms`, {
        method: 'POST',
        body,
        headers,
      });
      const read = queryInfluxql({ url: influxdb.url, headers, database: 'live_1h' }, 'SELECT session FROM room_stats');
      return { write: status, reads: await read.then(() => true).catch(() => false) };
    };
    expect(await tried(await as('shipper', 'writer'))).toEqual({ write: 204, reads: false });
    expect(await tried(await as('shipper_grafana', 'reader'))).toEqual({ write: 403, reads: true });
  });
});

describe.skipIf(missingServers(['victoria-metrics']).length > 0)('setup of VictoriaMetrics', () => {
  test('it is said to need none', async () => {
    await using victoriaMetrics = await startVictoriaMetrics();
    await using folder = await createWorkspace();
    await writeConfig(folder, victoriaMetrics.url, intoBuckets);
    const report = await setUp(folder, admin);
    expect(report.code).toBe(1);
    expect(wordsOf(report, 'server')).toContain('VictoriaMetrics needs no setup');
  });
});
