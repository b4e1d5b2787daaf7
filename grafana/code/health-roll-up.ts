import { panelIds } from './panel-ids.ts';
import { timeSeries } from './panels.ts';
import { expr, metric } from './prometheus-queries.ts';

const ids = panelIds.health;

/** What samples are summed up to: months are paid out by it. */
export function rollUpPanels() {
  return [
    timeSeries({
      id: ids.windowsWaiting,
      title: 'Windows and sessions that wait to be shipped',
      description:
        'Windows that have ended, and sessions that have closed, and that the sink of their tier has not confirmed. A growing number means that it is away, refuses them or is too slow.',
      unit: 'locale',
      width: 6,
      queries: [expr(`sum by (sink, tier) (${metric('livetally_windows_waiting')})`, '{{sink}}: {{tier}}')],
    }),
    timeSeries({
      id: ids.windowsWaitingAge,
      title: 'Oldest window or session that waits',
      description: 'Time since the end of the oldest window or session that was not yet shipped; 0 when none waits.',
      unit: 's',
      width: 6,
      queries: [expr(`max by (sink, tier) (${metric('livetally_windows_waiting_age_seconds')})`, '{{sink}}: {{tier}}')],
    }),
    timeSeries({
      id: ids.rollUpWaiting,
      title: 'Samples that wait to be rolled up',
      description:
        'Committed samples that are in no window yet. Up to five minutes of them always wait; a growing number means that the roll-up does not keep up.',
      unit: 'locale',
      width: 6,
      queries: [expr(`sum by (endpoint) (${metric('livetally_roll_up_waiting')})`, '{{endpoint}}')],
    }),
    timeSeries({
      id: ids.windowsLost,
      title: 'Windows and sessions rejected, dropped, or lacking samples',
      description:
        'In the last 15 minutes. Rejected: the sink refused windows or sessions for good, they are set aside with its words. Dropped: deleted before the sink had them; not rolled up: samples deleted before any window had them; both because the disk budget was spent. All should be 0.',
      unit: 'locale',
      width: 6,
      style: 'bars',
      queries: [
        expr(
          `sum by (sink, tier) (increase(${metric('livetally_windows_rejected_total')}[15m]))`,
          'rejected by {{sink}}: {{tier}}',
        ),
        expr(
          `sum by (sink, tier) (increase(${metric('livetally_windows_dropped_total')}[15m]))`,
          'dropped for {{sink}}: {{tier}}',
        ),
        expr(
          `sum by (endpoint) (increase(${metric('livetally_roll_up_dropped_total')}[15m]))`,
          'samples not rolled up: {{endpoint}}',
        ),
      ],
    }),
  ];
}
