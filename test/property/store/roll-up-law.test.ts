import { cpSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { counters } from '../../../src/model/measurement.ts';
import type { Sample } from '../../../src/model/sample.ts';
import { tableOf } from '../../../src/model/stored-table.ts';
import { endpoints, type Series } from '../../../src/model/target.ts';
import { tiers } from '../../../src/model/window.ts';
import { createRollUp } from '../../../src/roll-up/roll-up.ts';
import { openDatabase } from '../../../src/store/database.ts';
import type { Journal } from '../../../src/store/journal.ts';
import type { Reader } from '../../../src/store/sink-ledger.ts';
import {
  commitSamples,
  dayMs,
  receiverSeries,
  rollUp,
  roomSeries,
  startMs,
  TemporaryStore,
  tidyUp,
} from '../../integration/store/temporary-store.ts';

/** Two labels of one room, another room, and a receiver. */
const allSeries: readonly Series[] = [
  roomSeries('room-1', { team: 'music' }),
  roomSeries('room-1', { team: 'dance' }),
  roomSeries('room-2'),
  receiverSeries('room-1', 'anchor'),
];

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      series: fc.constantFrom(...allSeries),
      count: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 60 }) }, fc.constant(11_000)),
      stepMs: fc.constantFrom(1_000, 15_000, 60_000, 1_000_000),
      isNewSession: fc.boolean(),
      growth: fc.integer({ min: 0, max: 50 }),
      lacks: fc.integer({ min: 0, max: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 40 * dayMs }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('rollUp' as const), slices: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), isKilled: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('ship' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('tidy' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

test('In every tier, and over all sessions, there is each sample once: whatever is committed, shipped, deleted and killed in between.', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      using run = new Run();
      for (const one of steps) run.perform(one);
      run.expectEverySampleOnce();
    }),
    { numRuns: 60 },
  );
}, 120_000);

const sink: Reader = { name: 'influxdb', tables: [...endpoints, ...endpoints.map((one) => tableOf(one, '5m'))] };

/** A store in use, and what must come out of it. */
class Run implements Disposable {
  readonly #store = new TemporaryStore();
  readonly #committed = new Map<Series, Sample[]>();
  readonly #sessionMs = new Map<string, number>();
  #nowMs = startMs;
  #copies = 0;
  #journal: Journal = this.#open();

  #open(): Journal {
    const rollUp = createRollUp({ timezone: 'Australia/Lord_Howe', closeAfterMs: 30 * 60_000 });
    return this.#store.open({ path: this.#path(), sinks: [sink], keepMs: dayMs, rollUp });
  }

  perform(step: Step): void {
    switch (step.kind) {
      case 'commit':
        this.#commit(step);
        break;
      case 'pass':
        this.#nowMs += step.ms;
        break;
      case 'rollUp':
        for (let slice = 0; slice < step.slices; slice++) this.#journal.rollUp(this.#nowMs);
        break;
      case 'restart':
        this.#restart(step.isKilled);
        break;
      case 'ship':
        for (const table of sink.tables) {
          for (const { fromId, toId } of this.#journal.waitingRanges(sink.name, table)) {
            const shipped = { fromId: toId - Math.round(step.share * (toId - fromId)), toId };
            this.#journal.settle(sink.name, table, shipped, []);
          }
        }
        break;
      case 'tidy':
        tidyUp(this.#journal);
        break;
      default:
        step satisfies never;
    }
  }

  #commit({ series, count, stepMs, isNewSession, growth, lacks }: Extract<Step, { kind: 'commit' }>): void {
    const { endpoint, roomId } = series.target;
    const key = `${endpoint} ${roomId}`;
    const width = counters[endpoint].length;
    const samples = this.#committed.get(series) ?? [];
    this.#committed.set(series, samples);
    const sessionMs = isNewSession ? this.#nowMs : (this.#sessionMs.get(key) ?? this.#nowMs);
    this.#sessionMs.set(key, sessionMs);
    const added = Array.from({ length: count }, (_, index): Sample => {
      const value = (counter: number) => (counter === lacks ? undefined : growth + counter);
      const figures = Array.from({ length: width }, (_, counter) => value(counter));
      const dueMs = this.#nowMs + index * stepMs;
      return { dueMs, delayMs: 1, gapMs: stepMs, inGap: stepMs > 60_000, sessionMs, totals: figures, deltas: figures };
    });
    this.#nowMs += count * stepMs;
    commitSamples(this.#journal, series, added);
    samples.push(...added);
  }

  /** A killed process leaves behind what a copy of its files shows while the connection is open. */
  #restart(isKilled: boolean): void {
    const path = this.#path();
    if (isKilled) {
      this.#copies++;
      for (const suffix of ['', '-wal']) cpSync(`${path}${suffix}`, `${this.#path()}${suffix}`);
    }
    this.#journal[Symbol.dispose]();
    this.#journal = this.#open();
  }

  #path(): string {
    return join(this.#store.folder, `store-${this.#copies}.db`);
  }

  expectEverySampleOnce(): void {
    rollUp(this.#journal, this.#nowMs + 40 * dayMs);
    using shell = openDatabase(this.#path(), 1_000);
    expect(shell.prepare('SELECT count(*) AS rows FROM open_windows').get()?.['rows']).toBe(0);
    for (const endpoint of endpoints) {
      const samples = [...this.#committed].flatMap(([{ target }, some]) => (target.endpoint === endpoint ? some : []));
      const sumsOfSamples = counters[endpoint].map((_, index) =>
        samples.reduce((sum, { deltas }) => sum + (deltas[index] ?? 0), 0),
      );
      for (const tier of tiers) {
        const table = tableOf(endpoint, tier);
        const sums = ['samples', ...counters[endpoint].map(({ delta }) => delta)].map(
          (name) => `ifnull(sum(${name}), 0)`,
        );
        const query = shell.prepare(`SELECT ${sums.join(', ')} FROM ${table}`);
        query.setReturnArrays(true);
        expect(query.get(), table).toEqual([samples.length, ...sumsOfSamples]);
        const twice = `SELECT 1 FROM ${table} GROUP BY series_id, start_ms HAVING count(*) > 1`;
        expect(shell.prepare(twice).all(), table).toEqual([]);
      }
      const table = tableOf(endpoint, 'session');
      const newest = `SELECT max(id) FROM ${table} GROUP BY series_id, start_ms`;
      const counted = shell.prepare(`SELECT ifnull(sum(samples), 0) AS samples FROM ${table} WHERE id IN (${newest})`);
      expect(counted.get()?.['samples'], table).toBe(samples.length);
    }
  }

  [Symbol.dispose](): void {
    this.#journal[Symbol.dispose]();
    this.#store[Symbol.dispose]();
  }
}
