import type { Spikes } from '../../src/config/alerts-schema.ts';
import type { Alarm } from './alert-states.ts';
import type { LabelledSpike } from './corpus.ts';

/** How far the alarms of the spike rules are from the truth. */
export type SpikeScore = {
  /** Spikes of factor 5 and more whose every minute is above the shipped floor, and that were seen. */
  readonly due: number;
  /** Those of them that were told within two minutes of their start. */
  readonly found: number;
  /** Seconds from start to alarm, of those. */
  readonly delays: readonly number[];
  /** Those that were told later. */
  readonly late: number;
  /** Alarms of rooms in which nothing was. */
  readonly falseAlarms: readonly Alarm[];
  /** Spikes that need not be told: weaker, smaller, or unseen in their first two minutes; and how many of them were. */
  readonly others: number;
  readonly othersFound: number;
};

const minuteMs = 60_000;
/** An alarm may come this long after the end of what it is about. */
const graceMs = 2 * minuteMs;

const ruleOf = {
  gifts: 'livetally-gift-spike',
  coins: 'livetally-coin-spike',
  viewers: 'livetally-viewer-spike',
} as const;

/** `span`: when rules were evaluated; a spike must have begun in it, and have two minutes left. */
export function scoreSpikes(
  spikes: readonly LabelledSpike[],
  alarms: readonly Alarm[],
  floors: Spikes,
  span: { readonly fromMs: number; readonly untilMs: number },
): SpikeScore {
  const byRoom = Map.groupBy(alarms, ({ labels }) => labels.get('room_id') ?? '');
  const spikesByRoom = Map.groupBy(spikes, ({ roomId }) => roomId);
  const delays: number[] = [];
  const count = { due: 0, late: 0, others: 0, othersFound: 0 };
  for (const spike of spikes) {
    if (spike.startMs < span.fromMs || spike.startMs + graceMs > span.untilMs) continue;
    const alarm = (byRoom.get(spike.roomId) ?? []).find(
      ({ rule, atMs }) => rule === ruleOf[spike.counter] && atMs >= spike.startMs && atMs <= spike.endMs + graceMs,
    );
    const isDue = spike.factor >= 5 && spike.leastPerMinute >= floors[spike.counter].floor && spike.isSeen;
    if (!isDue) {
      count.others++;
      if (alarm !== undefined) count.othersFound++;
      continue;
    }
    count.due++;
    if (alarm === undefined) continue;
    if (alarm.atMs <= spike.startMs + 2 * minuteMs) delays.push((alarm.atMs - spike.startMs) / 1000);
    else count.late++;
  }
  const falseAlarms = alarms.filter(
    (alarm) => !(spikesByRoom.get(alarm.labels.get('room_id') ?? '') ?? []).some((spike) => explains(spike, alarm)),
  );
  return { ...count, found: delays.length, delays, falseAlarms };
}

/** A spike of gifts is one of coins too. */
function explains(spike: LabelledSpike, { rule, atMs }: Alarm): boolean {
  const isOfRule = rule === ruleOf[spike.counter] || (spike.counter === 'gifts' && rule === ruleOf.coins);
  return isOfRule && atMs >= spike.startMs && atMs <= spike.endMs + graceMs;
}
