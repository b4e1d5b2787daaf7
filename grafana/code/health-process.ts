import { panelIds } from './panel-ids.ts';
import { timeSeries } from './panels.ts';
import { expr, metric, ofApp } from './prometheus-queries.ts';

const ids = panelIds.health;

/** What the tally meets, and how the process fares. */
export function processPanels() {
  return [
    timeSeries({
      id: ids.falls,
      title: 'Sessions begun, and counters that fell',
      description:
        'In the last 10 minutes. Sessions: rooms made anew. Fallen counters: stale answers; a few are normal, many from all rooms mean that the service answers from a lagging copy.',
      unit: 'locale',
      width: 6,
      style: 'bars',
      queries: [
        expr(`sum by (endpoint) (increase(${ofApp('livetally_sessions_began_total')}[10m]))`, 'sessions: {{endpoint}}'),
        expr(`sum by (endpoint) (increase(${ofApp('livetally_regressions_total')}[10m]))`, 'fallen: {{endpoint}}'),
      ],
    }),
    timeSeries({
      id: ids.clockOffset,
      title: 'Clock offset',
      description: 'How far the wall clock is from the collector clock, which is drawn towards it and never set back.',
      unit: 's',
      width: 6,
      queries: [expr(`abs(${metric('livetally_clock_offset_seconds')})`, 'offset')],
    }),
    timeSeries({
      id: ids.memory,
      title: 'Memory',
      description: 'Resident memory of the process, and what waits in it for the store to commit.',
      unit: 'bytes',
      width: 6,
      queries: [expr('process_resident_memory_bytes and on (instance) livetally_build_info', 'resident')],
    }),
    timeSeries({
      id: ids.eventLoop,
      title: 'Lag of the event loop',
      description:
        'How late the process does what it meant to do, 99 times of 100 less than this. What Node measures holds the half second between two looks, which is taken out of it.',
      unit: 's',
      width: 6,
      queries: [
        expr(
          '(nodejs_eventloop_lag_p99_seconds - nodejs_eventloop_lag_min_seconds) and on (instance) livetally_build_info',
          'lag',
        ),
      ],
    }),
  ];
}
