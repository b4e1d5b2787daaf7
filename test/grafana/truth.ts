import { counters } from '../../src/model/measurement.ts';
import type { Endpoint, Labels } from '../../src/model/target.ts';
import { dueInstants, type Past, pollIntervalOf } from './past.ts';

/** What is true at one poll, worked out from the lives of the world alone: neither the tally nor the roll-up had a part in it. */
export type TruthRow = {
  readonly endpoint: Endpoint;
  /** `app`, `room_id`, `user_id` of a receiver, and the labels. */
  readonly tags: Labels;
  readonly timeMs: number;
  /** When livetally saw the life first. */
  readonly sessionMs: number;
  readonly gapMs: number | undefined;
  readonly inGap: boolean;
  /** By name, as in the points: totals, and growth where there is something to compare with. */
  readonly values: Readonly<Record<string, number>>;
};

export function truthOf(past: Past): readonly TruthRow[] {
  return past.targets.flatMap((_, place) => rowsOf(past, place));
}

function rowsOf(past: Past, place: number): readonly TruthRow[] {
  const watched = past.targets[place];
  if (watched === undefined) return [];
  const { target, inWorld, labelsAt } = watched;
  const { app, roomId, endpoint } = target;
  const intervalMs = pollIntervalOf(past, place);
  const lives = past.world.truth(inWorld.roomId, past.fromMs, past.untilMs);
  const rows: TruthRow[] = [];
  let before: { dueMs: number; life: object; sessionMs: number; totals: readonly (number | undefined)[] } | undefined;
  let goneMs: number | undefined;
  for (const dueMs of dueInstants(past, place)) {
    const life = lives.find(({ createdMs, destroyedMs }) => createdMs <= dueMs && dueMs < destroyedMs);
    const totals = past.world.totals(inWorld, dueMs);
    if (life === undefined || totals === undefined) {
      goneMs = dueMs;
      continue;
    }
    const comparedMs = before?.dueMs ?? goneMs;
    const gapMs = comparedMs && dueMs - comparedMs;
    const isSameLife = before?.life === life;
    const sessionMs = isSameLife && before !== undefined ? before.sessionMs : dueMs;
    const values: Record<string, number> = {};
    for (const [index, counter] of counters[endpoint].entries()) {
      const total = totals[index] ?? 0;
      values[counter.total] = total;
      // The first sample of all has nothing before it; a life that was not there before, or is a later one, counts from zero.
      if (gapMs !== undefined) values[counter.delta] = total - (isSameLife ? (before?.totals[index] ?? 0) : 0);
    }
    rows.push({
      endpoint,
      tags: {
        app,
        room_id: roomId,
        ...(target.endpoint === 'gift_count' && { user_id: target.userId }),
        ...labelsAt(dueMs),
      },
      timeMs: dueMs,
      sessionMs,
      gapMs,
      inGap: gapMs !== undefined && gapMs > 2 * intervalMs,
      values,
    });
    before = { dueMs, life, sessionMs, totals };
  }
  return rows;
}
