import { startCollector } from '../collector.ts';
import { counted } from '../model/figures.ts';
import { createLog } from '../telemetry/log.ts';
import { type Command, parseOptions } from './command.ts';
import { defaultConfigFile, loadOrExplain } from './load-or-explain.ts';

const usage = `Usage: livetally run [--config FILE]

Polls the watchlist, keeps every sample in the store and ships it to InfluxDB where one is configured, until SIGTERM or SIGINT.
The first signal stops in order (what is in flight ends, what can be shipped in 10 s is shipped), a second one at once.

  --config FILE     ${defaultConfigFile}
`;

export const run: Command = {
  usage,
  async run(context) {
    const options = parseOptions(context, { config: { type: 'string', default: defaultConfigFile } });
    const config = await loadOrExplain(options.config, context);
    if (config === undefined) return 2;
    const log = await createLog({ ...config.log, destination: context.stdout });
    const collector = await startCollector({ ...context, config, log });
    const { room_stats: rooms = 0, gift_count: receivers = 0 } = countTargets(config.watchlist);
    log.info('started', {
      version: context.version,
      rooms,
      receivers,
      store: config.store.path,
      influxdb: config.influxdb?.url,
      metrics: `${collector.url}/metrics`,
    });
    const stopped = new Promise<undefined>((resolve) => {
      // A signal may have come while the store was opened.
      if (context.stop.aborted) resolve(undefined);
      context.stop.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    const failure = await Promise.race([stopped, collector.failed]);
    if (failure !== undefined) log.error(`stopping: ${failure.message}`, { cause: causeOf(failure) });
    else log.info('stopping');
    const status = await collector.stop();
    const waiting = status?.sinks.reduce((sum, sink) => sum + sink.waiting, 0) ?? 0;
    const left = waiting === 0 ? '' : `; the next start ships ${counted(waiting, 'sample')} that the store still holds`;
    log.info(`stopped${left}`, status && config.influxdb && { waiting });
    return failure === undefined ? 0 : 1;
  },
};

function countTargets(watchlist: readonly { readonly series: { readonly target: { readonly endpoint: string } } }[]) {
  const counts: Record<string, number> = {};
  for (const { series } of watchlist) counts[series.target.endpoint] = (counts[series.target.endpoint] ?? 0) + 1;
  return counts;
}

function causeOf({ cause }: Error): string | undefined {
  return cause instanceof Error ? cause.message : undefined;
}
