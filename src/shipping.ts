import type { InfluxdbConfig } from './config/config.ts';
import type { Clock } from './model/clock.ts';
import type { Random } from './model/random.ts';
import { type StoredTable, tableOf } from './model/stored-table.ts';
import { endpoints } from './model/target.ts';
import { type Tier, tiers } from './model/window.ts';
import type { Backlog } from './sink/backlog.ts';
import { SharedOutage, type SharedOutageEvents } from './sink/shared-outage.ts';
import { createShipper, type Shipper } from './sink/shipper.ts';
import type { Sink } from './sink/sink.ts';

/** A place that rows go to, and which rows: each has a sink of its own, so one that is missing stops nothing else. */
export type Destination = {
  readonly name: string;
  /** Undefined for that of the samples. */
  readonly tier: Tier | undefined;
  readonly tables: readonly StoredTable[];
};

/** `name` is that of the samples' sink, and what the others begin with. Sessions go where the days go. */
export function destinationsOf(name: string, hasTiers: boolean): readonly Destination[] {
  return [
    { name, tier: undefined, tables: endpoints },
    ...(hasTiers ? tiers : []).map((tier) => {
      const kinds = tier === '1d' ? ([tier, 'session'] as const) : [tier];
      const tables = kinds.flatMap((kind) => endpoints.map((endpoint) => tableOf(endpoint, kind)));
      return { name: `${name}_${tier}`, tier, tables };
    }),
  ];
}

export type ShippingOptions = {
  readonly destinations: readonly Destination[];
  readonly openSink: (destination: Destination) => Sink;
  readonly limits: Pick<InfluxdbConfig, 'batchSize' | 'timeoutMs'>;
  readonly backlog: Backlog;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: SharedOutageEvents & {
    rowsRejected(sink: string, table: StoredTable, rows: number, reason: string): void;
  };
};

export type Shipping = {
  /** To be called after each commit of samples. */
  samplesCommitted(): void;
  /** To be called when windows or sessions were written. */
  rolledUp(): void;
  /** Ships what can be shipped within the time, then nothing more. */
  stop(options: { readonly deadlineMs: number }): Promise<void>;
};

/** Batches in flight, and points in all of them: as points and lines they lie on the heap that the thread is given. */
const mostBatches = 3;
const mostPoints = 15_000;
/** Of a tier, one batch at a time: what is known of a session later must arrive later. */
const tierBatchPoints = 1_000;

export function startShipping(options: ShippingOptions): Shipping {
  const { destinations, openSink, limits, events, ...surroundings } = options;
  const { batchSize, timeoutMs } = limits;
  const outage = new SharedOutage(surroundings.clock, events);
  const ofSamples = {
    batchPoints: batchSize,
    maxInFlight: Math.max(1, Math.min(mostBatches, Math.floor(mostPoints / batchSize))),
  };
  const ofTier = { batchPoints: Math.min(batchSize, tierBatchPoints), maxInFlight: 1 };

  function start(destination: Destination): Shipper {
    const { name, tier, tables } = destination;
    events.changed(name, true);
    const shipper = createShipper({
      ...surroundings,
      ...(tier === undefined ? ofSamples : ofTier),
      sink: openSink(destination),
      tables,
      timeoutMs,
      events: {
        ...outage.eventsOf(name),
        rowsRejected: (table, rows, reason) => events.rowsRejected(name, table, rows, reason),
      },
    });
    shipper.start();
    return shipper;
  }

  const [samples, ...rest] = destinations.map(start);
  return {
    samplesCommitted: () => samples?.rowsCommitted(),
    rolledUp: () => {
      for (const shipper of rest) shipper.rowsCommitted();
    },
    stop: async (deadline) => {
      await Promise.all([samples, ...rest].map((shipper) => shipper?.stop(deadline)));
    },
  };
}
