import type { Sample } from '../model/sample.ts';
import type { RollUp } from './roll-up.ts';
import type { Row } from './verified-store.ts';
import type { WindowMatch } from './window-match.ts';

/** A series that has been silent for so long has its window of 5 minutes behind it. */
const idleMs = 2 * 60 * 60 * 1_000;

/** Makes the windows of 5 minutes anew; what they are held against is the match. */
export class WindowsOfSamples {
  readonly #rollUp: RollUp;
  readonly #match: WindowMatch;
  /** Of the series that are not idle, the one that has been silent longest first. */
  readonly #states = new Map<number, { readonly state: string; readonly lastMs: number }>();

  constructor(rollUp: RollUp, match: WindowMatch) {
    this.#rollUp = rollUp;
    this.#match = match;
  }

  add(rows: readonly Row<Sample>[]): void {
    for (const [seriesId, own] of Map.groupBy(rows, (row) => row.seriesId)) {
      const samples = own.map(({ content }) => content);
      const step = this.#rollUp.addToWindows(this.#states.get(seriesId)?.state, samples);
      this.#expect(seriesId, step);
      this.#states.delete(seriesId);
      const lastMs = samples.at(-1)?.dueMs ?? 0;
      if (step.state !== undefined) this.#states.set(seriesId, { state: step.state, lastMs });
    }
    const lastMs = rows.at(-1)?.content.dueMs;
    if (lastMs === undefined) return;
    for (const [seriesId, { state, lastMs: silentMs }] of this.#states) {
      if (silentMs > lastMs - idleMs) break;
      this.#end(seriesId, state);
    }
    this.#match.readUntil(lastMs);
  }

  #end(seriesId: number, state: string, isComplete: (endMs: number) => boolean = () => true): void {
    this.#states.delete(seriesId);
    this.#expect(seriesId, this.#rollUp.endWindows(state, Number.POSITIVE_INFINITY), isComplete);
  }

  #expect(seriesId: number, { ended }: ReturnType<RollUp['endWindows']>, isComplete = (_endMs: number) => true): void {
    for (const { tier, window } of ended) {
      if (tier === '5m' && isComplete(window.endMs)) this.#match.expect(seriesId, window);
    }
  }

  /** `isComplete`: whether all samples up to an instant have been added. */
  finish(isComplete: (endMs: number) => boolean): void {
    for (const [seriesId, { state }] of this.#states) this.#end(seriesId, state, isComplete);
  }
}
