import { readFileSync, statSync } from 'node:fs';
import type { Config, InfluxdbConfig } from '../config/config.ts';
import type { Schedule } from '../model/round.ts';
import { readCron } from '../poll/cron.ts';
import { createCalendar } from '../roll-up/calendar.ts';
import { createRollUp } from '../roll-up/roll-up.ts';
import { destinationsOf } from '../shipping.ts';
import { placeOf, sinkName } from '../storage.ts';
import { readStore } from '../store/store-reader.ts';
import { createPointReader } from '../verify/influxql.ts';
import { type Destination, verify as verifyStore } from '../verify/verify.ts';
import { type Command, type CommandContext, parseOptions, UsageError } from './command.ts';
import { defaultConfigFile, loadOrExplain } from './load-or-explain.ts';
import { readTime } from './time-range.ts';
import { formatVerified, toJson } from './verify-report.ts';

const usage = `Usage: livetally verify [--from WHEN] [--to WHEN] [--json] [options]

Proves that nothing disappeared: the rounds against the samples, the samples against the windows and sessions, and all of them against what
InfluxDB holds. Changes nothing, and may run beside the collector. Ends with 1 where something differs.

  --config FILE       ${defaultConfigFile}
  --from WHEN         2026-01-31T18:00Z, 2026-01-31 (UTC), or 24h for a day ago; everything that is kept
  --to WHEN           the same; not included
  --json              what was looked at and found, as JSON
  --store-only        leaves InfluxDB alone
  --token-file FILE   token that may read InfluxDB, instead of INFLUX_READ_TOKEN; livetally's own may be one that can only write
  --examples N        how many findings of each kind are shown; 12

INFLUX_READ_USER and INFLUX_READ_PASSWORD: who may read an InfluxDB 1 that asks for a login.
`;

export const verify: Command = {
  usage,
  async run(context) {
    const options = parseOptions(context, {
      config: { type: 'string', default: defaultConfigFile },
      from: { type: 'string' },
      to: { type: 'string' },
      json: { type: 'boolean', default: false },
      'store-only': { type: 'boolean', default: false },
      'token-file': { type: 'string' },
      examples: { type: 'string', default: '12' },
    });
    const nowMs = context.clock.wallMs();
    const time = readTime(options, nowMs);
    const mostExamples = Number(options.examples);
    if (!/^\d{1,6}$/.test(options.examples))
      throw new UsageError(`--examples ${options.examples}: give a whole number.`);
    const config = await loadOrExplain(options.config, context);
    if (config === undefined) return 2;
    const { timezone } = config.reporting;
    const verified = await readStore(config.store.path, (store) =>
      verifyStore({
        ...{ store, time, nowMs, mostExamples },
        destinations: options['store-only'] ? [] : readDestinations(config, options['token-file'], context),
        apps: config.apps.map(({ name }) => name),
        rollUp: createRollUp({ timezone, closeAfterMs: config.sessions.closeAfterMs }),
        calendar: createCalendar(timezone),
        intervalOf,
        pause: () => pause(context),
      }),
    );
    context.stdout.write(options.json ? `${JSON.stringify(toJson(verified), null, 2)}\n` : formatVerified(verified));
    return verified.findings.length === 0 ? 0 : 1;
  },
};

/** A store can hold schedules that no configuration would be taken with any more. */
function intervalOf({ cron, timezone }: Schedule): number {
  const reading = readCron(cron, timezone);
  return reading.status === 'read' ? reading.cron.intervalMs : 24 * 60 * 60 * 1_000;
}

async function pause({ clock, stop }: CommandContext): Promise<void> {
  if (stop.aborted) throw new Error('stopped before everything was looked at');
  await new Promise<void>((resolve) => clock.after(0, resolve));
}

function readDestinations(
  { influxdb, file }: Config,
  tokenFile: string | undefined,
  { clock, stop: signal, environment }: CommandContext,
): readonly Destination[] {
  if (influxdb === undefined) {
    if (tokenFile !== undefined) throw new UsageError(`${file} has no section influxdb: --token-file has no meaning.`);
    return [];
  }
  const authorization = authorizationOf(influxdb, tokenFile, environment);
  const { url, kind } = influxdb;
  return destinationsOf(sinkName, influxdb.tiers).map(({ name: sink, tier, tables }) => {
    const place = placeOf(influxdb, tier);
    const howToAuthorize = remedies[kind];
    return { sink, tables, reader: createPointReader({ url, place, authorization, howToAuthorize, clock, signal }) };
  });
}

const remedies: Readonly<Record<InfluxdbConfig['kind'], string>> = {
  v2: 'give a token that may read the bucket as INFLUX_READ_TOKEN or with --token-file',
  v1: 'give a user who may read the database as INFLUX_READ_USER and INFLUX_READ_PASSWORD',
};

function authorizationOf(
  influxdb: InfluxdbConfig,
  tokenFile: string | undefined,
  environment: CommandContext['environment'],
): string | undefined {
  const { INFLUX_READ_TOKEN, INFLUX_READ_USER, INFLUX_READ_PASSWORD } = environment;
  switch (influxdb.kind) {
    case 'v2': {
      const token = tokenFile === undefined ? INFLUX_READ_TOKEN : readToken(tokenFile);
      return `Token ${token || influxdb.token}`;
    }
    case 'v1': {
      const username = INFLUX_READ_USER || influxdb.username;
      const password = INFLUX_READ_USER ? INFLUX_READ_PASSWORD : influxdb.password;
      if (username === undefined) return undefined;
      if (username.includes(':'))
        throw new UsageError('INFLUX_READ_USER holds a colon: HTTP takes what is behind it for the password.');
      return `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
    }
    default:
      return influxdb satisfies never;
  }
}

function readToken(file: string): string {
  try {
    // A device may have no end.
    if (!statSync(file).isFile()) throw new Error('it is not an ordinary file');
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new UsageError(`--token-file ${file} cannot be read.`, { cause });
  }
}
