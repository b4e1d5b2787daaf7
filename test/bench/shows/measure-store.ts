import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { BenchContext, Measurement } from '../figure.ts';
import { type DayCosts, maxSizeBytes, median, playDay } from './show-store.ts';
import { dayMs, type Shows, showsOf } from './shows.ts';
import { contentOfStore, type StoreContent } from './store-content.ts';

const progressMs = 15_000;

/** The shows through the product's journal, roll-up and retention, with a start each day. */
export async function measureStore(shows: Shows, { log }: BenchContext): Promise<readonly Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'livetally-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // More than a gigabyte in the end, which a run that is broken off must not leave behind.
  process.on('exit', remove);
  try {
    const path = join(folder, 'livetally.db');
    const days: DayCosts[] = [];
    let toldMs = performance.now();
    for (let day = 0; day < shows.days; day++) {
      // A day is one long piece of work, after which a signal may end the run.
      await turnOfTheLoop();
      days.push(playDay(path, showsOf(shows, day), shows.firstMs + day * dayMs));
      if (performance.now() - toldMs < progressMs && day + 1 < shows.days) continue;
      toldMs = performance.now();
      log(`day ${day + 1} of ${shows.days} in the store`);
    }
    return [...timesOf(days), sizeOf(shows, contentOfStore(path))];
  } finally {
    remove();
    process.off('exit', remove);
  }
}

function timesOf(days: readonly DayCosts[]): readonly Measurement[] {
  const tenth = days.slice(7, 12);
  const last = days.slice(-5);
  const of = (some: readonly DayCosts[], cost: keyof DayCosts) => median(some.map((day) => day[cost]));
  const start = (some: readonly DayCosts[]) => of(some, 'open') + of(some, 'register');
  const inMs = (value: number) => `${value.toFixed(1)} ms`;
  const compared = (cost: 'commit' | 'rollUp', what: string): Measurement => ({
    figure: `shows: ${what}, the last day against the tenth`,
    bound: { kind: 'at_most', value: 2 },
    value: of(last, cost) / of(tenth, cost),
    livetally: `${inMs(of(last, cost))} on the last day`,
    beside: `${inMs(of(tenth, cost))} on the tenth day`,
  });
  return [
    compared('commit', 'a commit'),
    compared('rollUp', 'rolling up 1,000 samples'),
    {
      figure: 'shows: a start on the last day',
      bound: { kind: 'at_most', value: 5000 },
      value: start(last),
      unit: 'ms',
      livetally: `${inMs(of(last, 'open'))} to open the store, ${inMs(of(last, 'register'))} to register the day's rooms and receivers`,
      beside: `${inMs(start(tenth))} on the tenth day`,
    },
    {
      figure: 'shows: retention of the last day',
      bound: { kind: 'at_most', value: 5000 },
      value: of(last, 'retention'),
      unit: 'ms',
      livetally: `${inMs(Math.max(...days.map(({ longestSlice }) => longestSlice)))} the longest slice of the roll-up, ${inMs(Math.max(...days.map(({ longestCommit }) => longestCommit)))} the longest commit, of all days`,
      beside: `${inMs(of(tenth, 'retention'))} on the tenth day, which has nothing to delete yet`,
    },
  ];
}

function sizeOf({ perDay, days }: Shows, { bytes, kinds, restBytes }: StoreContent): Measurement {
  const perRow = Object.entries(kinds).map(
    ([kind, { rows, bytes: taken }]) => `${kind} ${rows === 0 ? '-' : (taken / rows).toFixed(0)}`,
  );
  return {
    figure: `shows: the store after ${days} days`,
    bound: { kind: 'at_most', value: maxSizeBytes / 2 ** 20 },
    value: bytes / 2 ** 20,
    unit: 'MiB',
    livetally: `${(bytes / (perDay * days)).toFixed(0)} B a show, ${(restBytes / (perDay * days)).toFixed(0)} B of them for who it was and what is open`,
    beside: `store.max_size; bytes a row: ${perRow.join(', ')}`,
  };
}
