import type { InfluxdbConfig } from './config/config.ts';
import type { Clock } from './model/clock.ts';
import type { Random } from './model/random.ts';
import type { StoredTable } from './model/stored-table.ts';
import type { Target } from './model/target.ts';
import { tierPlace } from './model/tier-place.ts';
import type { Tier } from './model/window.ts';
import { createRollUp } from './roll-up/roll-up.ts';
import { destinationsOf, type Shipping, startShipping } from './shipping.ts';
import type { Backlog } from './sink/backlog.ts';
import { createInfluxdbSink, type InfluxdbApi } from './sink/influxdb.ts';
import type { ShipProblem } from './sink/outage.ts';
import { classifyError } from './store/database.ts';
import { type JournalOptions, openJournal } from './store/journal.ts';
import type { Holder } from './store/lock.ts';
import type { FromStore, ToStore } from './store/protocol.ts';
import { type ServedJournal, serveStore } from './store/serve-store.ts';
import { describeTornCommit } from './store/write-ahead-log.ts';

/** Plain data, so that it can be handed to a thread. */
export type StorageOptions = {
  readonly store: { readonly path: string; readonly keepMs: number; readonly maxSizeBytes: number };
  readonly reporting: {
    readonly timezone: string;
    /** Infinity is for ever. */
    readonly keepMs: Readonly<Record<Tier, number>>;
  };
  readonly sessionCloseAfterMs: number;
  readonly influxdb: InfluxdbConfig | undefined;
  readonly holder: Holder;
};

export type ToStorage =
  | { readonly kind: 'store'; readonly message: ToStore }
  /** Ships what can be shipped within the time, then nothing more; answered with `drained`. */
  | { readonly kind: 'drain'; readonly withinMs: number };

export type FromStorage =
  | { readonly kind: 'store'; readonly message: FromStore }
  | { readonly kind: 'drained' }
  | StorageEvent;

export type StorageEvent =
  /** What an operator would act on. An outage that several sinks of one server meet is told once. */
  | {
      readonly kind: 'sink_down';
      readonly sink: string;
      readonly status: ShipProblem['status'];
      readonly reason: string;
    }
  | { readonly kind: 'sink_up'; readonly sink: string; readonly afterMs: number }
  | {
      readonly kind: 'rejected';
      readonly sink: string;
      readonly table: StoredTable;
      readonly rows: number;
      readonly reason: string;
    }
  /** Rows that nobody can read: they are in no window, and stay where they are. */
  | { readonly kind: 'rows_damaged'; readonly table: StoredTable; readonly rows: number; readonly example: string }
  /** What the roll-up remembered of a target cannot be read: the windows or the session that it was of miss what it held. */
  | { readonly kind: 'roll_up_forgot'; readonly target: Target; readonly problem: string }
  /** At the start: the log ends in a commit that is not whole. */
  | { readonly kind: 'commit_torn'; readonly problem: string }
  /** Of each sink at the start, and whenever it changes. */
  | { readonly kind: 'sink_changed'; readonly sink: string; readonly isUp: boolean };

export type StorageSurroundings = {
  readonly clock: Clock;
  readonly random: Random;
  send(message: FromStorage): void;
  /** What points are written to, where it is not to be the real thing. */
  readonly createSink?: typeof createInfluxdbSink;
  /** What rows are kept in, where it is not to lie on the real disk. */
  readonly openJournal?: (options: JournalOptions) => ServedJournal & Backlog;
};

export const sinkName = 'influxdb';

/**
 * Everything behind the commit: the store, the roll-up, and what ships from there. It lives on a thread of its own, so that
 * neither an fsync nor a batch delays a poll, and the shippers read rows where they are.
 */
export function openStorage(
  { store, reporting, sessionCloseAfterMs, influxdb, holder }: StorageOptions,
  { clock, random, send, createSink = createInfluxdbSink, openJournal: open = openJournal }: StorageSurroundings,
): { receive(message: ToStorage): void } {
  const destinations = influxdb === undefined ? [] : destinationsOf(sinkName, influxdb.tiers);
  const journal = open({
    ...store,
    keepTiersMs: reporting.keepMs,
    rollUp: createRollUp({ timezone: reporting.timezone, closeAfterMs: sessionCloseAfterMs }),
    onForgotten: (target, problem) => send({ kind: 'roll_up_forgot', target, problem }),
    onDamagedRows: (table, rows, example) => send({ kind: 'rows_damaged', table, rows, example }),
    onTornCommit: (torn) => send({ kind: 'commit_torn', problem: describeTornCommit(torn) }),
    sinks: destinations,
    clock,
    holder,
  });
  const shipping = influxdb && ship(influxdb);
  const server = serveStore({
    journal,
    clock,
    send: (message) => send({ kind: 'store', message }),
    onCommitted: () => shipping?.samplesCommitted(),
    onRolledUp: () => shipping?.rolledUp(),
  });

  function ship(config: InfluxdbConfig): Shipping {
    const { url, gzip } = config;
    return startShipping({
      destinations,
      openSink: ({ name, tier }) => createSink({ name, url, gzip, clock, api: toApi(config, tier) }),
      limits: config,
      backlog: journal,
      clock,
      random,
      events: {
        down: (sink, problem) => send({ kind: 'sink_down', sink, status: problem.status, reason: inWords(problem) }),
        up: (sink, afterMs) => send({ kind: 'sink_up', sink, afterMs }),
        changed: (sink, isUp) => send({ kind: 'sink_changed', sink, isUp }),
        rowsRejected: (sink, table, rows, reason) => send({ kind: 'rejected', sink, table, rows, reason }),
      },
    });
  }

  async function drain(withinMs: number): Promise<void> {
    await shipping?.stop({ deadlineMs: withinMs });
    send({ kind: 'drained' });
  }

  return {
    receive(message) {
      switch (message.kind) {
        case 'store':
          server.receive(message.message);
          return;
        case 'drain':
          void drain(message.withinMs);
          return;
        default:
          message satisfies never;
      }
    },
  };
}

/** The bucket or database of the samples, or of a tier. */
export function placeOf(config: InfluxdbConfig, tier: Tier | undefined): string {
  const place = config.kind === 'v2' ? config.bucket : config.database;
  return tier === undefined ? place : tierPlace(place, tier);
}

/** Where the samples go, or the rows of a tier. */
export function toApi(config: InfluxdbConfig, tier?: Tier): InfluxdbApi {
  const place = placeOf(config, tier);
  switch (config.kind) {
    case 'v2':
      return { version: 2, org: config.org, bucket: place, token: config.token };
    case 'v1':
      return { version: 1, database: place, username: config.username, password: config.password };
    default:
      return config satisfies never;
  }
}

function inWords(problem: ShipProblem): string {
  if (problem.status !== 'failed') return 'remedy' in problem ? `${problem.reason}; ${problem.remedy}` : problem.reason;
  const kind = classifyError(problem.cause);
  const isDamage = kind === 'damaged' || kind === 'damaged_value' || kind === 'unfit';
  return isDamage
    ? `${problem.reason}; livetally verify tells what is damaged, livetally salvage copies what can be read into a new store`
    : problem.reason;
}
