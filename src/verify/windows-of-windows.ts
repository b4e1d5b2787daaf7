import type { Tier, Window } from '../model/window.ts';
import type { Calendar } from './roll-up.ts';
import type { Row } from './verified-store.ts';
import type { WindowMatch } from './window-match.ts';
import { addUp } from './window-sum.ts';

/** Adds up the windows of a tier to those of a longer one; what they are held against is the match. */
export class WindowsOfWindows {
  readonly #calendar: Calendar;
  readonly #tier: Tier;
  readonly #match: WindowMatch;
  readonly #open = new Map<number, Window>();

  constructor(calendar: Calendar, tier: Tier, match: WindowMatch) {
    this.#calendar = calendar;
    this.#tier = tier;
    this.#match = match;
  }

  add(rows: readonly Row<Window>[]): void {
    for (const { seriesId, content } of rows) this.#add(seriesId, content);
    const lastMs = rows.at(-1)?.content.endMs;
    if (lastMs !== undefined) this.#match.readUntil(lastMs);
  }

  #add(seriesId: number, part: Window): void {
    const { startMs, endMs } = this.#calendar(this.#tier, part.startMs);
    const open = this.#open.get(seriesId);
    if (open !== undefined && open.startMs !== startMs) this.#match.expect(seriesId, open);
    const sum = open?.startMs === startMs ? addUp(open, part) : { ...part, startMs, endMs };
    this.#open.delete(seriesId);
    this.#open.set(seriesId, sum);
    for (const [idleId, idle] of this.#open) {
      // A series that went on would have had windows in the longer one that follows. Where it did not, because the collector
      // was down, its last windows are written behind later ones of others: the match adds them to what it has got here.
      if (idle.endMs > startMs - (endMs - startMs)) break;
      this.#open.delete(idleId);
      this.#match.expect(idleId, idle);
    }
  }

  /** `isComplete`: whether all windows up to an instant have been added. */
  finish(isComplete: (endMs: number) => boolean): void {
    for (const [seriesId, window] of this.#open) if (isComplete(window.endMs)) this.#match.expect(seriesId, window);
  }
}
