import { crc32 } from 'node:zlib';
import type { Schedule } from '../model/round.ts';
import { type Target, targetKey } from '../model/target.ts';

/**
 * The places of a schedule's targets within a round: evenly apart, in the order of a hash of the target. So the load is flat,
 * a restart changes nothing, and one target more moves the others by less than a slot.
 */
export type Slots = {
  readonly count: number;
  /** The target of a slot, as its place in the list of targets. */
  targetOf(slot: number): number;
  /** From the round's start to the slot, whole milliseconds, below `spreadMs`: what the round is spread over. */
  offsetMs(slot: number, spreadMs: number): number;
};

/** So that a single target of a daily round is polled near the hour that was asked for. */
const longestPhaseMs = 60_000;

export function createSlots(schedule: Schedule, targets: readonly Target[]): Slots {
  const order = orderByHash(targets);
  const { app, endpoint, cron, timezone } = schedule;
  // Schedules of one endpoint whose rounds begin together would otherwise all fill their first slot at the same instant.
  const phase = crc32([app, endpoint, cron, timezone].join('\n')) / 2 ** 32;
  return {
    count: order.length,
    targetOf: (slot) => order[slot] ?? 0,
    offsetMs: (slot, spreadMs) => {
      const phaseMs = phase * Math.min(spreadMs / order.length, longestPhaseMs);
      return Math.floor((slot * spreadMs) / order.length + phaseMs);
    },
  };
}

function orderByHash(targets: readonly Target[]): Uint32Array {
  const hashes = new Uint32Array(targets.length);
  for (const [index, target] of targets.entries()) hashes[index] = crc32(targetKey(target));
  const order = new Uint32Array(targets.length).map((_, index) => index);
  return order.sort((a, b) => (hashes[a] ?? 0) - (hashes[b] ?? 0) || (isKeyBefore(targets[a], targets[b]) ? -1 : 1));
}

function isKeyBefore(a: Target | undefined, b: Target | undefined): boolean {
  return a !== undefined && b !== undefined && targetKey(a) < targetKey(b);
}
