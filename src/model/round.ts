import type { Endpoint } from './target.ts';

/** A cron expression in a time zone, for one endpoint of one app. */
export type Schedule = {
  readonly app: string;
  readonly endpoint: Endpoint;
  /** Cron with seconds, as node-cron reads it. */
  readonly cron: string;
  readonly timezone: string;
};

/** One run over all targets of a schedule. */
export type Round = {
  readonly schedule: Schedule;
  /** The cron instant, epoch milliseconds of the collector clock. */
  readonly startMs: number;
};

/** What became of the targets that were due. Each due target ends in exactly one of the other four. */
export type RoundCounts = {
  readonly due: number;
  readonly polled: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cutOff: number;
};
