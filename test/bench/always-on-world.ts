import type { Reading, World, WorldTarget } from '../../src/simulator/world.ts';
import { type Workload, watchlistOf } from './workload.ts';

/** All counters grow from there, so that they have the digits of a busy room. */
const epochMs = Date.UTC(2026, 0, 1);

/**
 * A world without shows: every room exists all the time, so that each poll of each collector costs the same. In the simulator's own world
 * rooms are gone most of the day, and livetally asks for those more rarely than the others do.
 */
export function createAlwaysOnWorld(size: Pick<Workload, 'rooms' | 'receivers'>): World {
  const receivers = new Map(watchlistOf(size).map((entry) => [entry.room, entry.receivers]));

  function read(target: WorldTarget, atMs: number): Reading {
    if (!receivers.has(target.roomId)) return { status: 'gone' };
    const seconds = Math.floor((atMs - epochMs) / 1000);
    const totals =
      target.endpoint === 'room_stats'
        ? [3 * seconds, seconds, 40 * seconds, Math.floor(seconds / 10), 7 * seconds, 2 * seconds]
        : [seconds, 40 * seconds, Math.floor(seconds / 10)];
    return { status: 'exists', totals };
  }

  return {
    roomIds: [...receivers.keys()],
    receiversOf: (roomId) => receivers.get(roomId) ?? [],
    read,
    totals(target, atMs) {
      const reading = read(target, atMs);
      return reading.status === 'exists' ? reading.totals : undefined;
    },
    truth: () => [],
  };
}
