import type { RunEnds } from '../model/stock.ts';
import { type StoredTable, tableOf } from '../model/stored-table.ts';
import { describeTarget, type Endpoint } from '../model/target.ts';
import type { Tier, Window } from '../model/window.ts';
import { checkPresence } from './check-rows.ts';
import { windowDifference } from './difference.ts';
import { type Findings, instant } from './findings.ts';
import { KnownTime } from './known-time.ts';
import { isSameTogether, mayMissSamples, type Pair } from './late-samples.ts';
import type { Calendar, RollUp } from './roll-up.ts';
import { after, type Row, slices, type TimeRange, type VerifiedStore } from './verified-store.ts';
import { addUp } from './window-sum.ts';

export type WindowMatchOptions = {
  readonly store: VerifiedStore;
  readonly endpoint: Endpoint;
  readonly tier: Tier;
  readonly rollUp: RollUp;
  readonly calendar: Calendar;
  /** Windows that lie wholly in it are looked at. */
  readonly time: TimeRange;
  readonly runEnds: RunEnds;
  readonly findings: Findings;
};

const rowsPerSlice = 2_000;
/** Both sides come nearly in the same order, so few wait for one another, unless very much is wrong. */
const mostWaiting = 500_000;

/** What should be, beside what is. */
type Differing = {
  readonly seriesId: number;
  readonly window: Window;
  readonly expected: Window;
  readonly words: string;
};

/** Holds the windows of a tier in the store against those that they should be, both read side by side. */
export class WindowMatch {
  readonly #options: WindowMatchOptions;
  readonly #table: StoredTable;
  readonly #expected = new Map<string, { readonly seriesId: number; readonly window: Window }>();
  readonly #found = new Map<string, Row<Window>>();
  readonly #differing = new Map<string, Differing>();
  #readTo = 0;
  #readToMs = Number.NEGATIVE_INFINITY;
  #matched = 0;
  #isOver = false;
  #otherZone: TimeRange = { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY };

  constructor(options: WindowMatchOptions) {
    this.#options = options;
    this.#table = tableOf(options.endpoint, options.tier);
  }

  get matched(): number {
    return this.#matched;
  }

  /** A window may come in parts, in the order of their time. */
  expect(seriesId: number, part: Window): void {
    if (this.#isOver || !this.#isInTime(part)) return;
    const key = keyOf(seriesId, part);
    const differing = this.#differing.get(key);
    const earlier = this.#expected.get(key)?.window ?? differing?.expected;
    const window = earlier === undefined ? part : addUp(earlier, part);
    const found = this.#found.get(key);
    if (differing !== undefined) this.#compare(key, seriesId, differing.window, window);
    else if (found === undefined) this.#expected.set(key, { seriesId, window });
    else if (this.#found.delete(key)) this.#compare(key, seriesId, found.content, window);
    this.#giveUpWhenTooMany();
  }

  /** Reads on in the store, up to the windows that ended by an instant. */
  readUntil(timeMs: number): void {
    while (this.#readToMs <= timeMs && this.#readOn());
  }

  /** Returns false at the end of the table. */
  #readOn(): boolean {
    const { store, endpoint, tier, findings } = this.#options;
    const [range] = slices(after(store.stored(this.#table), this.#readTo), rowsPerSlice);
    if (range === undefined || this.#isOver) return false;
    const rows = store.readWindows(endpoint, tier, range);
    checkPresence(store, this.#table, range, rows, findings);
    for (const row of rows) this.#meet(row);
    this.#readTo = range.toId;
    this.#readToMs = Math.max(this.#readToMs, rows.at(-1)?.content.endMs ?? this.#readToMs);
    return true;
  }

  #meet(row: Row<Window>): void {
    if (this.#isOfOtherZone(row.content) || !this.#isInTime(row.content)) return;
    const key = keyOf(row.seriesId, row.content);
    const expected = this.#expected.get(key);
    if (expected === undefined) this.#found.set(this.#found.has(key) ? `${key} ${row.id}` : key, row);
    else if (this.#expected.delete(key)) this.#compare(key, row.seriesId, row.content, expected.window);
    this.#giveUpWhenTooMany();
  }

  /** Days and months that were made while the reporting time zone was another; the first one after a change is shorter. */
  #isOfOtherZone({ startMs, endMs }: Window): boolean {
    const { tier, calendar } = this.#options;
    if (tier === '5m' || tier === '1h') return false;
    const bounds = calendar(tier, startMs);
    if (bounds.startMs === startMs && bounds.endMs === endMs) return false;
    const { fromMs, toMs } = this.#otherZone;
    this.#otherZone = { fromMs: Math.min(fromMs, startMs), toMs: Math.max(toMs, endMs) };
    return true;
  }

  #compare(key: string, seriesId: number, window: Window, expected: Window): void {
    if (!this.#differing.delete(key)) this.#matched++;
    const words = windowDifference(this.#options.endpoint, window, expected);
    if (words !== undefined) this.#differing.set(key, { seriesId, window, expected, words });
  }

  /** What is left over on either side. `known`: of what the windows were made of. */
  finish(known: KnownTime): void {
    const { store } = this.#options;
    // What is open now is not in the table; what is not, was written before this, and is read by now.
    const open = new Set([...this.#expected].flatMap(([key, one]) => (this.#isOpen(one) ? [key] : [])));
    this.readUntil(Number.POSITIVE_INFINITY);
    const kept = new KnownTime(store, this.#table);
    this.#forgiveLateSamples();
    for (const { seriesId, window, words } of this.#differing.values()) {
      if (known.covers({ fromMs: window.startMs, toMs: window.endMs })) this.#tell(seriesId, window, words);
    }
    for (const [key, { seriesId, window }] of this.#expected) {
      const span = { fromMs: window.startMs, toMs: window.endMs };
      if (open.has(key) || !this.#isInTime(window) || !known.covers(span) || !kept.covers(span)) continue;
      this.#tell(seriesId, window, `is not there, and should hold ${window.samples} samples`);
    }
    for (const { seriesId, content } of this.#found.values()) {
      if (!this.#isInTime(content) || !known.covers({ fromMs: content.startMs, toMs: content.endMs })) continue;
      this.#tell(seriesId, content, 'is there twice, or without anything that it could be made of');
    }
  }

  /** Takes away windows that differ where samples count in the window after theirs, and both together are right. */
  #forgiveLateSamples(): void {
    const { endpoint, runEnds } = this.#options;
    for (const [key, { seriesId, window: found, expected }] of this.#differing) {
      const { startMs, endMs } = found;
      if (!mayMissSamples({ fromMs: startMs, toMs: endMs }, runEnds)) continue;
      const nextKey = keyOf(seriesId, { startMs: endMs });
      if (!isSameTogether(endpoint, { found, expected }, this.#pairAt(nextKey, seriesId))) continue;
      for (const explained of [key, nextKey]) this.#differing.delete(explained);
      this.#found.delete(nextKey);
    }
  }

  /** The window in the table or, where it has not ended, what the roll-up remembers of it. */
  #pairAt(key: string, seriesId: number): Pair {
    const differing = this.#differing.get(key);
    if (differing !== undefined) return { found: differing.window, expected: differing.expected };
    const expected = this.#expected.get(key)?.window;
    const found = this.#found.get(key)?.content ?? this.#openWindow(seriesId);
    return { found: found !== undefined && keyOf(seriesId, found) === key ? found : undefined, expected };
  }

  /** Also where what is open has other bounds: those of the zone that the windows were in when it was begun. */
  #isOpen({ seriesId, window }: { readonly seriesId: number; readonly window: Window }): boolean {
    const open = this.#openWindow(seriesId);
    return open !== undefined && open.startMs < window.endMs && window.startMs < open.endMs;
  }

  #openWindow(seriesId: number): Window | undefined {
    const { store, rollUp, tier } = this.#options;
    const state = store.openWindows(seriesId);
    if (state === undefined) return undefined;
    return rollUp.endWindows(state, Number.POSITIVE_INFINITY).ended.find((one) => one.tier === tier)?.window;
  }

  #isInTime({ startMs, endMs }: Window): boolean {
    const { time } = this.#options;
    const isOfThisZone = endMs <= this.#otherZone.fromMs || startMs >= this.#otherZone.toMs;
    return isOfThisZone && startMs >= time.fromMs && endMs <= time.toMs;
  }

  #tell(seriesId: number, { startMs }: Window, words: string): void {
    const { store, tier, findings } = this.#options;
    const target = describeTarget(store.seriesOf(seriesId).target);
    findings.add('window', this.#table, `the window ${tier} of ${instant(startMs)} of ${target}: ${words}`, startMs);
  }

  #giveUpWhenTooMany(): void {
    if (this.#isOver || this.#expected.size + this.#found.size + this.#differing.size < mostWaiting) return;
    this.#isOver = true;
    this.#expected.clear();
    this.#found.clear();
    const words = `more than ${mostWaiting} windows do not match; look at a shorter time with --from and --to`;
    this.#options.findings.add('window', this.#table, words);
  }
}

function keyOf(seriesId: number, { startMs }: Pick<Window, 'startMs'>): string {
  return `${seriesId} ${startMs}`;
}
