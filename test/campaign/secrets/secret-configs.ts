// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how the configuration names a variable
import { rooms, type SecretApp } from './troubled-tencent.ts';

export type SecretConfig = {
  readonly apps: readonly SecretApp[];
  /** Only with this app receivers are polled, and more than one room. */
  readonly busyApp: string;
  readonly store: string;
  readonly format: string;
  readonly influxdb?: Readonly<Record<string, unknown>>;
  readonly heartbeatUrl?: string;
};

/** The credentials of both versions, by the names of the variables that hold them. */
export const influxdbLogins = {
  v2: { org: 'o', bucket: 'b', token: '${INFLUX_TOKEN}' },
  v1: { database: 'd', username: 'u', password: '${INFLUX_PASSWORD}' },
} as const;

export function configText({ apps, busyApp, store, format, influxdb, heartbeatUrl }: SecretConfig): string {
  const watchlist = apps.flatMap(({ name }) =>
    Array.from({ length: name === busyApp ? rooms : 1 }, (_, index) => {
      const number = String(index + 1).padStart(4, '0');
      return { app: name, room: `room-${number}`, receivers: name === busyApp ? [`user-${number}`] : [] };
    }),
  );
  // JSON is YAML.
  return JSON.stringify({
    apps: Object.fromEntries(
      apps.map(({ name, sdkAppId, baseUrl }) => [
        name,
        {
          ...{ sdk_app_id: sdkAppId, identifier: 'administrator', secret_key: '${APP_KEY}' },
          ...{ base_url: baseUrl, request_timeout: '3500ms' },
        },
      ]),
    ),
    schedule: '*/2 * * * * *',
    watchlist,
    store: { path: store },
    ...(influxdb && { influxdb: { ...influxdb, batch_size: 2 } }),
    alerts: { webhook: 'http://127.0.0.1:1/alarm/${WEBHOOK_KEY}?key=${WEBHOOK_KEY}' },
    heartbeat: { url: `${heartbeatUrl ?? 'http://127.0.0.1:1'}/beat/\${HEARTBEAT_KEY}`, every: '10s' },
    server: { listen: '127.0.0.1:0' },
    log: { level: 'debug', format },
  });
}

/** Secrets where they do not belong: each place is wrong, and told. */
export const misplacedText = `
apps:
  "\${APP_KEY}": { sdk_app_id: "\${INFLUX_TOKEN}", identifier: "\${APP_KEY}\\n", secret_key: "\${APP_KEY}\\n", region: "\${INFLUX_PASSWORD}" }
  other: { sdk_app_id: 1, identifier: "x\\\\", secret_key:\${APP_KEY} }
schedule: { rooms: "\${INFLUX_TOKEN}", timezone: "\${APP_KEY}" }
watchlist:
  - { room: "\${APP_KEY}\\t\${APP_KEY}\${APP_KEY}", app: "\${INFLUX_TOKEN}", labels: { time: "\${INFLUX_TOKEN}\\n" } }
  - { file: "\${INFLUX_PASSWORD}/*.csv" }
store: { path: s.db, keep: "\${INFLUX_TOKEN}", max_size: "\${INFLUX_PASSWORD}" }
influxdb: { url: "http://u:\${INFLUX_PASSWORD}@h", org: o, bucket: b, token_file: "\${INFLUX_TOKEN}" }
alerts: { webhook: "\${WEBHOOK_KEY}", email: ["\${WEBHOOK_KEY}"] }
heartbeat: { url: "http://h:\${HEARTBEAT_KEY}", every: "\${HEARTBEAT_KEY}" }
server: { listen: "\${INFLUX_TOKEN}" }
log: { level: "\${APP_KEY}" }
`;
