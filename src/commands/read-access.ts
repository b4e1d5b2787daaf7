import { readFileSync, statSync } from 'node:fs';
import type { InfluxdbConfig } from '../config/config.ts';
import type { Tier } from '../model/window.ts';
import { placeOf } from '../storage.ts';
import { createPointReader, type WholePointReader } from '../verify/influxql.ts';
import { type CommandContext, UsageError } from './command.ts';

/** For the help of commands that read points. */
export const readAccessHelp = {
  tokenFile: `  --token-file FILE   token that may read InfluxDB, instead of INFLUX_READ_TOKEN; livetally's own may be one that can only write`,
  environment: 'INFLUX_READ_USER and INFLUX_READ_PASSWORD: who may read an InfluxDB 1 that asks for a login.',
};

const remedies: Readonly<Record<InfluxdbConfig['kind'], string>> = {
  v2: 'give a token that may read the bucket as INFLUX_READ_TOKEN or with --token-file',
  v1: 'give a user who may read the database as INFLUX_READ_USER and INFLUX_READ_PASSWORD',
};

/** Readers of what livetally has written, place by place. `orElse` ends what is advised where nothing can be read. */
export function openReaders(
  influxdb: InfluxdbConfig,
  tokenFile: string | undefined,
  { clock, stop: signal, environment }: CommandContext,
  orElse = '',
): (tier: Tier | undefined) => WholePointReader {
  const authorization = authorizationOf(influxdb, tokenFile, environment);
  const { url, kind } = influxdb;
  const howToAuthorize = `${remedies[kind]}${orElse}`;
  return (tier) =>
    createPointReader({ url, place: placeOf(influxdb, tier), authorization, howToAuthorize, clock, signal });
}

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
