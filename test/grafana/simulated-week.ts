import type { Labels } from '../../src/model/target.ts';
import { createWorld } from '../../src/simulator/world.ts';
import type { Past, PastTarget } from './past.ts';

/** Names as bad as configuration lets them be, for the first rooms of the world. */
const hardNames = ['12/5 live (vip)', 'o\'brien, "x"=y', 'a.b*c+d?[e]', '直播间 1', 'back\\slash|pipe', '$room^1'];

export const weekTimezone = 'Asia/Kolkata';
/** Of that zone, which knows no summer time. */
export const weekOffsetMs = 5.5 * 3_600_000;
export const weekLabels = ['show host', 'team'];

const hourMs = 3_600_000;
/** Of every fifth room. */
const slowMs = 240_000;
/** Thursday 26 February 2026, midnight of UTC. */
const epochMs = Date.UTC(2026, 1, 26);

/**
 * A week of a dozen rooms, most of them polled twice a minute, some every four, over the end of a month: two shows a day in each, spikes, an outage in prime time that
 * is long enough to close sessions, names that need escaping, two apps with a room of the same RoomId, rooms without labels and one that is relabelled. There are no dips and
 * no rooms made anew within a show: what the tally makes of stale answers until it knows better, the truth would have to know as well.
 */
export function simulatedWeek({ rooms = 12, receivers = 18 } = {}): Past {
  const world = createWorld({
    seed: 20260226,
    rooms,
    receivers,
    epochMs,
    dipsPerHour: 0,
    spikesPerHour: 0.6,
    remadeShare: 0,
    showsPerDay: 2,
  });
  const untilMs = epochMs + 7 * 24 * hourMs - 3 * hourMs - 17 * 60_000 - 11_000;
  const targets = world.roomIds.flatMap((worldRoom, index): PastTarget[] => {
    const roomId = hardNames[index] ?? (index === 11 ? (world.roomIds[8] ?? '') : worldRoom);
    const app = index % 4 === 3 ? 'second' : 'main';
    const labelsAt = (atMs: number) => labelsOf(index, atMs);
    const ownSchedule = index % 5 === 1 ? { intervalMs: slowMs } : {};
    return [
      {
        target: { endpoint: 'room_stats', app, roomId },
        inWorld: { endpoint: 'room_stats', roomId: worldRoom },
        labelsAt,
        ...ownSchedule,
      },
      ...world.receiversOf(worldRoom).map((userId): PastTarget => {
        return {
          target: { endpoint: 'gift_count', app, roomId, userId: `${userId}/á` },
          inWorld: { endpoint: 'gift_count', roomId: worldRoom, userId },
          labelsAt,
          ...ownSchedule,
        };
      }),
    ];
  });
  const outage = { startMs: epochMs + 5 * 24 * hourMs + 18 * hourMs, endMs: epochMs + 5 * 24 * hourMs + 18.7 * hourMs };
  return {
    world,
    targets,
    fromMs: epochMs,
    untilMs,
    intervalMs: 30_000,
    outages: [outage],
    timezone: weekTimezone,
    closeAfterMs: hourMs / 2,
  };
}

function labelsOf(index: number, atMs: number): Labels {
  if (index === 2) return {};
  const team =
    index === 0 && atMs > epochMs + 4.5 * 24 * hourMs ? 'moved (away)' : index % 2 === 0 ? 'music' : 'talk/show';
  return index === 5 ? { team } : { team, 'show host': `host ${index % 3}` };
}
