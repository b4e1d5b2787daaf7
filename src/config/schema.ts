import * as z from 'zod';
import { alerts, heartbeat } from './alerts-schema.ts';
import { appEntry, appName } from './app-schema.ts';
import { influxdb } from './influxdb-schema.ts';
import { reporting } from './reporting-schema.ts';
import * as value from './values.ts';
import { filesEntry, roomEntry, schedule } from './watchlist-schema.ts';

/**
 * With the files it imports the one source of every key, default, limit and description: the check at the start, `config/livetally.schema.json` and the
 * README's table of options come from here. Input is what a person writes; in the output units are resolved.
 */

/** The parts that stand for themselves; `apps` and `watchlist` are checked entry by entry, so that one mistake hides no other. */
export const sections = {
  schedule,
  store: z
    .strictObject({
      path: value.name().prefault('data/livetally.db').describe('SQLite file, relative to the working directory.'),
      keep: value
        .duration({ minimum: '1h', maximum: '3650d' })
        .prefault('14d')
        .describe('Age at which raw samples are deleted.'),
      max_size: value
        .size({ minimum: '64MiB', maximum: '100TiB' })
        .prefault('10GiB')
        .describe('Size at which the oldest are deleted, whatever their age.'),
    })
    .transform(({ path, keep, max_size }) => ({ path, keepMs: keep, maxSizeBytes: max_size }))
    .prefault({})
    .describe('The file that holds every sample, shipped or not.'),
  influxdb,
  sessions: z
    .strictObject({
      close_after: value
        .duration({ minimum: '1m', maximum: '7d' })
        .prefault('30m')
        .describe('How long a room may be gone or unanswered before its session is closed.'),
    })
    .transform(({ close_after }) => ({ closeAfterMs: close_after }))
    .prefault({})
    .describe('A session is one show of a room.'),
  reporting,
  alerts,
  heartbeat,
  server: z
    .strictObject({
      listen: value
        .listenAddress()
        .prefault('127.0.0.1:9477')
        .describe('host:port of `/metrics`, `/healthz` and `/readyz`; port 0 takes any that is free.'),
    })
    .transform(({ listen }) => listen)
    .prefault({})
    .describe('HTTP server for the health of livetally itself.'),
  log: z
    .strictObject({
      level: value
        .choice(['debug', 'info', 'warn', 'error'])
        .prefault('info')
        .describe('The least important lines that are written.'),
      format: value.choice(['json', 'pretty']).prefault('json').describe('`json` for machines, `pretty` for people.'),
    })
    .prefault({})
    .describe('Log lines.'),
};

export const configSchema = z
  .strictObject({
    apps: z.record(appName, appEntry).describe('Your SDKAppIDs, each under a name of your own.'),
    watchlist: z.array(z.union([roomEntry, filesEntry])).describe('Rooms and receivers that are polled.'),
    ...sections,
  })
  .describe('Configuration of livetally.');
