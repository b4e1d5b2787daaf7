import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableSortByFieldStateBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DataTransformerConfig,
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { dataSource, type Query, targetOf } from './query-target.ts';

/** What every panel has. */
export type PanelContent = {
  readonly id: number;
  readonly title: string;
  /** What the number is, and what it is not. */
  readonly description: string;
  /** A unit of Grafana's. `locale` writes every digit: money and counts are never rounded to "1.2 Mil". */
  readonly unit: string;
  readonly queries: readonly [Query, ...Query[]];
  /** Of the 24 columns. */
  readonly width: number;
  readonly height?: number;
  /** Of the panel alone, while the dashboard's own range is a relative one. */
  readonly timeFrom?: string;
  /** The finest `$__interval`. */
  readonly interval?: string;
  /** How many points are drawn at the most, which makes `$__interval` coarser; about one for each pixel by default. */
  readonly maxPoints?: number;
  readonly transformations?: readonly DataTransformerConfig[];
};

export type TimeSeriesContent = PanelContent & {
  readonly style?: 'lines' | 'bars' | 'stacked bars';
  /** Series that stand out: those whose name matches become points, or a line over bars. */
  readonly points?: string;
  readonly line?: string;
  readonly max?: number;
  /** What series are called, with Grafana's fields of them; before any legend of their query. */
  readonly displayName?: string;
};

export function timeSeries(content: TimeSeriesContent): Builder<Panel> {
  const { style = 'lines' } = content;
  const builder = withContent(new TimeSeriesBuilder(), content)
    .min(0)
    .drawStyle(style === 'lines' ? GraphDrawStyle.Line : GraphDrawStyle.Bars)
    .fillOpacity(style === 'lines' ? 10 : 70)
    .lineWidth(1)
    .showPoints(VisibilityMode.Auto)
    // A gap is a gap: nothing is drawn where nothing was counted.
    .spanNulls(false)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (style === 'stacked bars') builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (content.max !== undefined) builder.max(content.max);
  if (content.displayName !== undefined) builder.displayName(content.displayName);
  if (content.points !== undefined) {
    builder.overrideByRegexp(content.points, [
      { id: 'custom.drawStyle', value: 'points' },
      { id: 'custom.pointSize', value: 7 },
    ]);
  }
  if (content.line !== undefined) {
    builder.overrideByRegexp(content.line, [
      { id: 'custom.drawStyle', value: 'line' },
      { id: 'custom.fillOpacity', value: 0 },
      { id: 'custom.stacking', value: { mode: 'none', group: 'B' } },
    ]);
  }
  return builder;
}

/** One number for each series, or for each column of a table with one row. */
export function stat(content: PanelContent): Builder<Panel> {
  return withContent(new StatBuilder(), content)
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor('text'))
    .reduceOptions(new ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']).fields(''));
}

export type Column = {
  readonly name: string;
  readonly title: string;
  readonly unit?: string;
  readonly decimals?: number;
  /** Drawn as a bar as well, against the largest of the column. */
  readonly hasBar?: boolean;
  /** Where a click leads. */
  readonly link?: { readonly title: string; readonly url: string };
};

/** A name, not a number: with the unit of the panel Grafana would write the room 20261122 as 20,261,122, and put that into its links. */
export function tagColumn(name: string, title: string, link?: Column['link']): Column {
  return { name, title, unit: 'string', ...(link !== undefined && { link }) };
}

export type TableContent = PanelContent & { readonly columns: readonly Column[]; readonly sortedBy?: string };

/** Shows the columns that it names, in that order, and no others: every answer of InfluxDB has a time, most mean nothing. */
export function table(content: TableContent): Builder<Panel> {
  const builder = withContent(new TableBuilder(), content)
    .showHeader(true)
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: content.columns.some(({ name }) => name === 'Time') ? {} : { Time: true },
        indexByName: Object.fromEntries(content.columns.map(({ name }, index) => [name, index])),
        renameByName: {},
      },
    });
  for (const column of content.columns) builder.overrideByName(column.name, propertiesOf(column));
  const sortedBy = content.columns.find(({ name }) => name === content.sortedBy);
  if (sortedBy !== undefined) {
    builder.sortBy([new TableSortByFieldStateBuilder().displayName(sortedBy.title).desc(true)]);
  }
  return builder;
}

function propertiesOf({ title, unit, decimals, hasBar, link }: Column): DynamicConfigValue[] {
  const properties: DynamicConfigValue[] = [{ id: 'displayName', value: title }];
  if (unit !== undefined) properties.push({ id: 'unit', value: unit });
  if (decimals !== undefined) properties.push({ id: 'decimals', value: decimals });
  if (link !== undefined) properties.push({ id: 'links', value: [link] });
  if (hasBar === true) {
    properties.push(
      { id: 'custom.cellOptions', value: { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' } },
      { id: 'color', value: { mode: 'continuous-BlPu' } },
      { id: 'min', value: 0 },
    );
  }
  return properties;
}

type AnyPanelBuilder = TimeSeriesBuilder | StatBuilder | TableBuilder;

function withContent<B extends AnyPanelBuilder>(builder: B, content: PanelContent): B {
  const {
    id,
    title,
    description,
    unit,
    queries,
    width,
    height = 8,
    timeFrom,
    interval,
    maxPoints,
    transformations,
  } = content;
  builder
    .id(id)
    .title(title)
    .description(description)
    .unit(unit)
    .noValue('no data')
    .datasource(dataSource(queries[0].source))
    .span(width)
    .height(height)
    .targets(queries.map((query, index) => targetOf(query, String.fromCharCode(65 + index))));
  if (timeFrom !== undefined) builder.timeFrom(timeFrom);
  if (interval !== undefined) builder.interval(interval);
  if (maxPoints !== undefined) builder.maxDataPoints(maxPoints);
  if (transformations !== undefined) builder.transformations([...transformations]);
  return builder;
}
