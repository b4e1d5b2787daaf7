import { storedTables } from '../model/stored-table.ts';
import { endpoints } from '../model/target.ts';
import { type Database, inTransaction } from './database.ts';
import { oldestStartMs, type Tables } from './tables.ts';

export type SweepOptions = { readonly database: Database; readonly tables: Tables; readonly runId: number };

/** One or two milliseconds of deleting. */
const rowsPerSlice = 1_000;

/** Rows are committed nearly, not exactly, in the order of their due instants; no answer is a day late. */
const slackMs = 24 * 60 * 60 * 1_000;

const allTables = storedTables.map(({ name }) => name);

/**
 * Deletes what belongs to no row any more: rounds with the samples that they brought, what is remembered of a target with
 * its last sample, series and targets with their last window. What this run has on its watchlist stays.
 */
export class Sweep {
  readonly #options: SweepOptions;
  /** A walk over what is remembered, once for each run that falls out of the store: 2 million targets of past shows cost nothing. */
  #walk = { runId: 0, aboveTargetId: 0, isOver: true };

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  /** A few milliseconds of work in a transaction of its own; true when there is more to do. `expiryMs` stands for the oldest sample where there is none. */
  runSlice(expiryMs: number): boolean {
    const { database, tables } = this.#options;
    const oldestSampleMs = oldestStartMs(tables, endpoints);
    const before = this.#walk;
    try {
      return inTransaction(database, () => {
        const rounds = tables.rounds.deleteBefore((oldestSampleMs ?? expiryMs) - 2 * slackMs, rowsPerSlice);
        return rounds > 0 || this.#forget(oldestSampleMs) || this.#deleteSeries();
      });
    } catch (error) {
      this.#walk = before;
      throw error;
    }
  }

  #forget(oldestSampleMs: number | undefined): boolean {
    const { tables } = this.#options;
    const lastUnused = this.#lastRunBefore(oldestSampleMs) ?? 0;
    if (lastUnused > this.#walk.runId) this.#walk = { runId: lastUnused, aboveTargetId: 0, isOver: false };
    if (this.#walk.isOver) return false;
    const { runId, aboveTargetId } = this.#walk;
    const lastId = tables.series.forgetUsedUpTo(runId, aboveTargetId, rowsPerSlice);
    this.#walk = { runId, aboveTargetId: lastId ?? 0, isOver: lastId === undefined };
    return !this.#walk.isOver;
  }

  #deleteSeries(): boolean {
    const { tables } = this.#options;
    // No row is younger than the last due instant: mostly this spares the look at all tables.
    if (this.#lastRunBefore(tables.runs.lastDueMs()) === undefined) return false;
    const lastUnused = this.#lastRunBefore(oldestStartMs(tables, allTables));
    if (lastUnused === undefined) return false;
    const series = tables.series.deleteUsedUpTo(lastUnused, rowsPerSlice);
    if (series === 0) tables.runs.deleteUpTo(lastUnused);
    return series > 0;
  }

  #lastRunBefore(oldestMs: number | undefined): number | undefined {
    const { tables, runId } = this.#options;
    return oldestMs && tables.runs.lastBefore(oldestMs - slackMs, runId);
  }
}
