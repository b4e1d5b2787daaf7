import { counted, formatNumber } from '../model/figures.ts';
import { destinationsOf } from '../shipping.ts';
import { sinkName } from '../storage.ts';
import { reship as reshipRows } from '../store/reship.ts';
import { describeTornCommit } from '../store/write-ahead-log.ts';
import { type Command, parseOptions, UsageError } from './command.ts';
import { defaultConfigFile, loadOrExplain } from './load-or-explain.ts';
import { planReplacement, type Replacement } from './replacement.ts';
import { readTime } from './time-range.ts';

const usage = `Usage: livetally reship [--from WHEN] [--to WHEN] [--replace] [--config FILE]

Lets what the store holds of a time wait to be shipped again, to fill a new or emptied InfluxDB; the next start of livetally run ships it.
Points that are there already are written over with themselves. livetally must not run meanwhile.

  --config FILE     ${defaultConfigFile}
  --from WHEN       2026-01-31T18:00Z, 2026-01-31 (UTC), or 24h for a day ago; everything that is kept
  --to WHEN         the same; not included
  --replace         deletes from InfluxDB what it holds of this time and of the five minutes before it, whatever it is, of the apps of
                    this livetally: so that what a store that goes on from a backup does not know is not counted twice. Refused for a
                    time of which the store lacks rows
`;

export const reship: Command = {
  usage,
  async run(context) {
    const options = parseOptions(context, {
      config: { type: 'string', default: defaultConfigFile },
      from: { type: 'string' },
      to: { type: 'string' },
      replace: { type: 'boolean', default: false },
    });
    const startedMs = context.clock.wallMs();
    const given = readTime(options, startedMs);
    const config = await loadOrExplain(options.config, context);
    if (config === undefined) return 2;
    const { influxdb, store } = config;
    if (influxdb === undefined) {
      throw new UsageError(`${config.file} has no section influxdb: there is nothing to ship to.`);
    }
    const replacement = options.replace ? await planReplacement({ config, influxdb, time: given }) : undefined;
    using reshipped = reshipRows({
      ...{ path: store.path, holder: context.process, startedMs },
      timeOf: replacement?.timeOf ?? (() => given),
      sinks: destinationsOf(sinkName, influxdb.tiers),
      onTornCommit: (torn) => context.stderr.write(`livetally reship: ${describeTornCommit(torn)}\n`),
    });
    let total = 0;
    for (const { table, rows } of reshipped.waiting) {
      total += rows;
      if (rows > 0) context.stdout.write(`${table.padEnd(20)} ${formatNumber(rows)}\n`);
    }
    if (replacement !== undefined) {
      await erase(replacement);
      context.stdout.write(`InfluxDB holds nothing of ${describeTime(replacement.time)} any more.\n`);
    }
    context.stdout.write(`${counted(total, 'row')} will be shipped again; livetally run does it.\n`);
    return 0;
  },
};

/** What waits by now is shipped whatever becomes of this: nothing is lost, and some may be there that should not. */
async function erase(replacement: Replacement): Promise<void> {
  try {
    await replacement.erase();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${reason}; give this command once more before livetally runs`, { cause });
  }
}

function describeTime({ fromMs, toMs }: Replacement['time']): string {
  const from = new Date(fromMs).toISOString();
  return toMs === Number.POSITIVE_INFINITY ? `the time since ${from}` : `${from} to ${new Date(toMs).toISOString()}`;
}
