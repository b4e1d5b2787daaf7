import type { IdRange } from '../model/id-range.ts';
import type { Point } from '../model/point.ts';
import type { Totals } from '../model/sample.ts';
import type { StoredTable } from '../model/stored-table.ts';
import type { Endpoint, Series } from '../model/target.ts';
import { type Columns, columnNames, startColumn, timeColumn } from './columns.ts';
import {
  classifyError,
  DamagedValue,
  type Database,
  type InputValue,
  integer,
  type OutputValue,
  optionalInteger,
  readInteger,
  type Statement,
} from './database.ts';
import { isInstant, isIntegerWithin, lastInstantMs } from './sound-rows.ts';

/** Ids of a table begin at 1 and have no holes: each commit takes the next ones. */
export type Row<Content> = { readonly id: number; readonly seriesId: number; readonly content: Content };

/** A row as it is shipped. */
export type StoredPoint = { readonly id: number; readonly point: Point };

/** By place: id, series, then the columns of the layout. */
export type RowValues = Readonly<Record<string, OutputValue>>;

/** How the rows of a table are written and read. */
export type Layout<Content> = {
  readonly columns: Columns;
  /** The series, then what `columns` requires and allows, in that order. */
  toIntegers(seriesId: number, content: Content): InputValue[];
  /** For each figure of `columns` one number per counter. */
  toFigures(content: Content): readonly Totals[];
  fromValues(values: RowValues, figures: readonly Totals[]): Content;
  readonly toPoint: (series: Series, content: Content) => Point;
};

/** Rows that stand out of their order, or do not stand where they belong: what lies between cannot be told. */
class Disorder extends DamagedValue {}

/** Rows that are appended, shipped and deleted, and never changed. */
export class RowTable<Content> {
  readonly #name: StoredTable;
  readonly #layout: Layout<Content>;
  readonly #counterCount: number;
  readonly #firstFigure: number;
  readonly #insert: Statement;
  readonly #select: Statement;
  readonly #selectStart: Statement;
  readonly #selectTime: Statement;
  readonly #selectYoung: Statement;
  readonly #selectNextId: Statement;
  /** Where rows are read from something else than the table, which can leave some out. */
  readonly #selectIds: Statement | undefined;
  readonly #delete: Statement;
  readonly #selectLastId: Statement;

  /** `source` is what rows are read from, where it is not the table itself. */
  constructor(
    database: Database,
    name: StoredTable,
    { endpoint, layout, source = name }: { endpoint: Endpoint; layout: Layout<Content>; source?: string },
  ) {
    const names = columnNames(endpoint, layout.columns);
    const { required, optional, perCounter } = layout.columns;
    this.#name = name;
    this.#layout = layout;
    this.#firstFigure = 2 + required.length + optional.length;
    this.#counterCount = (names.length + 1 - this.#firstFigure) / perCounter.length;
    this.#insert = database.prepare(
      `INSERT INTO ${name} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    );
    this.#select = database.prepare(
      `SELECT id, ${names.join(', ')} FROM ${source} WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`,
    );
    this.#select.setReturnArrays(true);
    const time = timeColumn(name);
    // A damaged row is of no time.
    const firstOf = (what: string, column: string) =>
      `SELECT ${what} FROM ${name} WHERE id > ? AND id <= ? AND ${isIntegerWithin(column, 0, lastInstantMs)}`;
    const start = startColumn(name);
    this.#selectStart = database.prepare(`${firstOf(start, start)} ORDER BY id LIMIT 1`);
    this.#selectTime = database.prepare(`${firstOf(time, time)} ORDER BY id LIMIT 1`);
    this.#selectYoung = database.prepare(`${firstOf('id', time)} AND ${time} >= ? ORDER BY id LIMIT 1`);
    this.#selectNextId = database.prepare(`SELECT min(id) FROM ${name} WHERE id > ? AND id <= ?`);
    this.#selectIds =
      source === name ? undefined : database.prepare(`SELECT id FROM ${name} WHERE id > ? AND id < ? ORDER BY id`);
    this.#delete = database.prepare(`DELETE FROM ${name} WHERE id > ? AND id <= ?`);
    this.#selectLastId = database.prepare(`SELECT seq FROM sqlite_sequence WHERE name = '${name}'`);
    // Asked for at every look for what waits; an array takes half the time of an object.
    this.#selectLastId.setReturnArrays(true);
  }

  insert(seriesId: number, content: Content): void {
    const values = this.#layout.toIntegers(seriesId, content);
    for (const figure of this.#layout.toFigures(content)) {
      for (let index = 0; index < this.#counterCount; index++) values.push(figure[index] ?? null);
    }
    this.#insert.run(...values);
  }

  /** At most `limit` rows of a range, by rising id. */
  read({ fromId, toId }: IdRange, limit: number): readonly Row<Content>[] {
    return this.#select.all(fromId, toId, limit).map((values) => this.#rowOf(values));
  }

  #rowOf(values: RowValues): Row<Content> {
    return {
      id: integer(values[0]),
      seriesId: integer(values[1]),
      content: this.#layout.fromValues(values, this.#figuresOf(values)),
    };
  }

  #figuresOf(values: RowValues): readonly Totals[] {
    let column = this.#firstFigure;
    return this.#layout.columns.perCounter.map(() => {
      const figure: (number | undefined)[] = [];
      for (const end = column + this.#counterCount; column < end; column++) {
        figure.push(optionalInteger(values[column]));
      }
      return figure;
    });
  }

  /**
   * The rows of a range, by rising id, as they are shipped. Those that are damaged, or whose series `seriesOf` does not know, are
   * told to `onDamaged` instead. One after the other: thousands at once would be work for the garbage collector. To be read to
   * its end, or left, before anything else is asked of the table. Throws where there are fewer rows than `expected`.
   */
  *readPoints(
    { fromId, toId }: IdRange,
    {
      seriesOf,
      onDamaged,
      expected,
    }: {
      readonly seriesOf: (seriesId: number) => Series | undefined;
      readonly onDamaged: (id: number) => void;
      readonly expected: () => number;
    },
  ): Generator<StoredPoint, void> {
    let lastId = fromId;
    let count = 0;
    const setAside = (id: number) => {
      onDamaged(id);
      count++;
    };
    while (lastId < toId) {
      const rows = this.#select.iterate(lastId, toId, toId - lastId);
      try {
        for (const values of rows) {
          const { id, seriesId, content } = this.#rowOf(values);
          if (id <= lastId) throw this.#disorder(lastId);
          this.#idsBetween(lastId, id).forEach(setAside);
          const series = seriesOf(seriesId);
          const point = series && this.#layout.toPoint(series, content);
          if (point === undefined || !isInstant(point.timeMs)) setAside(id);
          else {
            yield { id, point };
            count++;
          }
          lastId = id;
        }
        this.#idsBetween(lastId, toId + 1).forEach(setAside);
        break;
      } catch (error) {
        if (error instanceof Disorder || classifyError(error) !== 'damaged_value') throw error;
        const id = readInteger(this.#selectNextId, lastId, toId) ?? lastId;
        if (id <= lastId || this.#isReadable(id)) throw this.#disorder(lastId);
        setAside(id);
        lastId = id;
      } finally {
        // Where it fails, the statement stands on a row, and would tell the same failure to whoever uses it next.
        rows.return?.();
      }
    }
    if (count < expected()) throw this.#disorder(lastId);
  }

  #idsBetween(lastId: number, nextId: number): readonly number[] {
    if (this.#selectIds === undefined || nextId === lastId + 1) return [];
    return this.#selectIds.all(lastId, nextId).map((row) => integer(row['id']));
  }

  #disorder(lastId: number): Disorder {
    return new Disorder(`rows behind row ${lastId} of ${this.#name} do not stand where they belong`);
  }

  #isReadable(id: number): boolean {
    try {
      return this.read({ fromId: id - 1, toId: id }, 1).length > 0;
    } catch (error) {
      if (classifyError(error) !== 'damaged_value') throw error;
      return false;
    }
  }

  /** The highest id ever given, which is also the number of rows ever committed. */
  lastId(): number {
    return readInteger(this.#selectLastId) ?? 0;
  }

  /** When the first row of a range was due; of a window or session, when it ended. Undefined when none is there. */
  firstMs({ fromId, toId }: IdRange): number | undefined {
    return readInteger(this.#selectTime, fromId, toId);
  }

  /** Where the time that the first row of a range tells of begins. */
  firstStartMs({ fromId, toId }: IdRange): number | undefined {
    return readInteger(this.#selectStart, fromId, toId);
  }

  /** The end of those rows at the beginning of a range that are all older than an instant. */
  lastIdBefore({ fromId, toId }: IdRange, timeMs: number): number {
    const firstYoung = readInteger(this.#selectYoung, fromId, toId, timeMs);
    return firstYoung === undefined ? toId : firstYoung - 1;
  }

  delete({ fromId, toId }: IdRange): void {
    this.#delete.run(fromId, toId);
  }
}
