import type { Sample } from '../../../src/model/sample.ts';
import type { Endpoint, Series } from '../../../src/model/target.ts';
import type { Backlog, IdRange, Row, Settlement } from '../../../src/sink/backlog.ts';

/** A store's journal in memory, for one sink. Throws where the shipper breaks a rule of the interface. */
export class MemoryBacklog implements Backlog {
  readonly delivered: Record<Endpoint, number> = { room_stats: 0, gift_count: 0 };
  readonly rejected = new Map<string, string>();
  readonly #rows: Record<Endpoint, (Row | undefined)[]> = { room_stats: [], gift_count: [] };
  readonly #isSettled: Record<Endpoint, boolean[]> = { room_stats: [], gift_count: [] };
  readonly #series: Series[] = [];
  readonly #onSettle: (endpoint: Endpoint, rows: readonly Row[], settlement: Settlement) => void;

  constructor(onSettle: (endpoint: Endpoint, rows: readonly Row[], settlement: Settlement) => void = () => {}) {
    this.#onSettle = onSettle;
  }

  addSeries(series: Series): number {
    return this.#series.push(series) - 1;
  }

  /** Returns the row's id; ids begin with 1. */
  commit(endpoint: Endpoint, seriesId: number, sample: Sample): number {
    const id = this.#rows[endpoint].length + 1;
    this.#rows[endpoint].push({ id, seriesId, sample });
    this.#isSettled[endpoint].push(false);
    return id;
  }

  /** As retention does: the row is gone, its id still waits. */
  deleteRow(endpoint: Endpoint, id: number): void {
    this.#rows[endpoint][id - 1] = undefined;
  }

  waiting(endpoint: Endpoint): number {
    return this.#isSettled[endpoint].filter((isSettled) => !isSettled).length;
  }

  waitingRanges(_sink: string, endpoint: Endpoint): readonly IdRange[] {
    const ranges: IdRange[] = [];
    for (const [index, isSettled] of this.#isSettled[endpoint].entries()) {
      if (isSettled) continue;
      const last = ranges.at(-1);
      if (last?.toId === index) ranges[ranges.length - 1] = { fromId: last.fromId, toId: index + 1 };
      else ranges.push({ fromId: index, toId: index + 1 });
    }
    return ranges;
  }

  readRows(endpoint: Endpoint, { fromId, toId }: IdRange, limit: number): readonly Row[] {
    const rows = this.#rows[endpoint].slice(fromId, toId);
    return rows.filter((row) => row !== undefined).slice(0, limit);
  }

  seriesOf(seriesId: number): Series {
    const series = this.#series[seriesId];
    if (series === undefined) throw new Error(`no series ${seriesId}`);
    return series;
  }

  settle(_sink: string, endpoint: Endpoint, range: IdRange, settlement: Settlement): void {
    const isSettled = this.#isSettled[endpoint];
    const rows = this.readRows(endpoint, range, Number.POSITIVE_INFINITY);
    for (let index = range.fromId; index < range.toId; index++) {
      if (isSettled[index] !== false) throw new Error(`id ${index + 1} of ${endpoint} is settled twice, or unknown`);
      isSettled[index] = true;
    }
    if (settlement.delivered + settlement.rejected.length !== rows.length) {
      throw new Error(`${settlement.delivered} and ${settlement.rejected.length} do not make ${rows.length} rows`);
    }
    this.delivered[endpoint] += settlement.delivered;
    for (const { id, reason } of settlement.rejected) {
      if (!rows.some((row) => row.id === id)) throw new Error(`rejected id ${id} of ${endpoint} is not in the range`);
      this.rejected.set(`${endpoint} ${id}`, reason);
    }
    this.#onSettle(endpoint, rows, settlement);
  }
}
