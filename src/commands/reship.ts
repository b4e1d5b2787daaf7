import { counted, formatNumber } from '../model/figures.ts';
import { destinationsOf } from '../shipping.ts';
import { sinkName } from '../storage.ts';
import { reship as reshipRows } from '../store/reship.ts';
import { describeTornCommit } from '../store/write-ahead-log.ts';
import { type Command, parseOptions, UsageError } from './command.ts';
import { defaultConfigFile, loadOrExplain } from './load-or-explain.ts';
import { readTime } from './time-range.ts';

const usage = `Usage: livetally reship [--from WHEN] [--to WHEN] [--config FILE]

Lets what the store holds of a time wait to be shipped again, to fill a new or emptied InfluxDB; the next start of livetally run ships it.
Points that are there already are written over with themselves. livetally must not run meanwhile.

  --config FILE     ${defaultConfigFile}
  --from WHEN       2026-01-31T18:00Z, 2026-01-31 (UTC), or 24h for a day ago; everything that is kept
  --to WHEN         the same; not included
`;

export const reship: Command = {
  usage,
  async run(context) {
    const options = parseOptions(context, {
      config: { type: 'string', default: defaultConfigFile },
      from: { type: 'string' },
      to: { type: 'string' },
    });
    const startedMs = context.clock.wallMs();
    const time = readTime(options, startedMs);
    const config = await loadOrExplain(options.config, context);
    if (config === undefined) return 2;
    const { influxdb, store } = config;
    if (influxdb === undefined) {
      throw new UsageError(`${config.file} has no section influxdb: there is nothing to ship to.`);
    }
    const sinks = destinationsOf(sinkName, influxdb.tiers);
    const reshipped = reshipRows({
      ...{ path: store.path, holder: context.process, startedMs, sinks, time },
      onTornCommit: (torn) => context.stderr.write(`livetally reship: ${describeTornCommit(torn)}\n`),
    });
    for (const { table, rows } of reshipped) {
      if (rows > 0) context.stdout.write(`${table.padEnd(20)} ${formatNumber(rows)}\n`);
    }
    const total = reshipped.reduce((sum, { rows }) => sum + rows, 0);
    context.stdout.write(`${counted(total, 'row')} will be shipped again; livetally run does it.\n`);
    return 0;
  },
};
