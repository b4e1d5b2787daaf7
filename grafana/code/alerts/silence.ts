import type { AlertSettings } from '../../../src/config/alerts-schema.ts';
import { dashboardUids, panelIds } from '../panel-ids.ts';
import { quoted } from '../selection.ts';
import type { Rooms } from './rooms.ts';
import { type AlertRule, influxqlNumber, math, promql } from './rule.ts';

/** The last two minutes against the ten before them, in seconds before the evaluation. */
const untilNow = { from: 720 };
const before = { from: 720, to: 120 };

export const showEndUid = 'livetally-show-end';

/**
 * Income is counted in the time that rooms earn, not in coins: one show that ends takes no more than its own time with it, however
 * large it is. The last two minutes are the difference of two spans, because a query of them alone has no row at all where there
 * is nothing, and what is missing drops out of Grafana's math. Compared is the share of the observed time, so that a restart, a
 * gap or an outage, which take both away, change nothing.
 */
export function silenceRules({ silence }: AlertSettings): readonly AlertRule[] {
  const rooms = `"gift_coins_delta" > 0 AND "in_gap" = 0`;
  return [
    {
      uid: 'livetally-income-silent',
      title: 'Income gone silent',
      severity: 'critical',
      nodes: [
        ...influxqlNumber('earning', observedTime([rooms], '"app"'), untilNow),
        ...influxqlNumber('earning_before', observedTime([rooms], '"app"'), before),
        ...observed,
        math('rooms_before', '$earning_before / 10'),
        math(
          'silent',
          [
            `$rooms_before >= ${silence.rooms}`,
            '$observed - $observed_before >= $observed_before / 10',
            `($earning - $earning_before) * $observed_before <= ${1 - silence.share} * $earning_before * ($observed - $observed_before)`,
          ].join(' && '),
        ),
      ],
      condition: 'silent',
      noData: 'OK',
      for: '1m',
      panel: { dashboard: 'live', id: panelIds.live.giftCoins },
      summary:
        'Rooms of app {{ $labels.app }} that still answer earn much less than before: about ' +
        '{{ printf "%.0f" $values.rooms_before.Value }} of them were earning at a time.',
    },
    {
      uid: 'livetally-rooms-gone',
      title: 'Rooms gone at once',
      severity: 'critical',
      nodes: [promql('gone', goneShare(silence.rooms)), math('are_gone', `$gone >= ${silence.share}`)],
      condition: 'are_gone',
      noData: 'OK',
      for: '0s',
      panel: { dashboard: 'health', id: panelIds.health.targets },
      summary:
        '{{ humanizePercentage $values.gone.Value }} of the rooms of app {{ $labels.app }} have gone within two minutes.',
    },
  ];
}

/** For rooms whose every end of income is to be told. Needs another room of the app that goes on: alone, the end of a show looks like an outage. */
export function showEndRule(rooms: Rooms): AlertRule {
  const conditions = [...rooms.conditions, '"gift_coins_delta" > 0', '"in_gap" = 0'];
  const id = panelIds.room.giftCoins;
  return {
    uid: `${showEndUid}${rooms.suffix}`,
    title: `Show stopped earning${rooms.words}`,
    severity: 'warning',
    nodes: [
      ...influxqlNumber('earning', observedTime(conditions, '"app", "room_id"'), untilNow),
      ...influxqlNumber('earning_before', observedTime(conditions, '"app", "room_id"'), before),
      ...observed,
      math(
        'ended',
        [
          '$earning_before >= 8',
          '$earning - $earning_before < 0.1',
          '$observed - $observed_before >= $observed_before / 10',
        ].join(' && '),
      ),
    ],
    condition: 'ended',
    noData: 'OK',
    for: '0s',
    panel: { dashboard: 'room', id },
    summary:
      'Room {{ $labels.room_id }} of app {{ $labels.app }} was earning all the time and has stopped for two minutes.',
    link:
      `d/${dashboardUids.room}?from=now-1h&to=now&viewPanel=${id}` +
      '&var-app={{ urlquery $labels.app }}&var-room={{ urlquery $labels.room_id }}',
  };
}

/** Room-minutes. */
function observedTime(conditions: readonly string[], by: string): string {
  const where = ['$timeFilter', ...conditions].join(' AND ');
  return `SELECT sum(${quoted('gap_ms')}) / 60000.0 FROM "room_stats" WHERE ${where} GROUP BY ${by}`;
}

const observed = [
  ...influxqlNumber('observed', observedTime(['"in_gap" = 0'], '"app"'), untilNow),
  ...influxqlNumber('observed_before', observedTime(['"in_gap" = 0'], '"app"'), before),
];

/**
 * Of the rooms that existed two minutes ago, by what Tencent answered: rooms that are destroyed answer no more and leave no samples.
 * After a start livetally has yet to learn which are gone, so its first minutes do not count. Whatever Prometheus calls the job,
 * its process is the one with livetally's build.
 */
function goneShare(rooms: number): string {
  const gone = 'livetally_targets_gone{endpoint="room_stats"}';
  const all = 'livetally_targets{endpoint="room_stats"}';
  return (
    `(sum by (app) (${gone} - ${gone} offset 2m) / (sum by (app) (${all} offset 2m - ${gone} offset 2m) >= ${rooms}))` +
    ' and on () (time() - max(process_start_time_seconds and on (job, instance) livetally_build_info) > 300)'
  );
}
