import type { Point } from '../../src/model/point.ts';
import { hash } from '../../src/simulator/chance.ts';
import type { Spike } from '../../src/simulator/life.ts';
import { createWorld, type World } from '../../src/simulator/world.ts';
import { CorpusRoom, intervalMs, trueTotals } from './corpus-room.ts';

export type CorpusOptions = { readonly seed: number; readonly rooms: number; readonly hours: number };

/** A spike of the simulator's truth. */
export type LabelledSpike = Spike & {
  readonly roomId: string;
  /** What the counter grew by in the least of its whole minutes. */
  readonly leastPerMinute: number;
  /** Its first two minutes were polled, and shipped at once. */
  readonly isSeen: boolean;
};

export type CorpusMinute = {
  readonly atMs: number;
  /** What has arrived in the database since the minute before. */
  readonly points: readonly Point[];
};

export type Corpus = {
  readonly spikes: readonly LabelledSpike[];
  readonly fromMs: number;
  readonly untilMs: number;
  /** Played once: the rooms go on from minute to minute. */
  minutes(): Generator<CorpusMinute>;
};

type Span = { readonly fromMs: number; readonly untilMs: number };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const midnightMs = Date.UTC(2026, 0, 5);
/** From the answer to the database. */
const shippingMs = 2_000;
/** In how many minutes a backlog is shipped, newest first. */
const backlogMinutes = 3;

/**
 * An evening of shows from five o'clock on, with daily rhythm, noise, ramps, spikes, stale answers and re-made rooms of the
 * simulator, and with what goes wrong around them: bursts and wrong answers of a single sample, missed polls, ten minutes in which
 * InfluxDB is away and is filled again newest first, six minutes in which Tencent does not answer, a restart of 90 s, and a third
 * of the rooms labelled anew.
 */
export function createCorpus({ seed, rooms, hours }: CorpusOptions): Corpus {
  const world = createWorld({ seed, rooms, spikesPerHour: 0.5, epochMs: midnightMs });
  const fromMs = midnightMs + 41 * hourMs;
  const untilMs = fromMs + hours * hourMs;
  const part = (share: number) => fromMs + Math.round((share * (untilMs - fromMs)) / minuteMs) * minuteMs;
  const lasting = (startMs: number, lengthMs: number): Span => ({ fromMs: startMs, untilMs: startMs + lengthMs });
  const away = [lasting(part(0.35), 6 * minuteMs), lasting(part(0.55) + 17_000, 1.5 * minuteMs)];
  const unshipped = lasting(part(0.75), 10 * minuteMs);
  const relabelledMs = part(0.45);
  const watched = world.roomIds.map(
    (roomId, index) => new CorpusRoom(world, roomId, hash(seed, 3, index), { fromMs, untilMs }),
  );

  function* minutes(): Generator<CorpusMinute> {
    let held: Point[] = [];
    for (let atMs = fromMs + minuteMs; atMs <= untilMs; atMs += minuteMs) {
      const arrived: Point[] = [];
      for (const [index, room] of watched.entries()) {
        for (const dueMs of room.dues(atMs - minuteMs - shippingMs, atMs - shippingMs)) {
          if (away.some((span) => isWithin(span, dueMs))) continue;
          const point = room.poll(dueMs, index % 3 === 0 && dueMs >= relabelledMs ? 'night' : 'day');
          if (point !== undefined) (isWithin(unshipped, dueMs) ? held : arrived).push(point);
        }
      }
      if (atMs > unshipped.untilMs) {
        const left = Math.max(1, backlogMinutes - Math.floor((atMs - unshipped.untilMs) / minuteMs) + 1);
        const kept = held.toSorted((a, b) => a.timeMs - b.timeMs);
        arrived.push(...kept.splice(kept.length - Math.ceil(kept.length / left)));
        held = kept;
      }
      yield { atMs, points: arrived };
    }
  }

  const hidden = [...away, { fromMs: unshipped.fromMs, untilMs: unshipped.untilMs + minuteMs }];
  const spikes = world.roomIds.flatMap((roomId) => spikesOf(world, roomId, { fromMs, untilMs }, hidden));
  return { spikes, fromMs, untilMs, minutes };
}

/** In the order of `counters.room_stats`. */
const columns = { viewers: 0, gifts: 1, coins: 2 } as const;

function spikesOf(
  world: World,
  roomId: string,
  { fromMs, untilMs }: Span,
  hidden: readonly Span[],
): readonly LabelledSpike[] {
  return world
    .truth(roomId, fromMs, untilMs)
    .flatMap(({ spikes }) => spikes)
    .map((spike): LabelledSpike => {
      const edges = Array.from({ length: Math.floor((spike.endMs - spike.startMs) / minuteMs) + 1 }, (_, index) => {
        const totals = trueTotals(world, roomId, spike.startMs + index * minuteMs);
        return totals?.[columns[spike.counter]] ?? 0;
      });
      const grown = edges.slice(1).map((edge, index) => edge - (edges[index] ?? 0));
      const isSeen = hidden.every(
        (span) => span.untilMs <= spike.startMs || span.fromMs >= spike.startMs + 2 * minuteMs,
      );
      return { ...spike, roomId, leastPerMinute: Math.min(...grown), isSeen };
    });
}

function isWithin({ fromMs, untilMs }: Span, atMs: number): boolean {
  return fromMs <= atMs && atMs < untilMs;
}

/** What a point stands for in the hours that rooms were watched. */
export function roomHours(points: number): number {
  return (points * intervalMs) / hourMs;
}
