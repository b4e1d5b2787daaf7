import type { Clock } from '../model/clock.ts';
import type { Log, LogFields } from './log.ts';

/** A line, at most one a minute for each key: what happens at the pace of requests would fill the log. */
export type RareLog = (key: string, message: string, fields: LogFields, level?: 'warn' | 'error') => void;

const betweenLinesMs = 60_000;

export function createRareLog(log: Log, clock: Clock): RareLog {
  const lastLineMs = new Map<string, number>();
  return (key, message, fields, level = 'warn') => {
    const nowMs = clock.monotonicMs();
    if (nowMs - (lastLineMs.get(key) ?? Number.NEGATIVE_INFINITY) < betweenLinesMs) return;
    lastLineMs.set(key, nowMs);
    log[level](message, fields);
  };
}
