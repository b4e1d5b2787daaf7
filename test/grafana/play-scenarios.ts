import { createInfluxdbSink, type InfluxdbApi } from '../../src/sink/influxdb.ts';
import { systemClock } from '../../src/system-clock.ts';
import { type Influxdb1, startInfluxdb1 } from '../real/servers/influxdb-1.ts';
import { type Influxdb2, startInfluxdb2 } from '../real/servers/influxdb-2.ts';
import type { InfluxqlRow } from '../real/servers/influxql.ts';
import { DataSourceAway } from './alert-evaluator.ts';
import type { ProvisionedRule } from './alert-rules.ts';
import { type Alarm, AlertStates } from './alert-states.ts';
import { playScenario, type Scenario } from './scenario.ts';

/** A real server on which each play has a bucket or database of its own. */
export type AlertServer = {
  readonly url: string;
  create(name: string): Promise<InfluxdbApi>;
  influxql(query: string, name: string): Promise<readonly InfluxqlRow[]>;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function startAlertServer(version: '2.9.1' | '1.8.10'): Promise<AlertServer> {
  return version === '2.9.1' ? ofVersion2(await startInfluxdb2()) : ofVersion1(await startInfluxdb1({ version }));
}

function ofVersion2(influxdb: Influxdb2): AlertServer {
  const { url, org, token } = influxdb;
  return {
    url,
    async create(bucket) {
      await influxdb.createBucket(bucket);
      return { version: 2, org, bucket, token };
    },
    influxql: (query, bucket) => influxdb.influxql(query, { bucket }),
    [Symbol.asyncDispose]: () => influxdb[Symbol.asyncDispose](),
  };
}

function ofVersion1(influxdb: Influxdb1): AlertServer {
  return {
    url: influxdb.url,
    async create(database) {
      await influxdb.influxql(`CREATE DATABASE "${database}"`);
      return { version: 1, database, username: undefined, password: undefined };
    },
    influxql: (query, database) => influxdb.influxql(query, { database }),
    [Symbol.asyncDispose]: () => influxdb[Symbol.asyncDispose](),
  };
}

export const startMs = Date.UTC(2026, 5, 1, 20);
/** Rules are evaluated after this many minutes, when there is a past to compare with. */
const leadMinutes = 30;

export type Play = {
  readonly name: string;
  readonly scenarios: readonly Scenario[];
  readonly rules: readonly ProvisionedRule[];
  readonly minutes: number;
  /** When InfluxDB takes points but answers no query. */
  readonly isAway?: (minute: number) => boolean;
};

/** Lets scenarios happen minute by minute, and says which alarms began when, in minutes. */
export async function play(server: AlertServer, { name, scenarios, rules, minutes, isAway }: Play) {
  const api = await server.create(name);
  const sink = createInfluxdbSink({ name, url: server.url, api, gzip: false, clock: systemClock });
  let minute = 1;
  const states = new AlertStates(rules, {
    influxql: async (query) => {
      if (isAway?.(minute) === true) throw new DataSourceAway('InfluxDB is away');
      return await server.influxql(query, name);
    },
    // Prometheus has nothing to tell, but that samples are to be expected.
    promql: (query) => Promise.resolve(query.endsWith('or vector(1)') ? [{ labels: new Map(), value: 1 }] : []),
  });
  const arrivals = scenarios.flatMap((scenario) => playScenario(scenario, startMs, minutes));
  const alarms: Alarm[] = [];
  for (; minute <= minutes; minute++) {
    const arrived = arrivals.filter((one) => one.minute >= minute - 1 && one.minute < minute);
    const points = arrived.map(({ point }) => point);
    const outcome = await sink.write(points, new AbortController().signal);
    if (outcome.status !== 'written') throw new Error(`InfluxDB: ${JSON.stringify(outcome)}`);
    if (minute > leadMinutes) alarms.push(...(await states.evaluate(startMs + minute * 60_000)));
  }
  sink.close();
  return alarms.map(({ rule, labels, atMs, values }) => ({
    rule,
    of: [...labels.values()].join(' '),
    minute: (atMs - startMs) / 60_000,
    values,
  }));
}
