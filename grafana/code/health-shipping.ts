import { panelIds } from './panel-ids.ts';
import { timeSeries } from './panels.ts';
import { expr, metric } from './prometheus-queries.ts';

const ids = panelIds.health;

/** What is committed, delivered, and waits. */
export function shippingPanels() {
  return [
    timeSeries({
      id: ids.delivered,
      title: 'Samples committed and delivered',
      description:
        'A second: samples committed to the store, and those that the sink confirmed. After an outage more are delivered than committed, until the backlog is gone.',
      unit: 'cps',
      width: 12,
      queries: [
        expr(
          `sum by (endpoint) (rate(${metric('livetally_samples_committed_total')}[$__rate_interval]))`,
          'committed: {{endpoint}}',
        ),
        expr(
          `sum by (sink, endpoint) (rate(${metric('livetally_samples_delivered_total')}[$__rate_interval]))`,
          'delivered to {{sink}}: {{endpoint}}',
        ),
      ],
    }),
    timeSeries({
      id: ids.waiting,
      title: 'Samples that wait to be shipped',
      description:
        'Committed and not yet delivered. Some always wait for their batch; a growing number means that the sink is away or too slow.',
      unit: 'locale',
      width: 12,
      queries: [expr(`sum by (sink, endpoint) (${metric('livetally_samples_waiting')})`, '{{sink}}: {{endpoint}}')],
    }),
    timeSeries({
      id: ids.refused,
      title: 'Samples rejected and dropped',
      description:
        'In the last 15 minutes. Rejected: the sink refused them for good, they are set aside with its words. Dropped: deleted before the sink had them, because the disk budget was spent. Both should be 0.',
      unit: 'locale',
      width: 12,
      style: 'bars',
      queries: [
        expr(
          `sum by (sink, endpoint) (increase(${metric('livetally_samples_rejected_total')}[15m]))`,
          'rejected by {{sink}}: {{endpoint}}',
        ),
        expr(
          `sum by (sink, endpoint) (increase(${metric('livetally_samples_dropped_total')}[15m]))`,
          'dropped for {{sink}}: {{endpoint}}',
        ),
      ],
    }),
    timeSeries({
      id: ids.storeSize,
      title: 'Size of the store',
      description:
        'Used pages of the store and its write-ahead log, against the disk budget (store.max_size). At the budget the oldest rows go, what was not shipped last.',
      unit: 'bytes',
      width: 12,
      queries: [
        expr(`max(${metric('livetally_store_size_bytes')})`, 'used'),
        expr(`max(${metric('livetally_store_max_size_bytes')})`, 'budget'),
      ],
    }),
  ];
}
