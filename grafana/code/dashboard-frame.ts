import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  type AnnotationQuery,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { type DashboardName, dashboardUids } from './panel-ids.ts';
import { builtIn } from './selection.ts';
import type { GrafanaSettings } from './settings.ts';

export type DashboardContent = {
  readonly name: DashboardName;
  readonly title: string;
  readonly description: string;
  /** What it opens with, as Grafana writes relative times. */
  readonly from: string;
  readonly refresh?: string;
  readonly variables: readonly Builder<VariableModel>[];
  readonly annotations?: readonly Builder<AnnotationQuery>[];
  readonly rows: readonly Row[];
};

export type Row = {
  readonly title: string;
  readonly panels: readonly Builder<Panel>[];
  /** Asks nothing until it is opened. */
  readonly isCollapsed?: boolean;
};

/** By which the dashboards find one another. */
const tag = 'livetally';

export function dashboardOf(content: DashboardContent, { timezone }: GrafanaSettings): DashboardBuilder {
  const { name, title, description, from, refresh = '', variables, annotations = [], rows } = content;
  const builder = new DashboardBuilder(title)
    .uid(dashboardUids[name])
    .description(description)
    .tags([tag])
    .timezone(timezone)
    .weekStart('monday')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from, to: 'now' })
    .refresh(refresh)
    .links([
      new DashboardLinkBuilder('livetally')
        .type(DashboardLinkType.Dashboards)
        .tags([tag])
        .asDropdown(false)
        .keepTime(true)
        .includeVars(true),
    ])
    .variables([...variables])
    .annotations([...annotations]);
  for (const [index, row] of rows.entries()) {
    const heading = new RowBuilder(row.title).id(rowIds + index);
    if (row.isCollapsed === true) for (const panel of row.panels) heading.withPanel(panel);
    builder.withRow(heading);
    if (row.isCollapsed !== true) for (const panel of row.panels) builder.withPanel(panel);
  }
  return builder;
}

/** Rows are not linked to: theirs are only not those of the panels. */
const rowIds = 1001;

const inRange = builtIn('__url_time_range');
const cell = (column: string) => builtIn(`__data.fields.${column}:percentencode`);

/** To a room from a row of a table with the columns `app` and `room_id`. */
export const linkToRoom = {
  title: 'Show the room',
  url: `/d/${dashboardUids.room}?${inRange}&var-app=${cell('app')}&var-room=${cell('room_id')}`,
} as const;

/** To a receiver from a row of a table with the columns `app` and `user_id`. */
export const linkToReceiver = {
  title: 'Show the receiver',
  url: `/d/${dashboardUids.receiver}?${inRange}&var-app=${cell('app')}&var-receiver=${cell('user_id')}`,
} as const;
