import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import type { Tier } from '../../src/model/window.ts';

/** Where a query reads: raw samples, a tier, or livetally's own metrics. */
export type Source = 'raw' | Tier | 'prometheus';

export const sources = ['raw', '5m', '1h', '1d', '1mo', 'prometheus'] as const satisfies readonly Source[];

export function dataSource(source: Source): Required<Pick<DataSourceRef, 'type' | 'uid'>> {
  return { type: source === 'prometheus' ? 'prometheus' : 'influxdb', uid: `livetally-${source}` };
}

/** One query of a panel. `legend` is Grafana's alias pattern in InfluxQL, a `{{label}}` pattern in PromQL. */
export type Query = {
  readonly source: Source;
  readonly text: string;
  /** `table`: one frame with all columns; otherwise one frame for each series and column. */
  readonly format: 'time_series' | 'table';
  readonly legend?: string;
};

/** What Grafana's InfluxDB data source keeps of a query written as text. The SDK has no builder for it. */
type InfluxqlTarget = Dataquery & {
  readonly refId: string;
  readonly datasource: DataSourceRef;
  readonly query: string;
  readonly rawQuery: true;
  readonly resultFormat: Query['format'];
  readonly alias?: string;
};

class InfluxqlTargetBuilder implements Builder<Dataquery> {
  readonly #target: InfluxqlTarget;

  constructor(refId: string, { source, text, format, legend }: Query) {
    this.#target = {
      refId,
      datasource: dataSource(source),
      query: text,
      rawQuery: true,
      resultFormat: format,
      ...(legend !== undefined && { alias: legend }),
      _implementsDataqueryVariant: () => undefined,
    };
  }

  build(): InfluxqlTarget {
    return this.#target;
  }
}

export function targetOf(query: Query, refId: string): Builder<Dataquery> {
  if (query.source !== 'prometheus') return new InfluxqlTargetBuilder(refId, query);
  const builder = new DataqueryBuilder().refId(refId).datasource(dataSource('prometheus')).expr(query.text);
  if (query.legend !== undefined) builder.legendFormat(query.legend);
  return query.format === 'table' ? builder.instant().format(PromQueryFormat.Table) : builder.range();
}
