import type { SpikeBounds, Spikes } from '../../../src/config/alerts-schema.ts';
import { type CounterWords, giftCoins, giftsSent, viewers } from '../counter-words.ts';
import { dashboardUids, panelIds } from '../panel-ids.ts';
import { quoted } from '../selection.ts';
import type { Rooms } from './rooms.ts';
import { type AlertRule, influxqlNumber, math, type Span } from './rule.ts';

const kinds = [
  {
    bounds: 'gifts',
    uid: 'livetally-gift-spike',
    title: 'Gift spike',
    counter: giftsSent,
    panel: panelIds.room.giftsSent,
  },
  {
    bounds: 'coins',
    uid: 'livetally-coin-spike',
    title: 'Coin spike',
    counter: giftCoins,
    panel: panelIds.room.giftCoins,
  },
  {
    bounds: 'viewers',
    uid: 'livetally-viewer-spike',
    title: 'Viewer-entry spike',
    counter: viewers,
    panel: panelIds.room.viewers,
  },
] as const;

export const spikeUids = kinds.map(({ uid }) => uid);

/** One rule for each counter whose spikes are told. */
export function spikeRules(spikes: Spikes, rooms: Rooms, intervalMs: number): readonly AlertRule[] {
  return kinds.map(({ bounds, uid, title, counter, panel }) => ({
    uid: `${uid}${rooms.suffix}`,
    title: `${title}${rooms.words}`,
    severity: 'warning',
    nodes: spikeNodes(counter, spikes[bounds], rooms, spansOf(intervalMs)),
    condition: 'spike',
    noData: 'OK',
    for: '0s',
    panel: { dashboard: 'room', id: panel },
    summary:
      `${counter.title} in room {{ $labels.room_id }} of app {{ $labels.app }}: ` +
      '{{ printf "%.0f" $values.now.Value }} a minute, usually {{ printf "%.0f" $values.usual.Value }}.',
    link:
      `d/${dashboardUids.room}?from=now-1h&to=now&viewPanel=${panel}` +
      '&var-app={{ urlquery $labels.app }}&var-room={{ urlquery $labels.room_id }}',
  }));
}

/**
 * A room without a past to speak of must exceed the floor by so much. A wrong answer that is too high makes a room look silent until
 * its counters have passed it, and what goes on then is no spike.
 */
const fromSilence = 5;

type Spans = { readonly now: Span; readonly past: Span; readonly session: Span; readonly minutes: number };

/** At the usual 15 s: the last minute against the last 40, in a session that was watched for 5 of the last 10. Slower schedules stretch it. */
function spansOf(intervalMs: number): Spans {
  const minutes = Math.max(1, Math.ceil(intervalMs / 60_000));
  const nowSeconds = Math.max(60, Math.ceil((4 * intervalMs) / 1000));
  return { now: { from: nowSeconds }, past: { from: 2400 * minutes }, session: { from: 10 * nowSeconds }, minutes };
}

/**
 * - `now`: the rate of the last minute, per minute.
 * - `steady`: the same without the largest sample, so that one glitch, or one whale's gift, is no spike.
 * - `usual`: what the room stays below in three of four minutes. A mean would carry an earlier spike along, a median would forget
 *   how a slow ramp rose. Minutes are not rated by the time observed, which would double the cost of the dearest query: those
 *   that were seen in part are among the lower three.
 * - `watched`: minutes of the last ten that were observed in the present session. A show that begins, or a room that was made anew,
 *   has no past to stand out from; the distance between two sessions makes it negative.
 *
 * Growth in gaps is left out throughout. Rooms are told apart by app and room alone: a change of labels does not cut their past.
 * Each longer span holds the shorter ones, so that no room is in `now` and missing in another: Grafana's math pairs two numbers
 * of different labels when each side has only one.
 */
function spikeNodes(counter: CounterWords, { floor, factor }: SpikeBounds, rooms: Rooms, spans: Spans) {
  const grown = quoted(counter.delta);
  const where = ['$timeFilter', '"in_gap" = 0', ...rooms.conditions].join(' AND ');
  const from = `FROM "room_stats" WHERE ${where}`;
  const byRoom = 'GROUP BY "app", "room_id"';
  const rate = `sum(${grown}) * 60000.0 / sum("gap_ms")`;
  const others = `(count(${grown}) - 1)`;
  return [
    ...influxqlNumber('now', `SELECT ${rate} ${from} ${byRoom}`, spans.now),
    ...influxqlNumber(
      'steady',
      `SELECT (sum(${grown}) - max(${grown})) * 60000.0 * count(${grown}) / (sum("gap_ms") * ${others}) ${from} ${byRoom}`,
      spans.now,
    ),
    ...influxqlNumber(
      'usual',
      `SELECT percentile("rate", 75) FROM (SELECT sum(${grown}) / ${spans.minutes}.0 AS "rate" ${from} ${byRoom}, time(${spans.minutes}m) fill(none)) ${byRoom}`,
      spans.past,
    ),
    ...influxqlNumber(
      'watched',
      `SELECT (sum("gap_ms") - spread("session")) / 60000.0 ${from} ${byRoom}`,
      spans.session,
    ),
    math(
      'spike',
      [
        `$now > ${floor}`,
        `$steady > ${floor / 2}`,
        `$steady > ${factor} * $usual`,
        `($usual > 0 || $now > ${fromSilence * floor})`,
        `$watched >= ${spans.session.from / 120}`,
      ].join(' && '),
    ),
  ];
}
