// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references that Grafana replaces are what is tested
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  type DataSourceOptions,
  dashboardsProviderText,
  dataSourcesText,
  dataSourceUid,
} from '../../../src/setup/data-sources.ts';
import { placesOf } from '../../../src/setup/wanted.ts';

const grafana = join(import.meta.dirname, '../../../grafana');
const forever = Number.POSITIVE_INFINITY;
const keepTiersMs = { '5m': forever, '1h': forever, '1d': forever, '1mo': forever };
const options: DataSourceOptions = {
  places: placesOf({ name: 'live', keepMs: forever, keepTiersMs, hasTiers: true }),
  influxdbUrl: 'http://influxdb:8086',
  prometheusUrl: 'http://prometheus:9090',
  login: { kind: 'token', secret: '$__file{/tokens/grafana}' },
  intervalMs: 15_000,
};

describe("Grafana's data sources", () => {
  test('are one for each bucket and one for Prometheus, under names that dashboards can rely on', () => {
    const { datasources } = parse(dataSourcesText(options));
    expect(datasources.map((source: { uid: string }) => source.uid)).toEqual([
      'livetally-raw',
      'livetally-5m',
      'livetally-1h',
      'livetally-1d',
      'livetally-1mo',
      'livetally-prometheus',
    ]);
    expect(options.places.map(({ tier }) => dataSourceUid(tier))).toEqual(
      datasources.slice(0, -1).map((source: { uid: string }) => source.uid),
    );
    expect(datasources[1]).toEqual({
      name: 'livetally 5m (windows of 5 minutes)',
      uid: 'livetally-5m',
      type: 'influxdb',
      access: 'proxy',
      url: 'http://influxdb:8086',
      secureJsonData: { httpHeaderValue1: 'Token $__file{/tokens/grafana}' },
      jsonData: {
        version: 'InfluxQL',
        dbName: 'live_5m',
        httpMode: 'POST',
        timeInterval: '5m',
        httpHeaderName1: 'Authorization',
      },
    });
    expect(datasources[0].jsonData.timeInterval).toBe('15s');
  });

  test('of a server that asks nobody hold no login, and of a user his name and a reference', () => {
    const open = parse(dataSourcesText({ ...options, login: { kind: 'none' } }));
    expect(open.datasources[0]).not.toHaveProperty('secureJsonData');
    const login = { kind: 'password', username: 'shipper_grafana', secret: '${INFLUX_READ_PASSWORD}' } as const;
    expect(parse(dataSourcesText({ ...options, login })).datasources[0]).toMatchObject({
      user: 'shipper_grafana',
      secureJsonData: { password: '${INFLUX_READ_PASSWORD}' },
    });
  });

  test('carry any text as it is, a dollar sign doubled so that Grafana does not replace it', () => {
    const places = placesOf({ name: 'a "b" $HOME: #c', keepMs: forever, keepTiersMs, hasTiers: false });
    expect(parse(dataSourcesText({ ...options, places })).datasources[0].jsonData.dbName).toBe('a "b" $$HOME: #c');
  });

  test('are all that the committed dashboards and alert rules ask for', () => {
    const committed = globSync('{dashboards/livetally/*.json,provisioning/alerting/*.yaml}', { cwd: grafana });
    expect(committed.length).toBeGreaterThan(4);
    const texts = committed.map((path) => readFileSync(join(grafana, path), 'utf8'));
    const asked = new Set(texts.flatMap((text) => text.match(/\blivetally-(raw|5m|1h|1d|1mo|prometheus)\b/g) ?? []));
    const { datasources } = parse(readFileSync(join(grafana, 'provisioning/datasources/livetally.yaml'), 'utf8'));
    const known = datasources.map(({ uid }: { uid: string }) => uid);
    expect(known).toEqual(expect.arrayContaining([...asked]));
    expect(asked.size).toBeGreaterThan(2);
  });

  test('the folder of the dashboards is told as Grafana sees it', () => {
    expect(parse(dashboardsProviderText('/etc/grafana/dashboards/livetally')).providers).toEqual([
      expect.objectContaining({ type: 'file', options: { path: '/etc/grafana/dashboards/livetally' } }),
    ]);
  });
});
