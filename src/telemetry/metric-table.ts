/** Every metric that livetally defines: the one place for its kind, meaning and labels. The README's table is made from it. */
type MetricDefinition = {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
};

const perEndpoint = ['app', 'endpoint'] as const;
const perSink = ['sink', 'endpoint'] as const;
const perTier = ['sink', 'endpoint', 'tier'] as const;

export const metricTable = {
  livetally_targets: {
    kind: 'gauge',
    help: 'Targets on the watchlist.',
    labels: perEndpoint,
  },
  livetally_targets_gone: {
    kind: 'gauge',
    help: 'Targets whose room does not exist at the moment; they are polled more rarely.',
    labels: perEndpoint,
  },
  livetally_polls_due_total: {
    kind: 'counter',
    help: 'Polls that were due; each ends as one of polls_total or polls_skipped_total.',
    labels: perEndpoint,
  },
  livetally_polls_total: {
    kind: 'counter',
    help: 'Polls that ended, by outcome; "answered" is a sample, everything else a failure.',
    labels: ['app', 'endpoint', 'outcome'],
  },
  livetally_polls_skipped_total: {
    kind: 'counter',
    help: 'Polls that were due but not made, by reason.',
    labels: ['app', 'endpoint', 'reason'],
  },
  livetally_poll_lateness_seconds: {
    kind: 'histogram',
    help: 'From the instant a poll was due to its first request.',
    labels: perEndpoint,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  livetally_requests_total: {
    kind: 'counter',
    help: 'Requests sent to Tencent, retries included.',
    labels: perEndpoint,
  },
  livetally_request_duration_seconds: {
    kind: 'histogram',
    help: 'From sending a request to having its answer, or giving it up.',
    labels: perEndpoint,
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5],
  },
  livetally_requests_in_flight: {
    kind: 'gauge',
    help: 'Requests sent and not yet answered.',
    labels: perEndpoint,
  },
  livetally_queue_length: {
    kind: 'gauge',
    help: 'Polls that are due and wait for the rate limit.',
    labels: perEndpoint,
  },
  livetally_rate_limit: {
    kind: 'gauge',
    help: 'Configured limit, in requests per second.',
    labels: perEndpoint,
  },
  livetally_rate_allowed: {
    kind: 'gauge',
    help: 'Requests per second allowed now: below the limit after a rate-limit answer, 0 while paused.',
    labels: perEndpoint,
  },
  livetally_pauses_total: {
    kind: 'counter',
    help: 'Pauses of an endpoint: throttled (a limit was exceeded, by anyone who shares the account), locked_out or refused.',
    labels: ['app', 'endpoint', 'reason'],
  },
  livetally_usersig_expiry_timestamp_seconds: {
    kind: 'gauge',
    help: 'When the signature in use expires; renewed at 80 % of its life.',
    labels: ['app'],
  },
  livetally_sessions_began_total: {
    kind: 'counter',
    help: 'Sessions that began under observation: a room was made anew.',
    labels: perEndpoint,
  },
  livetally_regressions_total: {
    kind: 'counter',
    help: 'Counters that fell without a new session (stale reads); none makes a false delta.',
    labels: perEndpoint,
  },
  livetally_samples_committed_total: {
    kind: 'counter',
    help: 'Samples committed to the store since it was made.',
    labels: ['endpoint'],
  },
  livetally_samples_delivered_total: {
    kind: 'counter',
    help: 'Committed samples that the sink confirmed.',
    labels: perSink,
  },
  livetally_samples_waiting: {
    kind: 'gauge',
    help: 'Committed samples that wait to be shipped.',
    labels: perSink,
  },
  livetally_samples_waiting_age_seconds: {
    kind: 'gauge',
    help: 'Age of the oldest sample that waits to be shipped; 0 when none waits.',
    labels: perSink,
  },
  livetally_samples_rejected_total: {
    kind: 'counter',
    help: 'Samples that the sink refused for good and that are set aside with its words.',
    labels: perSink,
  },
  livetally_samples_dropped_total: {
    kind: 'counter',
    help: 'Samples deleted before the sink had them, because the disk budget was spent.',
    labels: perSink,
  },
  livetally_roll_up_waiting: {
    kind: 'gauge',
    help: 'Committed samples that are in no window yet; up to five minutes of them.',
    labels: ['endpoint'],
  },
  livetally_roll_up_dropped_total: {
    kind: 'counter',
    help: 'Samples deleted before they were rolled up, because the disk budget was spent: windows and sessions lack them.',
    labels: ['endpoint'],
  },
  livetally_windows_committed_total: {
    kind: 'counter',
    help: 'Windows of a tier (5m, 1h, 1d, 1mo) that ended, and sessions that closed, since the store was made.',
    labels: ['endpoint', 'tier'],
  },
  livetally_windows_delivered_total: {
    kind: 'counter',
    help: 'Windows and sessions that the sink confirmed.',
    labels: perTier,
  },
  livetally_windows_waiting: {
    kind: 'gauge',
    help: 'Windows and sessions that wait to be shipped.',
    labels: perTier,
  },
  livetally_windows_waiting_age_seconds: {
    kind: 'gauge',
    help: 'Time since the end of the oldest window or session that waits to be shipped; 0 when none waits.',
    labels: perTier,
  },
  livetally_windows_rejected_total: {
    kind: 'counter',
    help: 'Windows and sessions that the sink refused for good and that are set aside with its words.',
    labels: perTier,
  },
  livetally_windows_dropped_total: {
    kind: 'counter',
    help: 'Windows and sessions deleted before the sink had them, because the disk budget was spent.',
    labels: perTier,
  },
  livetally_sink_up: {
    kind: 'gauge',
    help: '1 while the sink takes what is shipped, 0 while it is down, refuses the token or lacks the bucket; each tier has a sink of its own.',
    labels: ['sink'],
  },
  livetally_store_size_bytes: {
    kind: 'gauge',
    help: 'Used pages of the store and its write-ahead log.',
    labels: [],
  },
  livetally_store_max_size_bytes: {
    kind: 'gauge',
    help: 'Disk budget of the store (store.max_size).',
    labels: [],
  },
  livetally_store_commit_failing: {
    kind: 'gauge',
    help: '1 while the store cannot commit (disk full, I/O error); samples wait in memory.',
    labels: [],
  },
  livetally_store_uncommitted_samples: {
    kind: 'gauge',
    help: 'Samples handed to the store and not yet committed.',
    labels: [],
  },
  livetally_clock_offset_seconds: {
    kind: 'gauge',
    help: 'Wall clock minus collector clock; the collector clock is slewed towards the wall clock, never set back.',
    labels: [],
  },
  livetally_build_info: {
    kind: 'gauge',
    help: 'Always 1; the labels tell what runs.',
    labels: ['version', 'node_version'],
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metricTable;

/** The table of the README, in Markdown. */
export function describeMetrics(): string {
  const rows = Object.entries(metricTable).map(
    ([name, { kind, labels, help }]) => `| \`${name}\` | ${kind} | ${labels.join(', ')} | ${help} |`,
  );
  return ['| metric | kind | labels | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
