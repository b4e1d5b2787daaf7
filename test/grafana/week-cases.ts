import { dashboards } from '../../grafana/code/dashboards.ts';
import { type DashboardName, dashboardUids } from '../../grafana/code/panel-ids.ts';
import {
  appVariable,
  labelVariables,
  receiverVariable,
  roomVariable,
  type Variable,
} from '../../grafana/code/selection.ts';
import { type Dashboard, readDashboard } from './dashboard-file.ts';
import { relativeStart } from './expand.ts';
import { expectAnnotations, offeredValues } from './expect-events.ts';
import { expectHistory } from './expect-history.ts';
import { expectLive, expectReceiver, expectRoom, type PanelExpectations } from './expect-panels.ts';
import { type Context, dayMs, type Expectation, type Truth } from './expectations.ts';
import type { Place } from './past.ts';
import { simulatedWeek, weekLabels, weekOffsetMs } from './simulated-week.ts';
import { weekOverride, weekSettings } from './test-settings.ts';
import { truthOf } from './truth.ts';
import { closedSessionsOf, windowsOf } from './truth-windows.ts';

/** What must be offered, and what may be: where days are read, also what has data in the weeks around the range. */
export type Offered = { readonly least: readonly string[]; readonly most: readonly string[] };

export type Range = { readonly fromMs: number; readonly toMs: number };

/** A dashboard of the simulated week: what it is looked at with, and what it must then show. */
export type WeekCase = {
  readonly dashboard: Dashboard;
  readonly variables: readonly Variable[];
  readonly ranges: readonly Range[];
  readonly panels: PanelExpectations;
  readonly annotations: Readonly<Record<string, Expectation>>;
  /** By the name of the variable: the values that have data. */
  readonly offers: Readonly<Record<string, (context: Context) => Offered>>;
};

export const week = simulatedWeek();
export const weekTruth = truthOfWeek();

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const { untilMs } = week;
const outageEndMs = week.outages[0]?.endMs ?? untilMs;

const labels = labelVariables({ labels: weekLabels });
const selectors = [appVariable, ...labels];
const rooms = [...selectors, roomVariable];
const receivers = [...rooms, receiverVariable];

/** Every dashboard that reads InfluxDB, with the range that it opens with and one over the outage. */
export const weekCases = {
  live: {
    dashboard: generated('live'),
    variables: selectors,
    ranges: [ending(untilMs, hourMs), ending(outageEndMs + 20 * minuteMs, 2 * hourMs)],
    panels: expectLive(weekLabels),
    annotations: expectAnnotations(selectors),
    offers: offersOf(selectors, 'raw', () => 'room_stats'),
  },
  room: {
    dashboard: generated('room'),
    variables: rooms,
    ranges: [ending(untilMs, 3 * hourMs), ending(outageEndMs + hourMs, 20 * hourMs)],
    panels: expectRoom(weekLabels),
    annotations: expectAnnotations(rooms),
    offers: offersOf(rooms, 'raw', () => 'room_stats'),
  },
  receiver: {
    dashboard: generated('receiver'),
    variables: receivers,
    ranges: [ending(untilMs, 24 * hourMs), ending(outageEndMs + 3 * hourMs, 60 * hourMs)],
    panels: expectReceiver(weekLabels),
    annotations: {},
    offers: offersOf(receivers, '5m', () => 'gift_count'),
  },
  history: {
    dashboard: generated('history'),
    variables: receivers,
    ranges: [
      { fromMs: relativeStart('now-90d/d', untilMs, weekOffsetMs), toMs: untilMs },
      ending(untilMs - 20 * hourMs, 60 * hourMs),
      // Begins and ends within a day: two whole ones.
      ending(untilMs, 3 * 24 * hourMs),
    ],
    panels: expectHistory(weekLabels),
    annotations: {},
    offers: offersOf(receivers, '1d', (variable) => (variable === receiverVariable ? 'gift_count' : 'room_stats')),
  },
} as const satisfies Partial<Record<DashboardName, WeekCase>>;

export function ending(toMs: number, lengthMs: number): Range {
  return { fromMs: toMs - lengthMs, toMs };
}

function generated(name: DashboardName): Dashboard {
  const alerts = { ...weekSettings.alerts, overrides: [weekOverride] };
  const file = dashboards({ ...weekSettings, alerts }).find((one) => one.file === `${dashboardUids[name]}.json`);
  if (file === undefined) throw new Error(`no dashboard ${name}`);
  return readDashboard(file.json);
}

/**
 * Labels are offered by the app, rooms and receivers by everything before them. Days are offered by the week, which here is all of
 * the time, and their labels are those of all apps.
 */
function offersOf(
  variables: readonly Variable[],
  place: 'raw' | '5m' | '1d',
  endpointOf: (variable: Variable) => 'room_stats' | 'gift_count',
): WeekCase['offers'] {
  return Object.fromEntries(
    variables.map((variable, index) => {
      const isLabel = labels.includes(variable);
      const after = isLabel ? [appVariable] : variables.slice(0, index);
      const valuesOf = (narrowedBy: readonly Variable[], context: Context) =>
        offeredValues(variable, narrowedBy, place, endpointOf(variable), context);
      return [
        variable.name,
        (context) => {
          const least = valuesOf(after, context);
          if (place !== '1d') return { least, most: least };
          const view = { ...context.view, fromMs: week.fromMs - dayMs, toMs: untilMs };
          return { least, most: valuesOf(isLabel ? [] : after, { ...context, view }) };
        },
      ];
    }),
  );
}

function truthOfWeek(): Truth {
  const raw = truthOf(week);
  const windows = (tier: Exclude<Place, 'raw'>) => windowsOf(raw, tier, week, weekOffsetMs);
  return {
    raw,
    '5m': windows('5m'),
    '1h': windows('1h'),
    '1d': windows('1d'),
    '1mo': windows('1mo'),
    sessions: closedSessionsOf(raw, week),
  };
}
