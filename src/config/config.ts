import type { Schedule } from '../model/round.ts';
import type { Endpoint, Series } from '../model/target.ts';
import type { Tier } from '../model/window.ts';
import type { AlertSettings, HeartbeatSettings } from './alerts-schema.ts';

/** The configuration, checked and complete: defaults filled in, units resolved, secrets read, watchlist files included. */
export type Config = {
  /** As it was named on the command line. */
  readonly file: string;
  readonly apps: readonly AppConfig[];
  readonly watchlist: readonly WatchedTarget[];
  /** Those that the watchlist uses. */
  readonly schedules: readonly PlannedSchedule[];
  readonly store: { readonly path: string; readonly keepMs: number; readonly maxSizeBytes: number };
  /** Where samples are shipped to; without it they stay in the store. */
  readonly influxdb?: InfluxdbConfig;
  readonly sessions: { readonly closeAfterMs: number };
  readonly reporting: {
    readonly timezone: string;
    /** How long windows are kept; infinity is for ever. */
    readonly keepMs: Readonly<Record<Tier, number>>;
  };
  readonly alerts: AlertSettings;
  readonly heartbeat?: HeartbeatSettings;
  readonly server: { readonly host: string; readonly port: number };
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly format: 'json' | 'pretty' };
};

export type AppConfig = {
  readonly name: string;
  readonly sdkAppId: number;
  readonly identifier: string;
  readonly secretKey: string;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** Requests a second as the account allows them; the same for all apps of one SDKAppID, which share them. */
  readonly limits: Readonly<Record<Endpoint, number>>;
  readonly commands: Readonly<Record<Endpoint, string>>;
  readonly requestTimeoutMs: number;
  readonly signatureLifeMs: number;
};

/** Targets with the same schedule or the same labels share those objects: a watchlist of 90,000 stays small. */
export type WatchedTarget = { readonly series: Series; readonly schedule: Schedule };

export type PlannedSchedule = {
  readonly schedule: Schedule;
  /** Shortest distance between two rounds. */
  readonly intervalMs: number;
  readonly targets: number;
};

export type InfluxdbConfig = {
  readonly url: string;
  /** Retention of samples there; infinity is for ever. */
  readonly keepMs: number;
  /** Whether windows and sessions are shipped too. */
  readonly tiers: boolean;
  /** Points in one request. */
  readonly batchSize: number;
  readonly gzip: boolean;
  readonly timeoutMs: number;
  /** Where the token or password was read from, or belongs; undefined where it is written in the configuration. */
  readonly secretFile?: string;
} & (
  | { readonly kind: 'v2'; readonly org: string; readonly bucket: string; readonly token: string }
  /** A server that knows only `/write`. */
  | { readonly kind: 'v1'; readonly database: string; readonly username?: string; readonly password?: string }
);

/** Reads a cron expression; `intervalMs` is the shortest distance between two of its rounds. */
export type ReadCron = (
  expression: string,
  timezone: string,
) =>
  | { readonly status: 'read'; readonly intervalMs: number }
  | { readonly status: 'refused'; readonly problem: string };
