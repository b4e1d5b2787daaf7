import type { Clock } from '../model/clock.ts';
import type { Log } from './log.ts';

/** A warning, at most one a minute for each key: what happens at the pace of requests would fill the log. */
export type RareLog = (key: string, message: string, fields: Parameters<Log['warn']>[1]) => void;

const betweenLinesMs = 60_000;

export function createRareLog(log: Log, clock: Clock): RareLog {
  const lastLineMs = new Map<string, number>();
  return (key, message, fields) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - (lastLineMs.get(key) ?? Number.NEGATIVE_INFINITY) < betweenLinesMs) return;
    lastLineMs.set(key, nowMs);
    log.warn(message, fields);
  };
}
