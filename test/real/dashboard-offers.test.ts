import { expect, test } from 'vitest';
import { dashboards } from '../../grafana/code/dashboards.ts';
import { dashboardUids } from '../../grafana/code/panel-ids.ts';
import { type Dashboard, readDashboard } from '../grafana/dashboard-file.ts';
import { expandInfluxql, type VariableValue } from '../grafana/expand.ts';
import { weekSettings } from '../grafana/test-settings.ts';
import { type Influxdb2, startInfluxdb2 } from './servers/influxdb-2.ts';
import { missingServers } from './servers/locate.ts';

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 5, 1);
const all: Readonly<Record<string, VariableValue>> = {
  app: { all: '.*' },
  label_team: { all: '.*' },
  room: { all: '.*' },
};

test.skipIf(missingServers(['influxdb-2.9.1']).length > 0)(
  'History offers apps and labels of the weeks of its range, and rooms and receivers of its last month',
  async () => {
    await using influxdb = await filledWith([
      { room: 'new', user: 'ann', team: 'music', daysAgo: 5 },
      { room: 'old', user: 'bob', team: 'sport', daysAgo: 25 },
      { room: 'older', user: 'eve', team: 'music', daysAgo: 45 },
      { room: 'oldest', user: 'cat', team: 'news', daysAgo: 300 },
      { room: 'before', user: 'dan', team: 'games', daysAgo: 400 },
    ]);
    const offered = await offersOf(influxdb, 365);
    expect(offered).toEqual({
      app: ['main'],
      label_team: ['music', 'news', 'sport'],
      room: ['new', 'old'],
      receiver: ['ann', 'bob'],
    });
    expect(await offersOf(influxdb, 10)).toEqual({
      app: ['main'],
      label_team: ['music'],
      room: ['new'],
      receiver: ['ann'],
    });
    expect(await offersOf(influxdb, 365, { ...all, label_team: { values: ['sport'] } })).toMatchObject({
      room: ['old'],
      receiver: ['bob'],
    });
  },
);

test.skipIf(missingServers(['influxdb-2.9.1']).length > 0)(
  'History offers ten thousand rooms at most, however many had a show',
  async () => {
    const shows = Array.from({ length: 10_050 }, (_, index) => {
      return { room: `show-${index}`, user: 'ann', team: 'music', daysAgo: 1 + (index % 20) };
    });
    await using influxdb = await filledWith(shows);
    const { room, receiver } = await offersOf(influxdb, 365);
    expect(room).toHaveLength(10_000);
    expect(receiver).toEqual(['ann']);
  },
);

type ShowDay = { readonly room: string; readonly user: string; readonly team: string; readonly daysAgo: number };

async function filledWith(shows: readonly ShowDay[]): Promise<Influxdb2> {
  const influxdb = await startInfluxdb2();
  const lines = shows.flatMap(({ room, user, team, daysAgo }) => {
    const tags = `app=main,room_id=${room},team=${team}`;
    const timeMs = nowMs - daysAgo * dayMs;
    return [`room_stats,${tags} samples=1i ${timeMs}`, `gift_count,${tags},user_id=${user} samples=1i ${timeMs}`];
  });
  await influxdb.write(lines.join('\n'));
  return influxdb;
}

async function offersOf(
  influxdb: Influxdb2,
  days: number,
  variables = all,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const view = { fromMs: nowMs - days * dayMs, toMs: nowMs, variables };
  const offers: Record<string, readonly string[]> = {};
  for (const { name, query } of history().templating.list) {
    const rows = await influxdb.influxql(expandInfluxql(query.query, view, 60_000));
    offers[name] = rows.map(({ value }) => String(value)).sort();
  }
  return offers;
}

function history(): Dashboard {
  const file = dashboards({ ...weekSettings, labels: ['team'] }).find(
    (one) => one.file === `${dashboardUids.history}.json`,
  );
  if (file === undefined) throw new Error('there is no dashboard History');
  return readDashboard(file.json);
}
