import type { InfluxdbConfig } from './config/config.ts';
import type { Clock } from './model/clock.ts';
import type { Random } from './model/random.ts';
import { type Endpoint, endpoints } from './model/target.ts';
import { createInfluxdbSink } from './sink/influxdb.ts';
import type { ShipProblem } from './sink/outage.ts';
import { createShipper, type Shipper } from './sink/shipper.ts';
import { openJournal } from './store/journal.ts';
import type { Holder } from './store/lock.ts';
import type { FromStore, ToStore } from './store/protocol.ts';
import { serveStore } from './store/serve-store.ts';

/** Plain data, so that it can be handed to a thread. */
export type StorageOptions = {
  readonly store: { readonly path: string; readonly keepMs: number; readonly maxSizeBytes: number };
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

/** What an operator would act on. */
export type StorageEvent =
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
      readonly endpoint: Endpoint;
      readonly rows: number;
      readonly reason: string;
    };

export const sinkName = 'influxdb';

/** Batches in flight, and points in all of them: as rows, points and lines they lie on the heap that the thread is given. */
const mostBatches = 3;
const mostPoints = 15_000;

/**
 * Everything behind the commit: the store, and what ships from it. It lives on a thread of its own, so that neither an fsync nor
 * a batch delays a poll, and the shipper reads rows where they are.
 */
export function openStorage(
  { store, influxdb, holder }: StorageOptions,
  { clock, random, send }: { readonly clock: Clock; readonly random: Random; send(message: FromStorage): void },
): { receive(message: ToStorage): void } {
  const journal = openJournal({ ...store, clock, holder, sinks: influxdb === undefined ? [] : [sinkName] });
  const shipper = influxdb && startShipping(influxdb);
  const server = serveStore({
    journal,
    clock,
    send: (message) => send({ kind: 'store', message }),
    onCommitted: () => shipper?.rowsCommitted(),
  });

  function startShipping(config: InfluxdbConfig): Shipper {
    const started = createShipper({
      sink: createInfluxdbSink({ name: sinkName, url: config.url, api: toApi(config), gzip: config.gzip, clock }),
      backlog: journal,
      endpoints,
      clock,
      random,
      batchPoints: config.batchSize,
      maxInFlight: Math.max(1, Math.min(mostBatches, Math.floor(mostPoints / config.batchSize))),
      timeoutMs: config.timeoutMs,
      events: {
        problemBegan: (problem) =>
          send({ kind: 'sink_down', sink: sinkName, status: problem.status, reason: inWords(problem) }),
        problemEnded: (_problem, lastedMs) => send({ kind: 'sink_up', sink: sinkName, afterMs: lastedMs }),
        rowsRejected: (endpoint, rows, reason) => send({ kind: 'rejected', sink: sinkName, endpoint, rows, reason }),
      },
    });
    started.start();
    return started;
  }

  async function drain(withinMs: number): Promise<void> {
    await shipper?.stop({ deadlineMs: withinMs });
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

export function toApi(config: InfluxdbConfig) {
  switch (config.kind) {
    case 'v2':
      return { version: 2, org: config.org, bucket: config.bucket, token: config.token } as const;
    case 'v1':
      return {
        version: 1,
        database: config.database,
        username: config.username,
        password: config.password,
      } as const;
    default:
      return config satisfies never;
  }
}

function inWords(problem: ShipProblem): string {
  return 'remedy' in problem ? `${problem.reason}; ${problem.remedy}` : problem.reason;
}
