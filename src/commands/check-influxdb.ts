import type { InfluxdbConfig } from '../config/config.ts';
import { createInfluxdbSink } from '../sink/influxdb.ts';
import { toApi } from '../storage.ts';
import { type AddressReport, exploreAddress, schemeProblem } from './address.ts';
import { type CommandContext, stopAfter } from './command.ts';
import type { Finding } from './finding.ts';

const probeTimeoutMs = 10_000;
const exploreTimeoutMs = 5_000;

/** Whether points would be taken, with what stands in the way; nothing is written. */
export async function checkInfluxdb(config: InfluxdbConfig, { clock, stop }: CommandContext): Promise<Finding> {
  const subject = `influxdb ${config.kind === 'v2' ? `bucket ${config.bucket}` : `database ${config.database}`} at ${config.url}`;
  const sink = createInfluxdbSink({ name: 'influxdb', url: config.url, api: toApi(config), gzip: false, clock });
  using deadline = stopAfter(clock, probeTimeoutMs, stop);
  const outcome = await sink.probe(deadline.signal);
  sink.close();
  if (outcome.status === 'ready') return { subject, isGood: true, words: 'takes points' };
  using exploring = stopAfter(clock, exploreTimeoutMs, stop);
  const found = await exploreAddress(`${config.url}/ping`, exploring.signal);
  const wrongScheme = schemeProblem(config.url, found, 'influxdb.url');
  if (wrongScheme !== undefined) return { subject, isGood: false, words: wrongScheme };
  const remedy = 'remedy' in outcome ? outcome.remedy : 'check influxdb.url, and whether the server runs';
  return { subject, isGood: false, words: `${outcome.reason}; ${strangerProblem(found) ?? remedy}` };
}

/** InfluxDB names its version in every answer to a ping, VictoriaMetrics answers 204; what asks who is there may be either. */
function strangerProblem({ protocol, greeting }: AddressReport): string | undefined {
  if (protocol === undefined || greeting === undefined) return undefined;
  const { httpStatus, headers } = greeting;
  if ([204, 401, 403].includes(httpStatus) || headers['x-influxdb-version'] !== undefined) return undefined;
  const name =
    typeof headers['server'] === 'string' ? headers['server'].replaceAll(/[^\x20-\x7e]/g, '').slice(0, 60) : '';
  const calledName = name === '' ? '' : ` (it calls itself ${name})`;
  return `what answers there is no InfluxDB${calledName}: check host and port in influxdb.url`;
}
