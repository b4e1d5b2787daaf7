import type { IdRange } from '../../../src/model/id-range.ts';
import type { Point } from '../../../src/model/point.ts';
import type { Endpoint } from '../../../src/model/target.ts';
import type { Backlog, Rejection, Row } from '../../../src/sink/backlog.ts';

type OnSettle = (table: Endpoint, rows: readonly Row[], rejected: readonly Rejection[]) => void;

/** A store's journal in memory, of samples and for one sink. Throws where the shipper breaks a rule of the interface. */
export class MemoryBacklog implements Backlog {
  readonly delivered: Record<Endpoint, number> = { room_stats: 0, gift_count: 0 };
  readonly rejected = new Map<string, string>();
  readonly #rows: Record<Endpoint, (Row | undefined)[]> = { room_stats: [], gift_count: [] };
  readonly #isSettled: Record<Endpoint, boolean[]> = { room_stats: [], gift_count: [] };
  readonly #onSettle: OnSettle;
  readonly #isDamaged: (point: Point) => boolean;

  constructor(onSettle: OnSettle = () => {}, isDamaged: (point: Point) => boolean = () => false) {
    this.#onSettle = onSettle;
    this.#isDamaged = isDamaged;
  }

  /** Returns the row's id; ids begin with 1. */
  commit(table: Endpoint, point: Point): number {
    const id = this.#rows[table].length + 1;
    this.#rows[table].push({ id, point });
    this.#isSettled[table].push(false);
    return id;
  }

  /** As retention does: the row is gone, its id still waits. */
  deleteRow(table: Endpoint, id: number): void {
    this.#rows[table][id - 1] = undefined;
  }

  waiting(table: Endpoint): number {
    return this.#isSettled[table].filter((isSettled) => !isSettled).length;
  }

  waitingRanges(_sink: string, table: Endpoint): readonly IdRange[] {
    const ranges: IdRange[] = [];
    for (const [index, isSettled] of this.#isSettled[table].entries()) {
      if (isSettled) continue;
      const last = ranges.at(-1);
      if (last?.toId === index) ranges[ranges.length - 1] = { fromId: last.fromId, toId: index + 1 };
      else ranges.push({ fromId: index, toId: index + 1 });
    }
    return ranges;
  }

  readPoints(table: Endpoint, range: IdRange, onDamaged: (row: Rejection) => void): readonly Row[] {
    const rows = this.#rowsIn(table, range);
    for (const { id, point } of rows) if (this.#isDamaged(point)) onDamaged({ id, reason: 'damaged' });
    return rows.filter(({ point }) => !this.#isDamaged(point));
  }

  #rowsIn(table: Endpoint, { fromId, toId }: IdRange): readonly Row[] {
    return this.#rows[table].slice(fromId, toId).filter((row) => row !== undefined);
  }

  settle(_sink: string, table: Endpoint, range: IdRange, rejected: readonly Rejection[]): void {
    const isSettled = this.#isSettled[table];
    const rows = this.#rowsIn(table, range);
    for (let index = range.fromId; index < range.toId; index++) {
      if (isSettled[index] !== false) throw new Error(`id ${index + 1} of ${table} is settled twice, or unknown`);
      isSettled[index] = true;
    }
    this.delivered[table] += rows.length - rejected.length;
    for (const { id, reason } of rejected) {
      if (!rows.some((row) => row.id === id)) throw new Error(`rejected id ${id} of ${table} is not in the range`);
      this.rejected.set(`${table} ${id}`, reason);
    }
    this.#onSettle(table, rows, rejected);
  }
}
