import type { IdRange } from '../model/id-range.ts';
import type { StoredTable } from '../model/stored-table.ts';
import type { Backlog } from './backlog.ts';
import { withoutTaken } from './id-ranges.ts';
import { chooseNextBatch, type NextBatch } from './next-batch.ts';

/** A batch under way: its ids are in no other batch until it is given back. */
export type Flight = { readonly table: StoredTable; readonly range: IdRange };

type TableMemory = { readonly name: StoredTable; newestId: number; lingerUntilMs: number; latestBatch: number };

/** What waits in the tables of a store for one sink, and what of it is under way. Times are monotonic. */
export class BatchQueue {
  readonly #sink: string;
  readonly #backlog: Backlog;
  readonly #lingerMs: number;
  readonly #tables: readonly TableMemory[];
  readonly #flights = new Set<Flight>();
  #batches = 0;

  constructor(sink: string, backlog: Backlog, tables: readonly StoredTable[], lingerMs: number) {
    this.#sink = sink;
    this.#backlog = backlog;
    this.#lingerMs = lingerMs;
    this.#tables = tables.map((name) => ({
      ...{ name, newestId: 0, latestBatch: 0 },
      lingerUntilMs: Number.NEGATIVE_INFINITY,
    }));
  }

  get flights(): number {
    return this.#flights.size;
  }

  /** `nowMs` of infinity makes fresh rows go without lingering. */
  next(batchPoints: number, nowMs: number): NextBatch {
    const tables = this.#tables.map((table) => {
      const waiting = this.#backlog.waitingRanges(this.#sink, table.name);
      table.newestId = Math.max(table.newestId, waiting.at(-1)?.toId ?? 0);
      const flights = [...this.#flights].filter((flight) => flight.table === table.name);
      const taken = flights.map(({ range }) => range);
      return { ...table, open: withoutTaken(waiting, taken) };
    });
    return chooseNextBatch(tables, batchPoints, nowMs);
  }

  take({ table, range }: Flight, nowMs: number): Flight {
    for (const memory of this.#tables) {
      if (memory.name !== table) continue;
      memory.latestBatch = ++this.#batches;
      if (range.toId === memory.newestId) memory.lingerUntilMs = nowMs + this.#lingerMs;
    }
    const flight = { table, range };
    this.#flights.add(flight);
    return flight;
  }

  giveBack(flight: Flight): void {
    this.#flights.delete(flight);
  }
}
