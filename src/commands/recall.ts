import { existsSync } from 'node:fs';
import { counted, formatNumber } from '../model/figures.ts';
import { type Recalled, recall as recallPoints } from '../recall/recall.ts';
import { createRollUp } from '../roll-up/roll-up.ts';
import { destinationsOf } from '../shipping.ts';
import { sinkName } from '../storage.ts';
import { openJournal } from '../store/journal.ts';
import { explain } from '../store/open-file.ts';
import { readStore } from '../store/store-reader.ts';
import { describeTornCommit } from '../store/write-ahead-log.ts';
import { type Command, parseOptions, pause, UsageError } from './command.ts';
import { defaultConfigFile, loadOrExplain } from './load-or-explain.ts';
import { openReaders, readAccessHelp } from './read-access.ts';

const usage = `Usage: livetally recall [--config FILE] [--token-file FILE]

For a store that goes on from a backup, before livetally runs again: brings in, out of InfluxDB, the samples that were shipped after the
backup was made. So windows are made of all that there was, and no growth counts twice. Changes nothing in InfluxDB; broken off, it can
be given again. If livetally has run on the backup, put the backup in its place once more first.

  --config FILE       ${defaultConfigFile}
${readAccessHelp.tokenFile}

${readAccessHelp.environment}
`;

export const recall: Command = {
  usage,
  async run(context) {
    const options = parseOptions(context, {
      config: { type: 'string', default: defaultConfigFile },
      'token-file': { type: 'string' },
    });
    const config = await loadOrExplain(options.config, context);
    if (config === undefined) return 2;
    const { influxdb, store, reporting, sessions } = config;
    if (influxdb === undefined) {
      throw new UsageError(`${config.file} has no section influxdb: there is nothing to recall from.`);
    }
    if (!existsSync(store.path))
      throw new UsageError(`there is no store at ${store.path}: put the backup there first.`);
    const { clock, stdout, stderr } = context;
    const reader = openReaders(influxdb, options['token-file'], context)(undefined);
    const storedApps = await readStore(store.path, async (known) => known.apps());
    const apps = [...new Set([...config.apps.map(({ name }) => name), ...storedApps])];
    const keepMs = await reader.keepMs();
    using journal = openJournal({
      ...{ ...store, keepTiersMs: reporting.keepMs, sinks: destinationsOf(sinkName, influxdb.tiers), clock },
      rollUp: createRollUp({ timezone: reporting.timezone, closeAfterMs: sessions.closeAfterMs }),
      ...{ onForgotten: () => {}, onDamagedRows: () => {} },
      onTornCommit: (torn) => stderr.write(`livetally recall: ${describeTornCommit(torn)}\n`),
      holder: context.process,
    });
    const nowMs = clock.wallMs();
    checkTime(journal.lastDueMs(), nowMs - keepMs, reader.place);
    try {
      const recalled = await recallPoints({
        store: journal,
        readPoints: (measurement, time) => reader.readWholePoints(measurement, apps, time),
        nextMs: (measurement, fromMs) => reader.nextMs(measurement, apps, fromMs),
        sink: sinkName,
        nowMs,
        pause: async (share) => {
          if (stderr.isTTY) stderr.write(`\r${Math.floor(100 * share)} %`);
          await pause(context, 'everything was brought in; give the command again');
        },
      });
      if (stderr.isTTY) stderr.write('\r');
      stdout.write(describe(recalled));
      return 0;
    } catch (error) {
      throw explain(error, store.path);
    }
  },
};

function checkTime(lastDueMs: number | undefined, keptFromMs: number, place: string): void {
  if (lastDueMs === undefined)
    throw new UsageError('the store has never held a sample: there is no backup to go on from.');
  if (lastDueMs >= keptFromMs) return;
  throw new UsageError(
    `the store ends at ${new Date(lastDueMs).toISOString()}, and ${place} keeps samples since ${new Date(keptFromMs).toISOString()} only: windows of the time between would be made of less than there was. Go on from a newer backup, or without recall.`,
  );
}

function describe({ sinceMs = 0, samples, mended, strange }: Recalled): string {
  const since = new Date(sinceMs).toISOString();
  const total = samples.room_stats + samples.gift_count;
  const lines = Object.entries(samples).map(([name, count]) => `${name.padEnd(20)} ${formatNumber(count)}\n`);
  if (mended > 0)
    lines.push(
      `${counted(mended, 'sample')} of them came behind others that InfluxDB lacks, or that a life of livetally did not know: counted anew from the last that is known, and to be shipped so.\n`,
    );
  if (strange > 0)
    lines.push(`${counted(strange, 'point')} of other shape ${strange === 1 ? 'was' : 'were'} left out.\n`);
  lines.push(
    total === 0
      ? `InfluxDB has nothing behind the end of the store, ${since}. If livetally has run since the backup was put in its place, put it there once more.\n`
      : `The store ended at ${since}, and has ${counted(total, 'sample')} more now. livetally run makes windows of them.\n`,
  );
  return lines.join('');
}
