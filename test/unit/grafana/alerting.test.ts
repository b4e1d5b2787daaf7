import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { alerting } from '../../../grafana/code/alerting.ts';
import { dashboardUids, panelIds } from '../../../grafana/code/panel-ids.ts';
import { dataSource, sources } from '../../../grafana/code/query-target.ts';
import { type AlertSettings, alerts } from '../../../src/config/alerts-schema.ts';
import { counters, sampleFieldNames } from '../../../src/model/measurement.ts';
import { metricTable } from '../../../src/telemetry/metric-table.ts';
import { type ProvisionedRule, readRules } from '../../grafana/alert-rules.ts';

const root = join(import.meta.dirname, '../../..');

function filesOf(written: unknown = {}, intervalMs = 15_000) {
  const settings: AlertSettings = alerts.parse(written);
  return alerting({ timezone: 'Etc/UTC', labels: ['team'], intervalMs, alerts: settings });
}

function rulesOf(written: unknown = {}, intervalMs = 15_000) {
  const { groups, deleteRules } = readRules(filesOf(written, intervalMs)[0]?.text ?? '');
  return { rules: groups.flatMap(({ rules }) => rules), groups, deleted: deleteRules.map(({ uid }) => uid) };
}

const everything = {
  overrides: [
    { where: { team: 'music' }, spikes: { gifts: { floor: 500 } }, show_end: true },
    { where: { team: `o'neil \\ $x`, 'the "floor"': 'one' } },
  ],
  webhook: 'https://hooks.example/?key=$secret',
  email: ['ops@example.com', 'night@example.com'],
};

const queriesOf = ({ data }: ProvisionedRule) => data.flatMap(({ model }) => ('query' in model ? [model.query] : []));
const mathOf = ({ data }: ProvisionedRule) =>
  data.flatMap(({ model }) => ('type' in model && model.type === 'math' ? [model.expression] : []));

test('there is a rule for each thing that wakes somebody', () => {
  const { rules } = rulesOf();
  expect(rules.map(({ uid }) => uid)).toEqual([
    'livetally-gift-spike',
    'livetally-coin-spike',
    'livetally-viewer-spike',
    'livetally-income-silent',
    'livetally-rooms-gone',
    'livetally-nothing-arrives',
    'livetally-data-late',
    'livetally-rejected',
    'livetally-store-filling',
    'livetally-refused',
    'livetally-limit-exceeded',
  ]);
});

test('every rule has an uid of its own, a panel that exists, data sources that exist, and a runbook in the README', () => {
  const { rules, groups } = rulesOf(everything);
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length);
  expect(new Set(rules.map(({ title }) => title)).size).toBe(rules.length);
  for (const { interval } of groups) expect(interval).toBe('1m');
  const known = [...sources.map((source) => dataSource(source).uid), '__expr__'];
  for (const rule of rules) {
    const [name] = Object.entries(dashboardUids).find(([, uid]) => uid === rule.dashboardUid) ?? [];
    const panels = Object.entries(panelIds).find(([dashboard]) => dashboard === name)?.[1] ?? {};
    expect(Object.values(panels), rule.uid).toContain(rule.panelId);
    expect(rule.annotations).toMatchObject({
      __dashboardUid__: rule.dashboardUid,
      __panelId__: String(rule.panelId),
    });
    expect(readme, rule.uid).toContain(`\`${rule.uid.replace(/-\d+$/, '')}\``);
    for (const { datasourceUid } of rule.data) expect(known).toContain(datasourceUid);
  }
});

test('queries name only fields and metrics that livetally writes, leave gaps out, and join no labels', () => {
  const fields = counters.room_stats.flatMap(({ delta, total }) => [delta, total]);
  const names = new Set<string>([...fields, ...sampleFieldNames, 'room_stats', 'gift_count', 'rate', 'app', 'room_id']);
  for (const rule of rulesOf().rules) {
    for (const text of queriesOf(rule)) {
      for (const [, name = ''] of text.matchAll(/"([^"]+)"/g)) expect(names, text).toContain(name);
      if (text.includes('_delta')) expect(text).toContain('"in_gap" = 0');
      if (text.includes('room_id')) expect(text).toMatch(/GROUP BY "app", "room_id"$/);
    }
    for (const { model } of rule.data) {
      const metrics = 'expr' in model ? model.expr.match(/livetally_\w+/g) : [];
      for (const metric of metrics ?? []) expect(Object.keys(metricTable)).toContain(metric);
    }
  }
});

test('a dollar stands where Grafana expands its environment only as two, and in annotations never before a brace', () => {
  for (const { text } of filesOf(everything)) {
    expect(text).not.toMatch(/\$\{/);
    expect(text).not.toMatch(/^ *(?:- )?(?:url|title|uid|name|receiver|addresses): .*(?<!\$)\$(?!\$)/m);
  }
  for (const { labels } of rulesOf(everything).rules) expect(JSON.stringify(labels)).not.toContain('$');
});

test('contact points are there only when asked for, and then every rule notifies them by itself, grouped by app', () => {
  expect(filesOf().map(({ file }) => file)).toEqual(['livetally-rules.yaml']);
  for (const rule of rulesOf().rules) expect(rule.notification_settings).toBeUndefined();
  const [rules, points] = filesOf(everything);
  expect(parse(points?.text ?? '')).toMatchObject({
    contactPoints: [
      {
        name: 'livetally',
        receivers: [
          { type: 'webhook', settings: { url: 'https://hooks.example/?key=%24secret' } },
          { type: 'email', settings: { addresses: 'ops@example.com;night@example.com' } },
        ],
      },
    ],
  });
  for (const rule of readRules(rules?.text ?? '').groups.flatMap((group) => group.rules)) {
    expect(rule.notification_settings).toMatchObject({
      receiver: 'livetally',
      group_by: ['grafana_folder', 'alertname', 'app'],
      group_interval: '5m',
    });
  }
  for (const { text } of filesOf(everything)) expect(text).not.toMatch(/^policies:/m);
});

test('an override has rules of its own, which the others leave to it, the first that matches before the next', () => {
  const { rules } = rulesOf(everything);
  const find = (uid: string) => rules.filter((rule) => rule.uid === uid);
  const [usual, music, second] = ['', '-1', '-2'].flatMap((suffix) => find(`livetally-gift-spike${suffix}`));
  expect(mathOf(usual ?? raise())[0]).toContain('$now > 30 ');
  expect(mathOf(music ?? raise())[0]).toContain('$now > 500 ');
  expect(queriesOf(usual ?? raise())[0]).toContain(
    `AND ("team" != 'music') AND ("team" != 'o\\'neil \\\\ $x' OR "the \\"floor\\"" != 'one') GROUP BY`,
  );
  expect(queriesOf(music ?? raise())[0]).toContain(`AND "team" = 'music' GROUP BY`);
  expect(queriesOf(second ?? raise())[0]).toContain(
    `AND "team" = 'o\\'neil \\\\ $x' AND "the \\"floor\\"" = 'one' AND ("team" != 'music') GROUP BY`,
  );
  expect(find('livetally-show-end-1')).toHaveLength(1);
  expect(find('livetally-show-end-2')).toHaveLength(0);
});

test('no rule has the title of one that an earlier configuration had under another uid: Grafana takes them over one by one', () => {
  const of = (...teams: string[]) =>
    rulesOf({ overrides: teams.map((team) => ({ where: { team }, show_end: true })) }).rules;
  const before = of('music', 'talk');
  for (const after of [of('talk'), of('talk', 'music'), of('news', 'music', 'talk')]) {
    for (const { uid, title } of after) {
      expect(before.filter((rule) => rule.title === title && rule.uid !== uid)).toEqual([]);
    }
  }
});

test('rules that an earlier configuration may have left in Grafana are deleted, and none that is there', () => {
  const before = rulesOf(everything);
  const after = rulesOf();
  const gone = before.rules.map(({ uid }) => uid).filter((uid) => after.rules.every((rule) => rule.uid !== uid));
  expect(after.deleted).toEqual(expect.arrayContaining(gone));
  expect(before.deleted).toContain('livetally-show-end-2');
  for (const { uid } of before.rules) expect(before.deleted).not.toContain(uid);
});

test('spans stretch with the schedule: four samples at least make up what is compared', () => {
  const ranges = (intervalMs: number) =>
    rulesOf({}, intervalMs).rules[0]?.data.map((node) => node.relativeTimeRange.from);
  expect(ranges(15_000)).toEqual([60, 0, 60, 0, 2400, 0, 600, 0, 0]);
  expect(ranges(120_000)).toEqual([480, 0, 480, 0, 4800, 0, 4800, 0, 0]);
});

test('what Grafana says of delivery, at the defaults, is what the rules of Prometheus say', () => {
  const text = readFileSync(join(root, 'config/prometheus/livetally.rules.yml'), 'utf8').replaceAll(/\s+/g, ' ');
  const { rules } = rulesOf();
  const expressionOf = (uid: string) =>
    rules
      .filter((rule) => rule.uid === uid)
      .flatMap(({ data }) => data.flatMap(({ model }) => ('expr' in model ? [model.expr] : [])))[0] ?? raise();
  expect(text).toContain(`expr: ${expressionOf('livetally-refused')} > 0 labels`);
  expect(text).toContain(`expr: ${expressionOf('livetally-limit-exceeded')} > 0 labels`);
  const ages = expressionOf('livetally-data-late').replace(/^max by \(sink, endpoint\) \((.*)\)$/, '$1');
  expect(text).toContain(` (${ages}) > 300 for: 5m`);
  const rejected = expressionOf('livetally-rejected').replace(/^sum by \(sink, endpoint\) \((.*)\)$/, '$1');
  expect(text).toContain(` (${rejected}) > 0 labels`);
  expect(text).toContain('livetally_store_size_bytes > 0.8 * livetally_store_max_size_bytes');
  expect(text).toContain('and on () sum(livetally_samples_waiting) > 100000');
  expect(expressionOf('livetally-store-filling')).toContain('and on () sum(livetally_samples_waiting) > 100000');
});

function raise(): never {
  throw new Error('a rule is missing');
}
