import type { IdRange } from '../model/id-range.ts';
import type { Sample } from '../model/sample.ts';
import { type Endpoint, endpoints, type Target } from '../model/target.ts';
import { type Database, inTransaction } from './database.ts';
import { firstIds, sizeOf } from './id-ranges.ts';
import type { RollUp, SessionStep, WindowStep } from './roll-up.ts';
import type { Row } from './row-table.ts';
import type { Reader } from './sink-ledger.ts';
import { isSound, readAround } from './sound-rows.ts';
import type { Tables } from './tables.ts';

export type RollUpPassOptions = {
  readonly database: Database;
  readonly tables: Tables;
  readonly rollUp: RollUp;
  /** What the roll-up remembered of the target cannot be read: the windows of a series of it, or its session, begin anew. */
  readonly onForgotten: (target: Target, problem: string) => void;
  /** These rows cannot be read, or are of nobody, and are left out. */
  readonly onDamaged: (table: Endpoint, ids: readonly number[]) => void;
};

/** Stands among the sinks for the roll-up: what it has settled is in the windows. */
export const rollUpReader: Reader = { name: 'roll_up', tables: endpoints };

/** Nothing is final before the finest windows have ended, and the more samples of a series come at once, the less each of them costs. */
const finestMs = 5 * 60_000;
/** So many are rolled up before that; about 5 MB while they are. */
const mostRows = 10_000;
/** About 20 ms of writing: longer than a slice is meant to be, but fewer would cost more for each row. */
const mostSeries = 2_000;
/** A few milliseconds each. */
const rowsPerSlice = 500;
const statesPerSlice = 100;

/** What a slice came to: whether there is more to do at once, and whether windows or sessions were written. */
export type RollUpSlice = { readonly hasMore: boolean; readonly hasWritten: boolean };

/**
 * Reads the rows that the roll-up has not had, and writes what comes of them: the new states, what has ended and the
 * cursor are one transaction, so a sample counts once. Reading and reckoning are spread over slices before it, because the
 * thread belongs to the commits; nobody else writes what they read.
 */
export class RollUpPass {
  readonly #options: RollUpPassOptions;
  #work: { readonly untilMs: number; readonly slices: Generator<boolean, void> } | undefined;
  #endedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: RollUpPassOptions) {
    this.#options = options;
  }

  /**
   * A few milliseconds of work. `untilMs`: every sample that was due before it is in the store. A later instant than that
   * of the first slice takes effect when there is no more to do for that.
   */
  runSlice(untilMs: number): RollUpSlice {
    this.#work ??= { untilMs, slices: this.#run(untilMs) };
    const work = this.#work;
    try {
      const { done = false, value = false } = work.slices.next();
      if (done) this.#work = undefined;
      return { hasMore: !done || untilMs > work.untilMs, hasWritten: value };
    } catch (error) {
      // A transaction that fails has changed nothing: what was read for it is read again.
      this.startOver();
      throw error;
    }
  }

  /** Forgets what earlier slices have read and not written: it may have been deleted since. */
  startOver(): void {
    this.#work = undefined;
  }

  /** Yields after each slice, with whether something was written that can be shipped. */
  *#run(untilMs: number): Generator<boolean, void> {
    const canEnd = Math.floor(untilMs / finestMs) > Math.floor(this.#endedUntilMs / finestMs);
    for (const endpoint of endpoints) yield* this.#addRows(endpoint, canEnd ? 1 : mostRows);
    if (!canEnd) return;
    yield* this.#end(untilMs);
    this.#endedUntilMs = untilMs;
  }

  *#addRows(endpoint: Endpoint, leastRows: number): Generator<boolean, void> {
    const { samples, ledger } = this.#options.tables;
    for (;;) {
      const waiting = ledger.waiting(rollUpReader.name, endpoint);
      const range = waiting[0];
      if (range === undefined || sizeOf(waiting) < leastRows) return;
      const bySeries = new Map<number, Row<Sample>[]>();
      let toId = range.fromId;
      while (toId < range.toId && toId - range.fromId < mostRows && bySeries.size < mostSeries) {
        const part = firstIds({ fromId: toId, toId: range.toId }, rowsPerSlice);
        const rows = readAround(part, (range) => samples[endpoint].read(range, rowsPerSlice)).filter(isOfTime);
        if (rows.length < sizeOf([part])) this.#options.onDamaged(endpoint, missingIds(part, rows));
        for (const row of rows) push(bySeries, row.seriesId, row);
        toId = part.toId;
        yield false;
      }
      const changes = yield* this.#add(endpoint, bySeries);
      const read = { fromId: range.fromId, toId };
      yield this.#write(changes, () => ledger.settle(rollUpReader.name, endpoint, read, []));
    }
  }

  *#add(
    endpoint: Endpoint,
    bySeries: ReadonlyMap<number, readonly Row<Sample>[]>,
  ): Generator<boolean, readonly Change[]> {
    const { tables, rollUp, onDamaged } = this.#options;
    const changes: Change[] = [];
    const byTarget = new Map<number, Row<Sample>[]>();
    for (const [seriesId, rows] of bySeries) {
      const open = tables.open.windowsOf(seriesId);
      if (open === undefined) {
        onDamaged(
          endpoint,
          rows.map(({ id }) => id),
        );
        continue;
      }
      const samples = rows.map(({ content }) => content);
      changes.push({ kind: 'windows', endpoint, id: seriesId, step: rollUp.addToWindows(open.state, samples) });
      for (const row of rows) push(byTarget, open.targetId, row);
      if (changes.length % statesPerSlice === 0) yield false;
    }
    for (const [targetId, rows] of byTarget) {
      // A target that was relabelled in between has samples of two series.
      const samples = rows.sort((a, b) => a.id - b.id).map(({ seriesId, content }) => ({ seriesId, sample: content }));
      const step = rollUp.addToSession(tables.open.sessionOf(targetId), samples);
      changes.push({ kind: 'session', endpoint, id: targetId, step });
      if (changes.length % statesPerSlice === 0) yield false;
    }
    return changes;
  }

  *#end(untilMs: number): Generator<boolean, void> {
    const { rollUp, tables } = this.#options;
    for (;;) {
      const due = tables.open.dueWindows(untilMs, statesPerSlice);
      if (due.length === 0) break;
      yield this.#write(
        due.map(({ state, ...of }) => ({ kind: 'windows', ...of, step: rollUp.endWindows(state, untilMs) })),
      );
    }
    for (;;) {
      const due = tables.open.dueSessions(untilMs, statesPerSlice);
      if (due.length === 0) break;
      yield this.#write(
        due.map(({ state, ...of }) => ({ kind: 'session', ...of, step: rollUp.endSession(state, untilMs) })),
      );
    }
  }

  /** All in one transaction, with what else is to be noted in it; returns whether a window or session is among it. */
  #write(changes: readonly Change[], alsoWrite = () => {}): boolean {
    const { database, tables, onForgotten } = this.#options;
    inTransaction(database, () => {
      for (const change of changes) writeChange(tables, change);
      alsoWrite();
    });
    for (const { kind, id, step } of changes) {
      if (step.problem === undefined) continue;
      onForgotten(kind === 'windows' ? tables.series.read(id).target : tables.series.readTarget(id), step.problem);
    }
    return changes.some(({ step }) => step.ended.length > 0);
  }
}

/** What becomes of the windows of a series or the session of a target; `id` is that of the series or the target. */
type Change =
  | { readonly kind: 'windows'; readonly endpoint: Endpoint; readonly id: number; readonly step: WindowStep }
  | { readonly kind: 'session'; readonly endpoint: Endpoint; readonly id: number; readonly step: SessionStep };

function writeChange(tables: Tables, change: Change): void {
  const { endpoint, id } = change;
  switch (change.kind) {
    case 'windows':
      for (const { tier, window } of change.step.ended) tables.windows[endpoint][tier].insert(id, window);
      tables.open.writeWindows(id, change.step.nextEndMs, change.step.state);
      return;
    case 'session':
      for (const { seriesId, session } of change.step.ended) tables.sessions[endpoint].insert(seriesId, session);
      tables.open.writeSession(id, change.step.nextEndMs, change.step.state);
      return;
    default:
      change satisfies never;
  }
}

function isOfTime(row: Row<Sample>): boolean {
  return isSound(row, () => true);
}

function missingIds({ fromId, toId }: IdRange, rows: readonly Row<Sample>[]): readonly number[] {
  const there = new Set(rows.map(({ id }) => id));
  return Array.from({ length: toId - fromId }, (_, index) => fromId + 1 + index).filter((id) => !there.has(id));
}

function push<Key, Item>(groups: Map<Key, Item[]>, key: Key, item: Item): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [item]);
  else group.push(item);
}
