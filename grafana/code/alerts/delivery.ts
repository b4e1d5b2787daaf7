import type { AlertSettings } from '../../../src/config/alerts-schema.ts';
import { panelIds } from '../panel-ids.ts';
import { type AlertRule, influxql, isAbove, isMissing, promql } from './rule.ts';

const ids = panelIds.health;

/** A session is over long before it is closed, so its age says nothing. */
const waitingAge = 'livetally_samples_waiting_age_seconds or livetally_windows_waiting_age_seconds{tier!="session"}';
const rejectedPoints =
  'increase(livetally_samples_rejected_total[15m]) or increase(livetally_windows_rejected_total[15m])';

/** What keeps the numbers from being there. All but the first say what the rules of `config/prometheus` say, to those who look at Grafana alone. */
export function deliveryRules({ nothingArrivesMs, lateMs, storeShare }: AlertSettings): readonly AlertRule[] {
  return [
    nothingArrives(nothingArrivesMs / 1000),
    {
      uid: 'livetally-data-late',
      title: 'Data late',
      severity: 'warning',
      nodes: [promql('age', `max by (sink, endpoint) (${waitingAge})`), isAbove('is_late', 'age', lateMs / 1000)],
      condition: 'is_late',
      noData: 'OK',
      for: '5m',
      panel: { dashboard: 'health', id: ids.waitingAge },
      summary:
        'Samples or windows of {{ $labels.endpoint }} wait for {{ $labels.sink }} since {{ humanizeDuration $values.age.Value }}.',
    },
    {
      uid: 'livetally-rejected',
      title: 'Points refused for good',
      severity: 'warning',
      nodes: [
        promql('rejected', `sum by (sink, endpoint) (${rejectedPoints})`),
        isAbove('are_rejected', 'rejected', 0),
      ],
      condition: 'are_rejected',
      noData: 'OK',
      for: '0s',
      panel: { dashboard: 'health', id: ids.refused },
      summary:
        '{{ $labels.sink }} has refused samples or windows of {{ $labels.endpoint }} for good; the log of livetally has its words.',
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

/** Prometheus learns of a poll up to a scrape later than InfluxDB does, and InfluxDB of the end of polling at once. */
const learnSeconds = 120;

/**
 * No data is the alarm, unless livetally itself says that there is none to be had: outside show hours, or while no room exists. A
 * livetally that cannot be asked should have some, and so should one whose polls fail more often than they find a room gone: Tencent
 * cannot be reached, or refuses. An InfluxDB that does not answer is no data too.
 */
function nothingArrives(seconds: number): AlertRule {
  const lately = `[${seconds - learnSeconds}s]`;
  const polls = (outcomes: string) => `sum(increase(livetally_polls_total{outcome${outcomes}}${lately}))`;
  const failed = `${polls('!~"answered|gone|bad_target"')} + sum(increase(livetally_polls_skipped_total${lately}))`;
  const expected = `${polls('="answered"')} + clamp_min(${failed} - ${polls('=~"gone|bad_target"')}, 0)`;
  return {
    uid: 'livetally-nothing-arrives',
    title: 'Nothing arrives from livetally',
    severity: 'critical',
    nodes: [
      influxql('arrived', 'SELECT count("delay_ms") FROM "room_stats", "gift_count" WHERE $timeFilter', {
        from: seconds,
      }),
      promql('expected', `${expected} or vector(1)`),
      isMissing('is_missing', 'arrived', 'expected'),
    ],
    condition: 'is_missing',
    noData: 'Alerting',
    error: 'Alerting',
    for: '2m',
    panel: { dashboard: 'live', id: panelIds.live.roomsAnswering },
    summary: `InfluxDB has got no sample from livetally for ${Math.round(seconds / 60)} minutes, or does not answer.`,
  };
}
