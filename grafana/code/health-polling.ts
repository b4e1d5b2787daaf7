import { panelIds } from './panel-ids.ts';
import { timeSeries } from './panels.ts';
import { expr, ofApp, quantiles, rate } from './prometheus-queries.ts';

const ids = panelIds.health;

/** What is asked of Tencent, and how it ends. */
export function pollingPanels() {
  const perEndpoint = '{{app}} {{endpoint}}';
  return [
    timeSeries({
      id: ids.requests,
      title: 'Requests against the limit',
      description:
        'Requests to Tencent a second, retries included; the configured limit; and what is allowed now, which is less after a rate-limit answer and 0 while paused.',
      unit: 'reqps',
      width: 12,
      line: '/limit$|allowed$/',
      queries: [
        expr(`sum by (app, endpoint) (${rate('livetally_requests_total')})`, perEndpoint),
        expr(`max by (app, endpoint) (${ofApp('livetally_rate_limit')})`, `${perEndpoint} limit`),
        expr(`max by (app, endpoint) (${ofApp('livetally_rate_allowed')})`, `${perEndpoint} allowed`),
      ],
    }),
    timeSeries({
      id: ids.outcomes,
      title: 'Polls by outcome',
      description:
        '"answered" is a sample; everything else is a failure, "gone" (the room does not exist) the one that is normal.',
      unit: 'reqps',
      width: 12,
      style: 'stacked bars',
      queries: [expr(`sum by (outcome) (${rate('livetally_polls_total')})`, '{{outcome}}')],
    }),
    timeSeries({
      id: ids.lateness,
      title: 'Lateness of polls',
      description:
        'From the instant a poll was due to its first request: half of the polls, and 99 of 100, are faster than this.',
      unit: 's',
      width: 12,
      queries: quantiles('livetally_poll_lateness_seconds', perEndpoint),
    }),
    timeSeries({
      id: ids.requestDuration,
      title: 'Duration of requests',
      description:
        'From sending a request to having its answer, or giving it up: half of them, and 99 of 100, are faster than this.',
      unit: 's',
      width: 12,
      queries: quantiles('livetally_request_duration_seconds', perEndpoint),
    }),
    timeSeries({
      id: ids.skipped,
      title: 'Polls skipped, and waiting for the limit',
      description:
        'Polls that were due and not made, a second, by reason; and polls that are due and wait for the rate limit now.',
      unit: 'locale',
      width: 8,
      queries: [
        expr(`sum by (reason) (${rate('livetally_polls_skipped_total')})`, 'skipped a second: {{reason}}'),
        expr(`sum by (endpoint) (${ofApp('livetally_queue_length')})`, 'waiting: {{endpoint}}'),
      ],
    }),
    timeSeries({
      id: ids.pauses,
      title: 'Pauses of endpoints',
      description:
        'In the last 10 minutes. throttled: a limit was exceeded by anyone who shares the account; locked_out and refused: Tencent shut the app out, the log names the remedy.',
      unit: 'locale',
      width: 8,
      style: 'bars',
      queries: [
        expr(
          `sum by (app, endpoint, reason) (increase(${ofApp('livetally_pauses_total')}[10m]))`,
          `${perEndpoint} {{reason}}`,
        ),
      ],
    }),
    timeSeries({
      id: ids.targets,
      title: 'Targets',
      description: 'Rooms and receivers on the watchlist, and how many of them do not exist at the moment.',
      unit: 'locale',
      width: 8,
      queries: [
        expr(`sum by (endpoint) (${ofApp('livetally_targets')})`, '{{endpoint}}'),
        expr(`sum by (endpoint) (${ofApp('livetally_targets_gone')})`, '{{endpoint}} gone'),
      ],
    }),
  ];
}
