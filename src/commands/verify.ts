import type { Config } from '../config/config.ts';
import type { Schedule } from '../model/round.ts';
import { readCron } from '../poll/cron.ts';
import { createCalendar } from '../roll-up/calendar.ts';
import { createRollUp } from '../roll-up/roll-up.ts';
import { destinationsOf } from '../shipping.ts';
import { sinkName } from '../storage.ts';
import { readStore } from '../store/store-reader.ts';
import { type Destination, verify as verifyStore } from '../verify/verify.ts';
import { type Command, type CommandContext, parseOptions, pause, UsageError } from './command.ts';
import { defaultConfigFile, loadOrExplain } from './load-or-explain.ts';
import { openReaders, readAccessHelp } from './read-access.ts';
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
${readAccessHelp.tokenFile}
  --examples N        how many findings of each kind are shown; 12

${readAccessHelp.environment}
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
        pause: () => pause(context, 'everything was looked at'),
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

function readDestinations(
  { influxdb, file }: Config,
  tokenFile: string | undefined,
  context: CommandContext,
): readonly Destination[] {
  if (influxdb === undefined) {
    if (tokenFile !== undefined) throw new UsageError(`${file} has no section influxdb: --token-file has no meaning.`);
    return [];
  }
  const readerOf = openReaders(influxdb, tokenFile, context, ', or look at the store alone with --store-only');
  return destinationsOf(sinkName, influxdb.tiers).map(({ name: sink, tier, tables }) => ({
    ...{ sink, tables, reader: readerOf(tier) },
  }));
}
