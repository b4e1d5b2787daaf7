import type { GrafanaSettings } from '../../grafana/code/settings.ts';
import type { Config, InfluxdbConfig } from '../config/config.ts';
import { type DataSourceLogin, dashboardsProviderText, dataSourcesText } from '../setup/data-sources.ts';
import type { GrafanaFile } from '../setup/grafana-files.ts';
import { readerOf } from '../setup/influxdb-1.ts';
import { placesOf } from '../setup/wanted.ts';

export type GrafanaOptions = {
  /** The folder as Grafana sees it. */
  readonly seenAt: string;
  readonly influxdbUrl: string;
  readonly prometheusUrl: string;
  /** Of Grafana's token, as Grafana sees it; undefined where Grafana takes it from its environment. */
  readonly tokenFile: string | undefined;
};

/** Everything that Grafana reads for this configuration. */
export async function grafanaFiles(
  config: Config,
  influxdb: InfluxdbConfig,
  { seenAt, influxdbUrl, prometheusUrl, tokenFile }: GrafanaOptions,
): Promise<readonly GrafanaFile[]> {
  // Loaded here only: the builders of dashboards are large, and the collector must not carry them.
  const { dashboards } = await import('../../grafana/code/dashboards.ts');
  const { alerting } = await import('../../grafana/code/alerting.ts');
  const settings = grafanaSettings(config);
  const places = placesOf({
    name: influxdb.kind === 'v2' ? influxdb.bucket : influxdb.database,
    keepMs: influxdb.keepMs,
    keepTiersMs: config.reporting.keepMs,
    hasTiers: influxdb.tiers,
  });
  const login = loginOf(influxdb, tokenFile);
  const { intervalMs } = settings;
  return [
    {
      path: 'provisioning/datasources/livetally.yaml',
      text: dataSourcesText({ places, influxdbUrl, prometheusUrl, login, intervalMs }),
    },
    {
      path: 'provisioning/dashboards/livetally.yaml',
      text: dashboardsProviderText(`${seenAt.replace(/\/+$/, '')}/${dashboardsFolder}`),
    },
    ...dashboards(settings).map(({ file, json }) => ({ path: `${dashboardsFolder}/${file}`, text: json })),
    ...alerting(settings).map(({ file, text }) => ({ path: `provisioning/alerting/${file}`, text })),
  ];
}

const dashboardsFolder = 'dashboards/livetally';

/** What of it dashboards and alert rules are made from. */
export function grafanaSettings({ reporting, watchlist, schedules, alerts }: Config): GrafanaSettings {
  // Targets share the objects of their labels.
  const maps = new Set(watchlist.map(({ series }) => series.labels));
  const labels = new Set([...maps].flatMap((map) => Object.keys(map)));
  return {
    timezone: reporting.timezone,
    labels: [...labels].sort(),
    intervalMs: Math.min(...schedules.map(({ intervalMs }) => intervalMs)),
    alerts,
  };
}

/** Grafana replaces the references itself: no secret is in its files. */
function loginOf(influxdb: InfluxdbConfig, tokenFile: string | undefined): DataSourceLogin {
  const reference = (variable: string) => (tokenFile === undefined ? `\${${variable}}` : `$__file{${tokenFile}}`);
  if (influxdb.kind === 'v2') return { kind: 'token', secret: reference('INFLUX_READ_TOKEN') };
  if (influxdb.username === undefined) return { kind: 'none' };
  return { kind: 'password', username: readerOf(influxdb.username), secret: reference('INFLUX_READ_PASSWORD') };
}
