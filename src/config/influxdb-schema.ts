import * as z from 'zod';
import * as value from './values.ts';

export const influxdb = z
  .strictObject({
    url: value.webAddress().describe('Address of the server.'),
    org: value.name().optional().describe('Organisation; a server that has none takes any text.'),
    bucket: value
      .name()
      .optional()
      .describe(
        'Bucket (InfluxDB 2; `database/policy` on 1.8). VictoriaMetrics has no buckets and takes any text: it keeps it, and the names of the tiers, as the label `db`, by which samples and windows are told apart.',
      ),
    token: value
      .headerSecret()
      .optional()
      .describe('Token that may write to the bucket. Take it from the environment, or use `token_file`.'),
    token_file: value.text().optional().describe('File that holds the token and nothing else, relative to this file.'),
    database: value
      .name()
      .optional()
      .describe('Database, instead of `org`, `bucket` and `token`, where the server knows only `/write` (InfluxDB 1).'),
    username: value
      .name()
      .refine((name) => !name.includes(':'), 'holds a colon, behind which HTTP takes the rest for the password')
      .optional()
      .describe('User of the database, where it asks for one.'),
    password: value.secret().optional().describe('Password of that user, or use `password_file`.'),
    password_file: value
      .text()
      .optional()
      .describe('File that holds the password and nothing else, relative to this file.'),
    keep: value
      .durationOrForever({ minimum: '1h', maximum: '36500d' })
      .prefault('14d')
      .describe('Age at which the server deletes samples: retention of the bucket that `setup` makes.'),
    tiers: value
      .yesOrNo()
      .prefault(true)
      .describe(
        'Ship windows and sessions too, into buckets or databases of the same name with `_5m`, `_1h`, `_1d` and `_1mo` behind it.',
      ),
    batch_size: value
      .wholeNumber({ minimum: 1, maximum: 20_000 })
      .prefault(1000)
      .describe('Points in one request, at most.'),
    gzip: value
      .yesOrNo()
      .prefault(false)
      .describe('Compress requests: worth its CPU time over a slow or metered line.'),
    timeout: value
      .duration({ minimum: '1s', maximum: '5m' })
      .prefault('10s')
      .describe('How long to wait for the answer to a request.'),
  })
  .check(
    value.rule('needs either bucket (with org and token) or database, and not both', (server) =>
      value.isOneGiven(server, 'bucket', 'database'),
    ),
    value.rule('needs an org beside the bucket', (server) => !isGiven(server, 'bucket') || isGiven(server, 'org')),
    value.rule(
      'needs either token or token_file beside the bucket, and not both',
      (server) => !isGiven(server, 'bucket') || value.isOneGiven(server, 'token', 'token_file'),
    ),
    value.rule(
      'has a database, so org, token and token_file have no meaning (username and password have)',
      (server) => !isGiven(server, 'database') || !['org', 'token', 'token_file'].some((key) => isGiven(server, key)),
    ),
    value.rule(
      'has a bucket, so username and password have no meaning (token has)',
      (server) =>
        !isGiven(server, 'bucket') || !['username', 'password', 'password_file'].some((key) => isGiven(server, key)),
    ),
    value.rule(
      'needs username and password together',
      (server) => isGiven(server, 'username') === value.isOneGiven(server, 'password', 'password_file'),
    ),
  )
  .optional()
  .describe('Where samples are shipped to. Leave it out to keep them in the store only.');

export type InfluxdbSection = z.output<typeof influxdb>;

const { isGiven } = value;
