import { expect, test } from 'vitest';
import { dashboards } from '../../../grafana/code/dashboards.ts';
import { dashboardUids, panelIds } from '../../../grafana/code/panel-ids.ts';
import { panelsOf, readDashboard } from '../../grafana/dashboard-file.ts';
import { weekSettings } from '../../grafana/test-settings.ts';
import { transformed } from '../../grafana/transform.ts';

const file = dashboards(weekSettings).find((one) => one.file === `${dashboardUids.room}.json`);
const panels = file === undefined ? [] : panelsOf(readDashboard(file.json));

test('all coins are unaccounted for where no receiver is watched', () => {
  const panel = panels.find(({ id }) => id === panelIds.room.unaccounted);
  if (panel === undefined) throw new Error('Room has no panel of coins that are unaccounted for');
  const watched = { 'watched receivers': 70, 'taken off': -70 };
  expect(transformed([{ room: 100 }, watched], panel)).toEqual({
    room: 100,
    'watched receivers': 70,
    'unaccounted for': 30,
  });
  expect(transformed([{ room: 100 }, {}], panel)).toEqual({ room: 100, 'unaccounted for': 100 });
});
