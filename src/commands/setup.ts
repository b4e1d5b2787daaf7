import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { Config, InfluxdbConfig } from '../config/config.ts';
import { planGrafanaFiles } from '../setup/grafana-files.ts';
import { type Item, note, problem, type SecretPlace } from '../setup/item.ts';
import { planServer } from '../setup/plan-server.ts';
import { openSecretFile, whyNotWritable } from '../setup/secret-file.ts';
import { type Command, type CommandContext, type ExitCode, parseOptions, UsageError } from './command.ts';
import { defaultConfigFile, loadOrExplain } from './load-or-explain.ts';
import { grafanaFiles } from './setup-grafana.ts';
import { carryOut, type ShownSecrets } from './setup-report.ts';

const usage = `Usage: livetally setup [--dry-run] [--grafana DIR] [options]

Brings InfluxDB to what the configuration asks for: organisation, a bucket or database for each tier with its retention, a token that may
only write (livetally's) and one that may only read (Grafana's). Deletes and shortens nothing, and may be run again at any time.

  --config FILE               ${defaultConfigFile}
  --dry-run                   shows the differences and changes nothing
  --json                      what was found and done, as JSON
  --admin-token-file FILE     token that may make buckets and tokens, instead of INFLUX_ADMIN_TOKEN
  --grafana-token-file FILE   where Grafana's token is written; it is shown once otherwise. livetally's goes to influxdb.token_file
  --group-readable            those files can be read by their group too (0640 instead of 0600)
  --renew-tokens              makes new tokens; the old ones work until you delete them

  --grafana DIR               writes DIR/provisioning and DIR/dashboards for Grafana: data sources, dashboards, alert rules
  --only-grafana              leaves InfluxDB alone and asks it nothing
  --grafana-sees DIR          the same folder as Grafana sees it, where that is another path
  --grafana-influxdb URL      InfluxDB as Grafana reaches it, if not at influxdb.url
  --grafana-prometheus URL    Prometheus as Grafana reaches it; http://localhost:9090

INFLUX_ADMIN_USER (admin) and INFLUX_ADMIN_PASSWORD: whom a new InfluxDB 2 is set up with; the administrator of an InfluxDB 1 that asks for one.
`;

const optionTypes = {
  config: { type: 'string', default: defaultConfigFile },
  'dry-run': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  'admin-token-file': { type: 'string' },
  'grafana-token-file': { type: 'string' },
  'group-readable': { type: 'boolean', default: false },
  'renew-tokens': { type: 'boolean', default: false },
  grafana: { type: 'string' },
  'only-grafana': { type: 'boolean', default: false },
  'grafana-sees': { type: 'string' },
  'grafana-influxdb': { type: 'string' },
  'grafana-prometheus': { type: 'string', default: 'http://localhost:9090' },
} as const;

export const setup: Command = {
  usage,
  async run(context): Promise<ExitCode> {
    const options = parseOptions(context, optionTypes);
    const { grafana: folder, 'only-grafana': isOnlyGrafana } = options;
    if (folder === undefined && isOnlyGrafana) throw new UsageError('--only-grafana has no meaning without --grafana.');
    const config = await loadOrExplain(options.config, context, { mayLackInfluxdbSecret: true });
    if (config === undefined) return 2;
    const { influxdb } = config;
    if (influxdb === undefined) {
      throw new UsageError(`${config.file} has no section influxdb: there is nothing to set up.`);
    }
    const shown: ShownSecrets = new Map();
    const items = isOnlyGrafana ? [] : [...(await planInfluxdb(config, influxdb, { options, shown, context }))];
    if (folder !== undefined) {
      const tokenFile = options['grafana-token-file'];
      const files = await grafanaFiles(config, influxdb, {
        seenAt: options['grafana-sees'] ?? resolve(folder),
        influxdbUrl: options['grafana-influxdb'] ?? influxdb.url,
        prometheusUrl: options['grafana-prometheus'],
        tokenFile: tokenFile === undefined ? undefined : resolve(tokenFile),
      });
      items.push(...(await planGrafanaFiles(folder, files)));
      if (!influxdb.tiers) {
        items.push(
          note('Grafana', 'influxdb.tiers is false: dashboards and alert rules that read windows will find nothing'),
        );
      }
    }
    return await carryOut(items, { isDryRun: options['dry-run'], isJson: options.json, shown, context });
  },
};

type Given = {
  readonly options: {
    readonly 'admin-token-file'?: string | undefined;
    readonly 'grafana-token-file'?: string | undefined;
    readonly 'group-readable': boolean;
    readonly 'renew-tokens': boolean;
  };
  readonly shown: ShownSecrets;
  readonly context: CommandContext;
};

async function planInfluxdb(
  { reporting }: Config,
  influxdb: InfluxdbConfig,
  { options, shown, context }: Given,
): Promise<readonly Item[]> {
  const { INFLUX_ADMIN_USER, INFLUX_ADMIN_PASSWORD } = context.environment;
  const { url, timeoutMs, keepMs, tiers } = influxdb;
  const mode = options['group-readable'] ? 0o640 : 0o600;
  const readerFile = options['grafana-token-file'];
  const items = await planServer({
    ...{ url, timeoutMs, keepMs, keepTiersMs: reporting.keepMs, hasTiers: tiers },
    target:
      influxdb.kind === 'v2'
        ? { kind: 'v2', org: influxdb.org, bucket: influxdb.bucket }
        : { kind: 'v1', database: influxdb.database, username: influxdb.username },
    admin: {
      token: await readAdminToken(options['admin-token-file'], context),
      username: INFLUX_ADMIN_USER || 'admin',
      password: INFLUX_ADMIN_PASSWORD || undefined,
    },
    writer: await writerPlace(influxdb, shown, mode),
    reader: readerFile === undefined ? shownOnce('for Grafana', '', shown) : await openSecretFile(readerFile, mode),
    operator: shownOnce('for the operator', '', shown),
    makeSecret: () => randomBytes(24).toString('base64url'),
    areSecretsRenewed: options['renew-tokens'],
  });
  return [...(await unwritable([influxdb.secretFile, readerFile])), ...items];
}

async function readAdminToken(file: string | undefined, { environment }: CommandContext): Promise<string | undefined> {
  if (file === undefined) return environment['INFLUX_ADMIN_TOKEN'] || undefined;
  const { present } = await openSecretFile(file, 0o600);
  if (present === '') throw new UsageError(`--admin-token-file ${file}: there is no token in it.`);
  return present;
}

/** What livetally writes with: in the file that the configuration names, or in the configuration itself. */
async function writerPlace(influxdb: InfluxdbConfig, shown: ShownSecrets, mode: number): Promise<SecretPlace> {
  const { secretFile } = influxdb;
  if (secretFile !== undefined) return await openSecretFile(secretFile, mode);
  return influxdb.kind === 'v2'
    ? shownOnce('for livetally', influxdb.token, shown, 'influxdb.token')
    : shownOnce('for livetally', influxdb.password ?? '', shown, 'influxdb.password');
}

function shownOnce(whose: string, present: string, shown: ShownSecrets, name = whose): SecretPlace {
  return { present, name, isFile: false, put: async (secret) => void shown.set(whose, secret) };
}

/** A token that is made and cannot be written down is lost. */
async function unwritable(files: readonly (string | undefined)[]): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (const file of files) {
    const obstacle = file === undefined ? undefined : await whyNotWritable(file);
    if (obstacle !== undefined) items.push(problem(`file ${file}`, obstacle));
  }
  return items;
}
