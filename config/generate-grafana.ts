import { grafanaFiles } from '../src/commands/setup-grafana.ts';
import { loadConfig } from '../src/config/load.ts';
import { formatProblem } from '../src/config/problem.ts';
import { readCron } from '../src/poll/cron.ts';

/** What `setup --grafana` writes for the example configuration, as Grafana in a container would see it under /etc/grafana. */
export async function exampleGrafanaFiles(): Promise<readonly { readonly file: URL; readonly text: string }[]> {
  const loaded = await loadConfig({
    file: new URL('livetally.example.yaml', import.meta.url).pathname,
    environment: { LIVETALLY_SECRET_KEY: 'not needed here', INFLUX_URL: 'http://influxdb:8086' },
    readCron: (expression, timezone) => {
      const reading = readCron(expression, timezone);
      return reading.status === 'read' ? { status: 'read', intervalMs: reading.cron.intervalMs } : reading;
    },
    mayLackInfluxdbSecret: true,
  });
  if (loaded.status === 'refused') throw new Error(loaded.problems.map(formatProblem).join('\n'));
  const { config } = loaded;
  if (config.influxdb === undefined) throw new Error('the example configuration has no InfluxDB');
  const files = await grafanaFiles(config, config.influxdb, {
    seenAt: '/etc/grafana',
    influxdbUrl: config.influxdb.url,
    prometheusUrl: 'http://prometheus:9090',
    tokenFile: undefined,
  });
  return files.map(({ path, text }) => ({ file: new URL(`../grafana/${path}`, import.meta.url), text }));
}
