import type { Config, InfluxdbConfig } from '../config/config.ts';
import { describeOutcome, type Outcome } from '../model/outcome.ts';
import { endpoints } from '../model/target.ts';
import { createInfluxdbSink } from '../sink/influxdb.ts';
import { toApi } from '../storage.ts';
import { createTencentClient } from '../tencent/client.ts';
import { type CommandContext, stopAfter } from './command.ts';

/** What one request brought to light. */
export type Finding = { readonly subject: string; readonly isGood: boolean; readonly words: string };

const probeTimeoutMs = 10_000;

/** One request per app and endpoint that the watchlist uses, and one question to the sink; nothing is written. */
export async function checkOnline(config: Config, context: CommandContext): Promise<readonly Finding[]> {
  const { clock, random, stop } = context;
  const findings: Finding[] = [];
  for (const app of config.apps) {
    await using client = createTencentClient({ ...app, maxConnections: 1, clock, random });
    for (const endpoint of endpoints) {
      const watched = config.watchlist.find(
        ({ series: { target } }) => target.app === app.name && target.endpoint === endpoint,
      );
      if (watched === undefined) continue;
      const outcome = await client.request(watched.series.target, stop);
      const subject = `${app.name} ${app.commands[endpoint]} at ${new URL(app.baseUrl).host}`;
      findings.push({ subject, isGood: provesAccess(outcome), words: describeOutcome(outcome) });
    }
  }
  if (config.influxdb !== undefined) findings.push(await askInfluxdb(config.influxdb, context));
  return findings;
}

/** A room that is gone is still an answer of the right host to the right key. */
function provesAccess({ status }: Outcome): boolean {
  return status === 'answered' || status === 'gone';
}

async function askInfluxdb(config: InfluxdbConfig, { clock, stop }: CommandContext): Promise<Finding> {
  const sink = createInfluxdbSink({ name: 'influxdb', url: config.url, api: toApi(config), gzip: false, clock });
  using deadline = stopAfter(clock, probeTimeoutMs, stop);
  const outcome = await sink.probe(deadline.signal);
  sink.close();
  const subject = `influxdb ${config.kind === 'v2' ? `bucket ${config.bucket}` : `database ${config.database}`} at ${config.url}`;
  if (outcome.status === 'ready') return { subject, isGood: true, words: 'takes points' };
  const remedy = 'remedy' in outcome ? `; ${outcome.remedy}` : '';
  return { subject, isGood: false, words: `${outcome.reason}${remedy}` };
}
