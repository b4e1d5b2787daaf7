import type { Endpoint } from '../model/target.ts';
import type { Backlog, IdRange } from './backlog.ts';
import { withoutTaken } from './id-ranges.ts';
import { chooseNextBatch, type NextBatch } from './next-batch.ts';

/** A batch under way: its ids are in no other batch until it is given back. */
export type Flight = { readonly endpoint: Endpoint; readonly range: IdRange };

type TableMemory = { readonly endpoint: Endpoint; newestId: number; lingerUntilMs: number; latestBatch: number };

/** What waits in the tables of a store for one sink, and what of it is under way. Times are monotonic. */
export class BatchQueue {
  readonly #sink: string;
  readonly #backlog: Backlog;
  readonly #lingerMs: number;
  readonly #tables: readonly TableMemory[];
  readonly #flights = new Set<Flight>();
  #batches = 0;

  constructor(sink: string, backlog: Backlog, endpoints: readonly Endpoint[], lingerMs: number) {
    this.#sink = sink;
    this.#backlog = backlog;
    this.#lingerMs = lingerMs;
    this.#tables = endpoints.map((endpoint) => ({
      ...{ endpoint, newestId: 0, latestBatch: 0 },
      lingerUntilMs: Number.NEGATIVE_INFINITY,
    }));
  }

  get flights(): number {
    return this.#flights.size;
  }

  /** `nowMs` of infinity makes fresh rows go without lingering. */
  next(batchPoints: number, nowMs: number): NextBatch {
    const tables = this.#tables.map((table) => {
      const waiting = this.#backlog.waitingRanges(this.#sink, table.endpoint);
      table.newestId = Math.max(table.newestId, waiting.at(-1)?.toId ?? 0);
      const flights = [...this.#flights].filter(({ endpoint }) => endpoint === table.endpoint);
      const taken = flights.map(({ range }) => range);
      return { ...table, open: withoutTaken(waiting, taken) };
    });
    return chooseNextBatch(tables, batchPoints, nowMs);
  }

  take({ endpoint, range }: Flight, nowMs: number): Flight {
    for (const table of this.#tables) {
      if (table.endpoint !== endpoint) continue;
      table.latestBatch = ++this.#batches;
      if (range.toId === table.newestId) table.lingerUntilMs = nowMs + this.#lingerMs;
    }
    const flight = { endpoint, range };
    this.#flights.add(flight);
    return flight;
  }

  giveBack(flight: Flight): void {
    this.#flights.delete(flight);
  }
}
