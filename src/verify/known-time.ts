import type { StoredTable } from '../model/stored-table.ts';
import { type IdRanges, slackMs, type TimeRange, type VerifiedStore } from './verified-store.ts';

/** What a restart may set a due instant back against the answers of the run before. */
const restartMs = 60_000;

/**
 * The times of which a table may have lost rows to retention: what lies in none of them is all there. Of a deleted row only
 * its neighbours tell when it was.
 */
export class KnownTime {
  readonly #lost: readonly TimeRange[];

  constructor(store: Pick<VerifiedStore, 'writtenMs' | 'deleted'>, table: StoredTable) {
    const deleted: IdRanges = store.deleted(table);
    this.#lost = deleted.map(({ fromId, toId }) => {
      const before = fromId === 0 ? undefined : store.writtenMs(table, fromId);
      const after = store.writtenMs(table, toId + 1);
      return {
        fromMs: before === undefined ? Number.NEGATIVE_INFINITY : before - slackMs,
        toMs: after === undefined ? Number.POSITIVE_INFINITY : after + restartMs,
      };
    });
  }

  /** Whether every row of this time is there. */
  covers({ fromMs, toMs }: TimeRange): boolean {
    return this.#lost.every((lost) => toMs <= lost.fromMs || fromMs >= lost.toMs);
  }

  get hasLost(): boolean {
    return this.#lost.length > 0;
  }

  /** Of no row from before is known whether there was one. */
  get beginsMs(): number {
    const first = this.#lost.filter(({ fromMs }) => fromMs === Number.NEGATIVE_INFINITY);
    return Math.max(Number.NEGATIVE_INFINITY, ...first.map(({ toMs }) => toMs));
  }
}
