import type { AlertSettings } from '../../../src/config/alerts-schema.ts';
import { panelIds } from '../panel-ids.ts';
import { type AlertRule, influxql, isAbove, isMissing, promql } from './rule.ts';

const ids = panelIds.health;

/** What keeps the numbers from being there. The last four say what the rules of `config/prometheus` say, to those who look at Grafana alone. */
export function deliveryRules({ nothingArrivesMs, lateMs, storeShare }: AlertSettings): readonly AlertRule[] {
  return [
    nothingArrives(nothingArrivesMs / 1000),
    {
      uid: 'livetally-data-late',
      title: 'Data late',
      severity: 'warning',
      nodes: [
        promql('age', 'max by (sink, endpoint) (livetally_samples_waiting_age_seconds)'),
        isAbove('is_late', 'age', lateMs / 1000),
      ],
      condition: 'is_late',
      noData: 'OK',
      for: '5m',
      panel: { dashboard: 'health', id: ids.waitingAge },
      summary:
        'Samples of {{ $labels.endpoint }} wait for {{ $labels.sink }} since {{ humanizeDuration $values.age.Value }}.',
    },
    {
      uid: 'livetally-store-filling',
      title: 'Store filling',
      severity: 'critical',
      nodes: [
        promql(
          'used',
          'max(livetally_store_size_bytes / livetally_store_max_size_bytes) and on () sum(livetally_samples_waiting) > 100000',
        ),
        isAbove('is_filling', 'used', storeShare),
      ],
      condition: 'is_filling',
      noData: 'OK',
      for: '5m',
      panel: { dashboard: 'health', id: ids.storeSize },
      summary:
        'The store has used {{ humanizePercentage $values.used.Value }} of its budget, with samples that were not shipped.',
    },
    {
      uid: 'livetally-refused',
      title: 'Signature refused',
      severity: 'critical',
      nodes: [
        promql(
          'refusals',
          'sum by (app, endpoint) (increase(livetally_polls_total{outcome=~"refused|signature_refused|locked_out"}[10m]))',
        ),
        isAbove('is_refused', 'refusals', 0),
      ],
      condition: 'is_refused',
      noData: 'OK',
      for: '0s',
      panel: { dashboard: 'health', id: ids.outcomes },
      summary:
        'Tencent refuses {{ $labels.endpoint }} of app {{ $labels.app }}; the log of livetally names the code and the remedy.',
    },
    {
      uid: 'livetally-limit-exceeded',
      title: 'Limit exceeded by others',
      severity: 'warning',
      nodes: [
        promql('pauses', 'sum by (app, endpoint) (increase(livetally_pauses_total{reason="throttled"}[10m]))'),
        isAbove('is_throttled', 'pauses', 0),
      ],
      condition: 'is_throttled',
      noData: 'OK',
      for: '0s',
      panel: { dashboard: 'health', id: ids.pauses },
      summary:
        "Tencent limits {{ $labels.endpoint }} of app {{ $labels.app }}: another program shares the account's limit.",
    },
  ];
}

/**
 * No data is the alarm, unless livetally itself says that there is none to be had: outside show hours, or while no room exists. A
 * livetally that cannot be asked should have some.
 */
function nothingArrives(seconds: number): AlertRule {
  const answered = 'sum(increase(livetally_polls_total{outcome="answered"}[5m]))';
  return {
    uid: 'livetally-nothing-arrives',
    title: 'Nothing arrives from livetally',
    severity: 'critical',
    nodes: [
      influxql('arrived', 'SELECT count("delay_ms") FROM "room_stats", "gift_count" WHERE $timeFilter', {
        from: seconds,
      }),
      promql('expected', `${answered} or vector(1)`),
      isMissing('is_missing', 'arrived', 'expected'),
    ],
    condition: 'is_missing',
    noData: 'Alerting',
    for: '1m',
    panel: { dashboard: 'live', id: panelIds.live.roomsAnswering },
    summary: `InfluxDB has got no sample from livetally for ${Math.round(seconds / 60)} minutes.`,
  };
}
