import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { alerting } from '../../grafana/code/alerting.ts';
import { alerts, defaultAlerts } from '../../src/config/alerts-schema.ts';
import { createWorkspace } from '../e2e/livetally-process.ts';
import { type ProvisionedRule, readRules } from '../grafana/alert-rules.ts';
import { type Alarm, AlertStates } from '../grafana/alert-states.ts';
import { createCorpus } from '../grafana/corpus.ts';
import { playCorpus } from '../grafana/play-corpus.ts';
import { type AlertServer, play, startAlertServer, startMs } from '../grafana/play-scenarios.ts';
import { type Scenario, steady } from '../grafana/scenario.ts';
import { startInfluxdb2 } from './servers/influxdb-2.ts';
import { missingServers } from './servers/locate.ts';
import { promtool } from './servers/prometheus.ts';

function rulesOf(written: unknown = {}): readonly ProvisionedRule[] {
  const [file] = alerting({ timezone: 'Etc/UTC', labels: ['team'], intervalMs: 15_000, alerts: alerts.parse(written) });
  return readRules(file?.text ?? '').groups.flatMap(({ rules }) => rules);
}

const readsInfluxdbOnly = ({ data }: ProvisionedRule) => data.every(({ model }) => !('expr' in model));

describe.each(['2.9.1', '1.8.10'] as const)('the alert rules', (version) => {
  const missing = missingServers([`influxdb-${version}`]);
  describe.skipIf(missing.length > 0)(`on a real InfluxDB ${version}`, () => alertTests(version));
});

function alertTests(version: '2.9.1' | '1.8.10') {
  let server: AlertServer;
  beforeAll(async () => {
    server = await startAlertServer(version);
  });
  afterAll(async () => await server[Symbol.asyncDispose]());

  test('tell a room’s spikes within two minutes, with the present and the usual rate', async () => {
    const surge = (counter: 'viewers' | 'gifts' | 'coins', rate: number): Scenario => ({
      app: 'main',
      roomId: counter,
      totals: (minute) => {
        const extra = Math.floor(rate * Math.max(0, minute - 40));
        const columns = { viewers: [0], gifts: [1, 2], coins: [2] }[counter];
        return steady(minute).map((total, index) => total && total + (columns.includes(index) ? extra : 0));
      },
    });
    const scenarios = [surge('viewers', 200), surge('gifts', 120), surge('coins', 9000)];
    const alarms = await play(server, {
      name: 'spikes',
      scenarios,
      rules: rulesOf().filter(readsInfluxdbOnly),
      minutes: 46,
    });
    expect(alarms.map(({ rule, of, minute }) => [rule, of, minute])).toEqual([
      ['livetally-gift-spike', 'main gifts', 41],
      ['livetally-coin-spike', 'main coins', 41],
      ['livetally-viewer-spike', 'main viewers', 41],
    ]);
    const [gifts] = alarms;
    expect(gifts?.values['now']).toBeGreaterThan(100);
    expect(gifts?.values['usual']).toBe(20);
  });

  test('raise nothing for a restart, a gap, an outage that is delivered late, new labels, a re-made room, and single samples', async () => {
    const rates = { viewers: 300, gifts: 200, coins: 20_000 };
    const room = (roomId: string, rest: Partial<Scenario>): Scenario => ({
      app: 'main',
      roomId,
      totals: (minute) => steady(minute, rates),
      ...rest,
    });
    const without = (from: number, to: number) => (minute: number) =>
      minute >= from && minute < to ? undefined : steady(minute, rates);
    const scenarios = [
      room('steady', {}),
      room('restart', { totals: without(40, 41.5) }),
      room('gap', { totals: without(38, 48) }),
      // Newest first, as the shipper does it.
      room('late', {
        arrives: (minute) => (minute >= 35 && minute < 45 ? 45 + Math.floor((45 - minute) / 4) : minute),
      }),
      room('relabelled', { labels: (minute) => ({ team: minute < 40 ? 'day' : 'night' }) }),
      room('remade', {
        totals: (minute) =>
          minute < 40 ? steady(minute, rates) : minute < 41 ? 'gone' : steady(3 * (minute - 41) - 20, rates),
      }),
      room('remade unseen', {
        totals: (minute) =>
          minute < 40 ? steady(minute, rates) : [1, 1, 1, 1, 1, 1].map((one) => Math.floor(one + (minute - 40) * 900)),
      }),
      room('begun', { totals: (minute) => (minute < 40 ? 'gone' : steady((minute - 40) ** 2, rates)) }),
      room('gift', {
        totals: (minute) =>
          steady(minute, rates).map((total, index) => total && total + (index === 2 && minute >= 40 ? 900_000 : 0)),
      }),
      room('wrong answer', {
        totals: (minute) => steady(minute, rates).map((total) => total && total * (minute === 40.25 ? 9 : 1)),
      }),
      room('stale', { totals: (minute) => steady(minute >= 40 && minute < 40.75 ? 20 : minute, rates) }),
      room('ramp', { totals: (minute) => steady(minute < 25 ? minute : minute + (minute - 25) ** 2 / 20, rates) }),
      room('ended', { totals: (minute) => (minute < 40 ? steady(minute, rates) : 'gone') }),
    ];
    expect(await play(server, { name: 'quiet', scenarios, rules: rulesOf(), minutes: 60 })).toEqual([]);
  });

  test('tell of income that stops in half of the rooms, not of one show that ends, unless its label asks for it, nor of an outage', async () => {
    const app = (
      name: string,
      totals: (room: number, minute: number) => ReturnType<Scenario['totals']>,
    ): readonly Scenario[] =>
      Array.from({ length: 8 }, (_, room) => ({
        app: name,
        roomId: `r${room}`,
        labels: () => ({ team: room === 7 ? 'flagship' : 'others' }),
        totals: (minute) => totals(room, minute),
      }));
    const scenarios = [
      ...app('silent', (room, minute) => steady(room < 6 ? Math.min(40, minute) : minute)),
      ...app('one-ends', (room, minute) => (room === 7 && minute >= 40 ? 'gone' : steady(minute))),
      ...app('outage', (_, minute) => (minute >= 40 && minute < 44 ? undefined : steady(minute))),
      ...app('slow-end', (room, minute) => steady(Math.min(minute, 33 + 3 * room))),
    ];
    const rules = rulesOf({ overrides: [{ where: { team: 'flagship' }, show_end: true }] });
    const alarms = await play(server, {
      name: 'silence',
      scenarios,
      rules: rules.filter(readsInfluxdbOnly),
      minutes: 52,
    });
    expect(alarms.map(({ rule, of, minute }) => [rule, of, minute])).toEqual([
      ['livetally-show-end-1', 'one-ends r7', 42],
      ['livetally-income-silent', 'silent', 43],
    ]);
  });

  test('tell of income that stops altogether where only that is asked for', async () => {
    const app = (name: string, silent: number): readonly Scenario[] =>
      Array.from({ length: 8 }, (_, room) => ({
        ...{ app: name, roomId: `r${room}` },
        totals: (minute) => steady(room < silent ? Math.min(40, minute) : minute),
      }));
    const rules = rulesOf({ silence: { share: 100 } }).filter(({ uid }) => uid === 'livetally-income-silent');
    const scenarios = [...app('all', 8), ...app('most', 7)];
    const alarms = await play(server, { name: 'altogether', scenarios, rules, minutes: 50 });
    expect(alarms.map(({ of, minute }) => [of, minute])).toEqual([['all', 44]]);
  });

  test('take it for an alarm when nothing arrives, unless livetally says that there is nothing', async () => {
    await server.create('empty');
    const rules = rulesOf().filter(({ uid }) => uid === 'livetally-nothing-arrives');
    const alarmsWith = async (expected: number) => {
      const states = new AlertStates(rules, {
        influxql: (query) => server.influxql(query, 'empty'),
        promql: () => Promise.resolve([{ labels: new Map(), value: expected }]),
      });
      const each: (readonly Alarm[])[] = [];
      for (const minute of [0, 1, 2]) each.push(await states.evaluate(startMs + minute * 60_000));
      return each.map((alarms) => alarms.map(({ rule }) => rule));
    };
    expect(await alarmsWith(1)).toEqual([[], [], ['livetally-nothing-arrives']]);
    expect(await alarmsWith(0)).toEqual([[], [], []]);
  });

  test('take an InfluxDB that does not answer for nothing that arrives, if it stays so, and for nothing else', async () => {
    const away = (minute: number) => minute >= 41;
    const states = async (isAway: (minute: number) => boolean) => {
      const scenarios: readonly Scenario[] = [{ app: 'main', roomId: 'steady', totals: (minute) => steady(minute) }];
      const name = `away ${isAway === away ? 'for good' : 'once'}`;
      return await play(server, { name, scenarios, rules: rulesOf(), minutes: 46, isAway });
    };
    expect((await states(away)).map(({ rule, minute }) => [rule, minute])).toEqual([['livetally-nothing-arrives', 43]]);
    expect(await states((minute) => minute === 41)).toEqual([]);
  });
}

describe.skipIf(missingServers(['influxdb-2.9.1']).length > 0)('the alert rules over a simulated evening', () => {
  test('find the spikes of a small simulated evening, and nothing else', async () => {
    await using own = await startInfluxdb2();
    const played = await playCorpus(createCorpus({ seed: 7, rooms: 250, hours: 1.5 }), {
      influxdb: own,
      rules: rulesOf().filter(readsInfluxdbOnly),
      floors: defaultAlerts.spikes,
    });
    expect(played.falseAlarms).toEqual([]);
    expect(played.due).toBeGreaterThan(0);
    expect(played.found / played.due).toBeGreaterThanOrEqual(0.8);
  });
});

describe.skipIf(missingServers(['promtool']).length > 0)('the alert rules on metrics', () => {
  const metricRules = rulesOf().flatMap(({ uid, data }) =>
    data.flatMap(({ model }) => ('expr' in model ? [{ uid, expression: model.expr }] : [])),
  );
  const expressionOf = (uid: string) => metricRules.find((rule) => rule.uid === uid)?.expression ?? '';

  test('are PromQL', async () => {
    const rules = metricRules.map(({ uid, expression }) => ({ record: uid.replaceAll('-', '_'), expr: expression }));
    await using folder = await createWorkspace();
    await writeFile(folder.path('rules.yml'), stringify({ groups: [{ name: 'grafana', rules }] }));
    const checked = await promtool(['check', 'rules', folder.path('rules.yml')]);
    expect(checked, checked.stdout + checked.stderr).toMatchObject({ exitCode: 0 });
  });

  test('see rooms that go at once, not those that livetally learns of after its start, and expect samples of a livetally that is silent', async () => {
    const gone = 'livetally_targets_gone{app="main",endpoint="room_stats",instance="a"}';
    const all = 'livetally_targets{app="main",endpoint="room_stats",instance="a"}';
    const started = 'process_start_time_seconds{instance="a",job="scraped"}';
    const build = 'livetally_build_info{instance="a",job="scraped"}';
    const polls = (outcome: string) => `livetally_polls_total{app="main",endpoint="room_stats",outcome="${outcome}"}`;
    const skipped = 'livetally_polls_skipped_total{app="main",endpoint="room_stats",reason="store_behind"}';
    /** Each in polls of a quarter of a minute. */
    const polling = (each: Readonly<Record<string, number>>, skips = 0) => [
      ...['answered', 'gone', 'timeout'].map((outcome) => series(polls(outcome), `0+${each[outcome] ?? 0}x60`)),
      series(skipped, `0+${skips}x60`),
    ];
    const expecting = (name: string, input: readonly object[], value: number) => ({
      ...{ name, input, at: '10m', uid: 'livetally-nothing-arrives' },
      expected: [{ labels: '{}', value }],
    });
    const tests = [
      {
        name: 'half of the rooms go',
        input: [series(gone, '10x40 15x40'), series(all, '20x80'), series(started, '-3600x80'), series(build, '1x80')],
        at: '11m',
        uid: 'livetally-rooms-gone',
        expected: [{ labels: '{app="main"}', value: 0.5 }],
      },
      {
        name: 'after a start rooms turn out to be gone',
        input: [
          ...[series(gone, '_x20 0x4 18x40'), series(all, '_x20 20x44')],
          ...[series(started, '_x20 300x44'), series(build, '_x20 1x44')],
        ],
        at: '7m',
        uid: 'livetally-rooms-gone',
        expected: [],
      },
      expecting('livetally is silent', [], 1),
      expecting('it polls', polling({ answered: 3 }), 36),
      expecting('no room exists, and an answer is late at times', polling({ gone: 30, timeout: 1 }), 0),
      expecting('Tencent cannot be reached', polling({ timeout: 3 }), 36),
      expecting('the disk takes nothing', polling({}, 3), 36),
      expecting(
        'a show is over, and the polls with it',
        [series(polls('answered'), '0+3x20 60x40'), ...polling({})],
        0,
      ),
    ];
    await using folder = await createWorkspace();
    await writeFile(
      join(folder.path('tests.yml')),
      stringify({
        evaluation_interval: '15s',
        tests: tests.map(({ name, input, at, uid, expected }) => ({
          name,
          interval: '15s',
          input_series: input,
          promql_expr_test: [{ expr: expressionOf(uid), eval_time: at, exp_samples: expected }],
        })),
      }),
    );
    const tested = await promtool(['test', 'rules', folder.path('tests.yml')]);
    expect(tested, tested.stdout + tested.stderr).toMatchObject({ exitCode: 0 });
  });

  function series(name: string, values: string) {
    return { series: name, values };
  }
});
