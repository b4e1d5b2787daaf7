import type { Spikes } from '../../src/config/alerts-schema.ts';
import { createInfluxdbSink } from '../../src/sink/influxdb.ts';
import { systemClock } from '../../src/system-clock.ts';
import type { Influxdb2 } from '../real/servers/influxdb-2.ts';
import type { ProvisionedRule } from './alert-rules.ts';
import { type Alarm, AlertStates } from './alert-states.ts';
import { type Corpus, roomHours } from './corpus.ts';
import { type SpikeScore, scoreSpikes } from './spike-score.ts';

export type Played = SpikeScore & { readonly roomHours: number };

/** Rules are evaluated from this long after the beginning on, when there is a past to compare with. */
const leadMs = 20 * 60_000;
const batchPoints = 5000;

/** Lets a corpus arrive in a real database minute by minute, evaluates the rules each minute, and scores the alarms. */
export async function playCorpus(
  corpus: Corpus,
  {
    influxdb,
    rules,
    floors,
    log,
  }: {
    readonly influxdb: Influxdb2;
    readonly rules: readonly ProvisionedRule[];
    readonly floors: Spikes;
    readonly log?: (line: string) => void;
  },
): Promise<Played> {
  const { url, org, bucket, token } = influxdb;
  const sink = createInfluxdbSink({
    name: 'raw',
    url,
    api: { version: 2, org, bucket, token },
    gzip: false,
    clock: systemClock,
  });
  const states = new AlertStates(rules, {
    influxql: (query) => influxdb.influxql(query),
    promql: (query) => Promise.reject(new Error(`there is no Prometheus here: ${query}`)),
  });
  const span = { fromMs: corpus.fromMs + leadMs, untilMs: corpus.untilMs };
  const alarms: Alarm[] = [];
  let points = 0;
  for (const minute of corpus.minutes()) {
    for (let index = 0; index < minute.points.length; index += batchPoints) {
      const outcome = await sink.write(minute.points.slice(index, index + batchPoints), new AbortController().signal);
      if (outcome.status !== 'written') throw new Error(`InfluxDB: ${JSON.stringify(outcome)}`);
    }
    if (minute.atMs < span.fromMs) continue;
    points += minute.points.length;
    alarms.push(...(await states.evaluate(minute.atMs)));
    if (log !== undefined && minute.atMs % 1_800_000 === 0)
      log(`${new Date(minute.atMs).toISOString()}: ${alarms.length} alarms`);
  }
  sink.close();
  return { ...scoreSpikes(corpus.spikes, alarms, floors, span), roomHours: roomHours(points) };
}
