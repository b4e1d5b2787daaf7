import type { Planted } from './find-secrets.ts';

/** Each with the characters that some encoding or other changes, as far as its place takes them. */
export const planted = [
  { name: 'secret key', value: '5bd2850fff3ecb11/d7c805+251c51ee="46&3a"' },
  { name: 'token', value: 'q1w2e3r4t5/z6u7i8o9p0+a1s2d3\\f4g5<h6>&j7==' },
  { name: 'password', value: 'P4ssw0rt/mit"Ümläuten & \\ <Leerzeichen>+=' },
  { name: 'token that reads', value: 'r3ad/er+t0ken"y9x8c7v6\\b5<n4>&m3==' },
  { name: 'password that reads', value: 'L3se/rëcht "für" ß & \\ <alle>+=' },
  { name: 'token of the administrator', value: 'v3rwalt/er+k1o2l3\\p4<o5>&i6"u7==' },
  { name: 'password of the administrator', value: 'Öb3r/ådmin\'s "Wort" & \\ <geheim>+=' },
  { name: 'key of the heartbeat', value: 'h3rz/schl4g+t1a2k3t4&o5=p6;q7~r8' },
  { name: 'key of the webhook', value: 'w3bh00k/z1e2l3+a4d5&r6=e7;s8~s9' },
] as const satisfies readonly Planted[];

const [key, token, password, readToken, readPassword, adminToken, adminPassword, heartbeat, webhook] = planted;

/** What the configuration and the commands take them from. */
export const environment = {
  ...{ APP_KEY: key.value, INFLUX_TOKEN: token.value, INFLUX_PASSWORD: password.value },
  ...{ INFLUX_READ_TOKEN: readToken.value, INFLUX_READ_USER: 'reader', INFLUX_READ_PASSWORD: readPassword.value },
  ...{ INFLUX_ADMIN_TOKEN: adminToken.value, INFLUX_ADMIN_PASSWORD: adminPassword.value },
  ...{ HEARTBEAT_KEY: heartbeat.value, WEBHOOK_KEY: webhook.value },
} as const;

/** The one file that is made to hold one: Grafana is told there where it posts its alarms to. */
export function isMeantToHold(secret: string, place: string): boolean {
  return secret === webhook.name && place.includes('grafana/provisioning/alerting/livetally-contact-points.yaml');
}
