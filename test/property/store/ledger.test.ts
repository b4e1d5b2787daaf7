import { cpSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Endpoint, endpoints } from '../../../src/model/target.ts';
import type { Journal } from '../../../src/store/journal.ts';
import {
  commitRows,
  dayMs,
  receiverSeries,
  roomSeries,
  sinkOf,
  startMs,
  TemporaryStore,
} from '../../integration/store/temporary-store.ts';

const sinks = ['influxdb', 'archive'] as const;
const endpoint = fc.constantFrom(...endpoints);
/** As a share of the ids there are; the ends are what matters most. */
const position = fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true }));

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('commit' as const), endpoint, count: fc.integer({ min: 1, max: 900 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      sink: fc.constantFrom(...sinks),
      endpoint,
      from: position,
      to: position,
      rejected: fc.array(position, { maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tidy' as const), slices: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('restart' as const),
      isKilled: fc.boolean(),
      configured: fc.subarray([...sinks]),
      maxSizeBytes: fc.constantFrom(1, 4_400_000, 1e9),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

test('Every row ever committed is delivered, waiting, rejected or dropped, for each sink, whatever happens in whatever order.', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      using run = new Run();
      for (const one of steps) {
        run.perform(one);
        run.expectBooksToBalance();
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);

/** A store in use, and what must be in it. */
class Run implements Disposable {
  readonly #store = new TemporaryStore();
  readonly #committed = { room_stats: 0, gift_count: 0 };
  #dueMs = startMs;
  #copies = 0;
  #journal: Journal = this.#store.open({ path: this.#path(), sinks: sinks.map(sinkOf), keepMs: dayMs });

  perform(step: Step): void {
    switch (step.kind) {
      case 'commit':
        this.#commit(step.endpoint, step.count);
        break;
      case 'settle': {
        const ids = (share: number) => Math.round(share * this.#committed[step.endpoint]);
        const [fromId = 0, toId = 0] = [ids(step.from), ids(step.to)].sort((a, b) => a - b);
        const inside = step.rejected.map((share) => fromId + Math.ceil(share * (toId - fromId)));
        const rejected = inside.filter((id) => id > fromId).map((id) => ({ id, reason: 'refused' }));
        this.#journal.settle(step.sink, step.endpoint, { fromId, toId }, rejected);
        break;
      }
      case 'tidy':
        for (let slice = 0; slice < step.slices; slice++) this.#journal.tidy();
        break;
      case 'restart':
        this.#restart(step);
        break;
      default:
        step satisfies never;
    }
  }

  #commit(table: Endpoint, count: number): void {
    const series = table === 'room_stats' ? roomSeries('room-1') : receiverSeries('room-1', 'anchor');
    commitRows(this.#journal, series, { count, fromMs: this.#dueMs, stepMs: 60_000 });
    this.#dueMs += count * 60_000;
    this.#committed[table] += count;
  }

  /**
   * A killed process leaves behind what a copy of its files shows while the connection is open. In between, some of the
   * sinks are not configured.
   */
  #restart({ isKilled, configured, maxSizeBytes }: Extract<Step, { kind: 'restart' }>): void {
    let path = this.#path();
    if (isKilled) {
      this.#copies++;
      const copy = this.#path();
      for (const suffix of ['', '-wal']) cpSync(`${path}${suffix}`, `${copy}${suffix}`);
      path = copy;
    }
    this.#journal[Symbol.dispose]();
    this.#journal = this.#store.open({ path, sinks: configured.map(sinkOf), maxSizeBytes, keepMs: dayMs });
    this.#journal.tidy();
    this.#journal[Symbol.dispose]();
    this.#journal = this.#store.open({ path, sinks: sinks.map(sinkOf), maxSizeBytes, keepMs: dayMs });
  }

  #path(): string {
    return join(this.#store.folder, `store-${this.#copies}.db`);
  }

  expectBooksToBalance(): void {
    const { committed, sinks: accounts } = this.#journal.status();
    expect(committed).toEqual(this.#committed);
    for (const { sink, endpoint: table, delivered, waiting, rejected, dropped } of accounts) {
      expect(delivered + waiting + rejected + dropped, `${sink} ${table}`).toBe(this.#committed[table]);
      const [known] = this.#store.query(
        `SELECT rejected_deleted + ifnull(sum(to_id - from_id), 0) AS count FROM sink_count
         LEFT JOIN rejected_range USING (sink, table_name) WHERE sink = '${sink}' AND table_name = '${table}'`,
        this.#path(),
      );
      expect(known, `rows that ${sink} has refused`).toEqual({ count: rejected });
      const ranges = this.#journal.waitingRanges(sink, table);
      const rows = ranges.flatMap((range) => this.#journal.readRows(table, range, 1_000_000));
      expect(rows, `rows that ${sink} waits for`).toHaveLength(waiting);
    }
  }

  [Symbol.dispose](): void {
    this.#journal[Symbol.dispose]();
    this.#store[Symbol.dispose]();
  }
}
