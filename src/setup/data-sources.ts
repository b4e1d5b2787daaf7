import type { Place } from './wanted.ts';

export type DataSourceOptions = {
  readonly places: readonly Place[];
  /** As Grafana reaches them. */
  readonly influxdbUrl: string;
  readonly prometheusUrl: string;
  readonly login: DataSourceLogin;
  /** Shortest distance between two rounds. */
  readonly intervalMs: number;
};

/** `secret` is a reference that Grafana replaces, such as `$__file{/tokens/grafana}` or `${INFLUX_READ_TOKEN}`. */
export type DataSourceLogin =
  | { readonly kind: 'token'; readonly secret: string }
  | { readonly kind: 'password'; readonly username: string; readonly secret: string }
  | { readonly kind: 'none' };

/** Dashboards and alert rules know the data sources by these names. */
export const prometheusUid = 'livetally-prometheus';
export const dataSourceUid = (tier: Place['tier']) => `livetally-${tier}`;

/** Distance of the points, below which no panel need group. A month has no length that InfluxQL knows. */
const distances: Readonly<Record<Exclude<Place['tier'], 'raw'>, string>> = {
  '5m': '5m',
  '1h': '1h',
  '1d': '1d',
  '1mo': '1d',
};

/** The file of Grafana's provisioning that names the data sources: one for each tier, and Prometheus. */
export function dataSourcesText(options: DataSourceOptions): string {
  const datasources = [...options.places.map((place) => influxdbSource(place, options)), prometheusSource(options)];
  return `${madeBySetup}apiVersion: 1\n\ndatasources:\n${datasources.join('\n')}`;
}

/** The file that tells Grafana in which folder of its own machine the dashboards lie. */
export function dashboardsProviderText(folder: string): string {
  return `${madeBySetup}apiVersion: 1

providers:
  - name: livetally
    folder: livetally
    type: file
    disableDeletion: false
    allowUiUpdates: false
    updateIntervalSeconds: 30
    options:
      path: ${quote(folder)}
`;
}

const madeBySetup = '# Written by `livetally setup --grafana`, which writes it again.\n';

function influxdbSource({ tier, name, holds }: Place, { influxdbUrl, login, intervalMs }: DataSourceOptions): string {
  const [database = ''] = name.split('/');
  const seconds = Math.max(1, Math.round(intervalMs / 1_000));
  return `  - name: ${quote(`livetally ${tier === 'raw' ? holds : `${tier} (${holds})`}`)}
    uid: ${dataSourceUid(tier)}
    type: influxdb
    access: proxy
    url: ${quote(influxdbUrl)}
${loginLines(login)}    jsonData:
      version: InfluxQL
      dbName: ${quote(database)}
      httpMode: POST
      timeInterval: ${tier === 'raw' ? `${seconds}s` : distances[tier]}
${login.kind === 'token' ? '      httpHeaderName1: Authorization\n' : ''}`;
}

function loginLines(login: DataSourceLogin): string {
  switch (login.kind) {
    case 'token':
      return `    secureJsonData:\n      httpHeaderValue1: "Token ${login.secret}"\n`;
    case 'password':
      return `    user: ${quote(login.username)}\n    secureJsonData:\n      password: "${login.secret}"\n`;
    case 'none':
      return '';
    default:
      return login satisfies never;
  }
}

function prometheusSource({ prometheusUrl }: DataSourceOptions): string {
  return `  - name: livetally's own health
    uid: ${prometheusUid}
    type: prometheus
    access: proxy
    url: ${quote(prometheusUrl)}
    jsonData:
      httpMethod: POST
      timeInterval: 15s
`;
}

/** Any text as a value of YAML, which a dollar sign does not make a reference of. */
function quote(text: string): string {
  return JSON.stringify(text.replaceAll('$', '$$$$'));
}
