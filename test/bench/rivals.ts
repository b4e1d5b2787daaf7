import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireServer } from '../real/servers/locate.ts';
import { type ServerProcess, spawnServer } from '../real/servers/spawn-server.ts';
import { telegrafConfig } from './telegraf-config.ts';
import { type CollectorSettings, cronOf } from './workload.ts';

/** What livetally is measured beside, doing the same work. */
export async function startNaiveCollector({
  workload,
  simulatorUrl,
  influxdb,
}: CollectorSettings): Promise<ServerProcess> {
  const options = { simulatorUrl, influxdb, cron: cronOf(workload), ...workload };
  return await spawnServer({
    name: 'naive-collector',
    binary: process.execPath,
    argumentsAt: ({ port }) => [join(import.meta.dirname, 'naive-collector.ts'), JSON.stringify({ ...options, port })],
    healthPath: '/metrics',
  });
}

export async function startTelegraf(settings: CollectorSettings): Promise<ServerProcess> {
  return await spawnServer({
    name: 'telegraf',
    binary: requireServer('telegraf'),
    // The profiler's address is there to see that it runs; asked once, it costs nothing.
    argumentsAt: ({ port, directory }) => [
      ...['--config', join(directory, 'telegraf.conf')],
      ...['--pprof-addr', `127.0.0.1:${port}`, '--quiet'],
    ],
    prepare: async ({ directory }) => await writeFile(join(directory, 'telegraf.conf'), telegrafConfig(settings)),
    healthPath: '/debug/pprof/cmdline',
  });
}
