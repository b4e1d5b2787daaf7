import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { exampleGrafanaFiles } from '../../../config/generate-grafana.ts';
import { dashboards } from '../../../grafana/code/dashboards.ts';
import { dashboardUids, panelIds } from '../../../grafana/code/panel-ids.ts';
import { sources } from '../../../grafana/code/query-target.ts';
import { metricTable } from '../../../src/telemetry/metric-table.ts';
import { type Dashboard, isInfluxql, panelsOf, readDashboard } from '../../grafana/dashboard-file.ts';
import {
  legendOf,
  misplaced,
  queriesOf,
  seriesTags,
  tagsShown,
  unitOf,
  unknownMetrics,
  unknownNames,
  variablesUsedIn,
} from '../../grafana/lint.ts';
import { weekSettings } from '../../grafana/test-settings.ts';

const shipped = (await exampleGrafanaFiles()).filter(({ file }) => file.pathname.endsWith('.json'));
const provisioning = new URL('../../../grafana/provisioning/', import.meta.url);

/** The example's dashboards, and those of a configuration with two apps, awkward labels and another zone. */
const all: readonly { readonly name: string; readonly labels: readonly string[]; readonly dashboard: Dashboard }[] = [
  ...shipped.map(({ text }) => ({ labels: ['team'], dashboard: readDashboard(text) })),
  ...dashboards({ ...weekSettings, labels: awkwardLabels() }).map(({ json }) => {
    return { labels: awkwardLabels(), dashboard: readDashboard(json) };
  }),
].map((one) => ({ ...one, name: `${one.dashboard.uid} with the labels ${one.labels.join(', ')}` }));

function awkwardLabels(): readonly string[] {
  return ['a b', 'a-b', 'a:b', 'room', 'say "hi"', '主播'];
}

describe.each(all.map((one) => [one.name, one] as const))('%s', (_name, { dashboard, labels }) => {
  test('has a uid that links can rely on, and panels with ids of their own', () => {
    expect(Object.values<string>(dashboardUids)).toContain(dashboard.uid);
    expect(dashboard.uid.length).toBeLessThanOrEqual(40);
    const ids = [...dashboard.panels.filter(({ type }) => type === 'row'), ...panelsOf(dashboard)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('shows every panel that has an id set aside for it', () => {
    const [name] = Object.entries(dashboardUids).find(([, uid]) => uid === dashboard.uid) ?? [];
    const wanted = Object.entries(panelIds)
      .filter(([dashboardName]) => dashboardName === name)
      .flatMap(([, ids]) => Object.entries<number>(ids))
      .filter(([key]) => !key.startsWith('firstLabel') || labels.length > 0);
    expect(panelsOf(dashboard).map(({ id }) => id)).toEqual(expect.arrayContaining(wanted.map(([, id]) => id)));
  });

  test('lays its panels on the 24 columns without overlap', () => {
    expect(misplaced(dashboard)).toEqual([]);
  });

  test('has panels in a row of their own only where it is collapsed', () => {
    for (const one of dashboard.panels) {
      if (one.type === 'row') expect(one.collapsed, one.title).toBe(one.panels.length > 0);
    }
  });

  test('says of every panel what the number is, and its unit', () => {
    for (const { title, description, fieldConfig, gridPos } of panelsOf(dashboard)) {
      expect(title).not.toBe('');
      expect(description.length, title).toBeGreaterThan(30);
      expect(fieldConfig.defaults.unit, title).not.toBe('');
      expect(fieldConfig.defaults.noValue, title).toBe('no data');
      expect(gridPos.h, title).toBeGreaterThan(3);
    }
  });

  test('calls viewer entries entries, never concurrent viewers', () => {
    for (const panel of panelsOf(dashboard)) {
      const showsEntries = panel.targets.some((target) => isInfluxql(target) && /"(total_)?viewers/.test(target.query));
      if (showsEntries) expect(`${panel.title} ${panel.description}`, panel.title).toMatch(/entries/i);
      expect(panel.title).not.toMatch(/\bviewers\b|concurrent/i);
    }
  });

  test('writes counts and money with every digit', () => {
    for (const panel of panelsOf(dashboard)) {
      if (panel.targets.every(isInfluxql)) expect(panel.fieldConfig.defaults.unit, panel.title).toBe('locale');
    }
  });

  test('writes names as they are in tables, those that look like numbers too', () => {
    for (const panel of panelsOf(dashboard)) {
      if (panel.type !== 'table') continue;
      for (const tag of tagsShown(panel, labels)) expect(unitOf(panel, tag), `${panel.title}: ${tag}`).toBe('string');
    }
  });

  test('names every tag by which it tells series apart in their legend', () => {
    for (const panel of panelsOf(dashboard)) {
      if (panel.type !== 'timeseries') continue;
      for (const target of panel.targets.filter(isInfluxql)) {
        const tags = seriesTags(target.query);
        const legend = legendOf(panel, target, Object.fromEntries(tags.map((tag, index) => [tag, `value ${index}`])));
        for (const index of tags.keys()) expect(legend, target.query).toContain(`value ${index}`);
        expect(legend, target.query).not.toContain('$');
      }
    }
  });

  test('asks only data sources that are provisioned', () => {
    const uids = sources.map((source) => `livetally-${source}`);
    for (const { uid, where } of queriesOf(dashboard)) expect(uids, where).toContain(uid);
    for (const { datasource, title } of panelsOf(dashboard)) expect(uids, title).toContain(datasource.uid);
  });

  test('uses the variables that it has, and has those that it uses', () => {
    const names = dashboard.templating.list.map(({ name }) => name);
    const used = queriesOf(dashboard).flatMap(({ text }) => variablesUsedIn(text));
    expect(new Set(names).size).toBe(names.length);
    expect([...new Set(used)].sort()).toEqual(names.toSorted());
    for (const name of names) expect(name).toMatch(/^\w+$/);
  });

  test('narrows by variables with a format, in anchored regular expressions', () => {
    for (const { text, uid, where } of queriesOf(dashboard)) {
      if (uid === 'livetally-prometheus') continue;
      const anchored = [...text.matchAll(/=~ \/\^\$\{(\w+):regex\}\$\//g)].length;
      expect(anchored, where).toBe([...text.matchAll(/\$\{(?!__)/g)].length);
      expect(text, where).not.toMatch(/\$(app|room|receiver|label)/);
    }
  });

  test('names only what livetally writes', () => {
    for (const { text, uid, where } of queriesOf(dashboard)) {
      if (uid === 'livetally-prometheus') expect(unknownMetrics(text), where).toEqual([]);
      else expect(unknownNames(text, labels), where).toEqual([]);
    }
  });

  test('bounds every query by the range, however long it is', () => {
    for (const { text, uid, where } of queriesOf(dashboard)) {
      if (uid === 'livetally-prometheus') continue;
      const selects = text
        .split('SELECT')
        .slice(1)
        .filter((part) => /FROM "(room_stats|gift_count|session)"/.test(part));
      for (const select of selects) expect(select, where).toMatch(/\$timeFilter|time >= \(*\$\{__from\}/);
    }
  });

  test('asks for tables as one table: InfluxDB groups only by time there', () => {
    const tables = panelsOf(dashboard).flatMap(({ targets }) => targets.filter(isInfluxql));
    for (const { query, resultFormat } of tables) {
      const outermost = query.replace(/\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)/g, '()');
      if (resultFormat === 'table') expect(outermost, query).not.toMatch(/GROUP BY (?!time\(\) fill)/);
    }
  });

  test('links to the others and keeps range and variables', () => {
    expect(dashboard.links).toEqual([
      expect.objectContaining({ type: 'dashboards', tags: dashboard.tags, keepTime: true, includeVars: true }),
    ]);
  });

  test('has its links and annotations in the bar, not behind a menu', () => {
    for (const { placement } of [...dashboard.links, ...dashboard.annotations.list]) expect(placement).toBeUndefined();
  });

  test('maps the columns of annotations to what its queries bring', () => {
    for (const { name, target, mappings } of dashboard.annotations.list) {
      for (const { source, value } of Object.values(mappings)) {
        expect(source, name).toBe('field');
        if (value !== 'Time') expect(target.query, name).toContain(`"${value}"`);
      }
    }
  });
});

test('History reads days and months of rooms and of receivers', () => {
  const history = all.filter(({ dashboard }) => dashboard.uid === dashboardUids.history);
  for (const { dashboard, name } of history) {
    const read = queriesOf(dashboard).flatMap(({ text, uid }) =>
      [...text.matchAll(/FROM "(room_stats|gift_count)"/g)].map(([, measurement]) => `${uid} ${measurement}`),
    );
    expect([...new Set(read)].sort(), name).toEqual([
      'livetally-1d gift_count',
      'livetally-1d room_stats',
      'livetally-1mo gift_count',
      'livetally-1mo room_stats',
    ]);
  }
});

test('Health shows everything that waits, was rejected or dropped', () => {
  const health = all.find(({ dashboard }) => dashboard.uid === dashboardUids.health);
  const shown =
    health === undefined
      ? ''
      : queriesOf(health.dashboard)
          .map(({ text }) => text)
          .join('\n');
  const wanted = Object.keys(metricTable).filter((name) => /_(waiting|rejected|dropped)(_|$)/.test(name));
  expect(wanted.length).toBeGreaterThan(8);
  for (const name of wanted) expect(shown, name).toMatch(new RegExp(`\\b${name}\\b`));
});

test('every data source that dashboards ask is in the provisioning', () => {
  const text = readFileSync(new URL('datasources/livetally.yaml', provisioning), 'utf8');
  const { datasources } = z.object({ datasources: z.array(z.object({ uid: z.string() })) }).parse(parse(text));
  expect(datasources.map(({ uid }) => uid).sort()).toEqual(sources.map((source) => `livetally-${source}`).sort());
});

test('every alert rule points at a panel that exists', () => {
  const text = readFileSync(new URL('alerting/livetally-rules.yaml', provisioning), 'utf8');
  const annotations = z.object({ __dashboardUid__: z.string().optional(), __panelId__: z.string().optional() }).loose();
  const rule = z.object({ title: z.string(), dashboardUid: z.string(), panelId: z.coerce.number(), annotations });
  const { groups } = z.object({ groups: z.array(z.object({ rules: z.array(rule) })) }).parse(parse(text));
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(0);
  for (const { title, dashboardUid, panelId } of rules) {
    const found = shipped.map(({ text: json }) => readDashboard(json)).find(({ uid }) => uid === dashboardUid);
    expect(found && panelsOf(found).map(({ id }) => id), title).toContain(panelId);
  }
});
