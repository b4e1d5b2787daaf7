import type { DatabaseSync } from 'node:sqlite';
import { type Counter, counters } from '../../../src/model/measurement.ts';
import { type Point, sessionPoint, windowPoint } from '../../../src/model/point.ts';
import type { Sample, Totals } from '../../../src/model/sample.ts';
import type { StoreStatus } from '../../../src/model/store-status.ts';
import { type RowKind, tableOf } from '../../../src/model/stored-table.ts';
import { type Endpoint, endpoints, type Series } from '../../../src/model/target.ts';
import { tiers, type Window } from '../../../src/model/window.ts';
import { openReader } from './check-store.ts';
import type { Findings } from './findings.ts';
import { haveSameFields, pointKey, type SimulatedSink } from './simulated-sink.ts';
import { keyOf, type TruthLog } from './truth-log.ts';

export type TiersContext = { readonly log: TruthLog; readonly sink: SimulatedSink; readonly status: StoreStatus };

/** Each window is the sum of its samples, each sample is in one window of each tier, and the sink has what the store has. */
export function checkTiers(path: string, { log, sink, status }: TiersContext, findings: Findings): void {
  using database = openReader(path);
  // What was deleted before it was rolled up is in no window, and counted.
  const isWhole = status.rollUp.every(({ dropped }) => dropped === 0);
  for (const endpoint of endpoints) {
    const samples = Map.groupBy(log.taken(endpoint), ({ series }) => seriesKey(series));
    for (const tier of tiers) {
      const windows = readRows(database.connection, endpoint, tier).map((row) => ({
        series: toSeries(row, endpoint),
        window: toWindow(row, endpoint),
      }));
      const points = windows.map(({ series, window }) => windowPoint(series, window));
      checkShipped(
        { endpoint, kind: tier, points, sink: sink.points(tier), isPoisoned: (key) => sink.isPoisoned(key) },
        status,
        findings,
      );
      if (!isWhole) continue;
      const bySeries = Map.groupBy(windows, ({ series }) => seriesKey(series));
      for (const [key, own] of bySeries) {
        const ofSeries = (samples.get(key) ?? []).map(({ sample }) => sample);
        checkWindows(
          `${tier} of ${key.replaceAll('\n', ' ')}`,
          own.map(({ window }) => window),
          ofSeries,
          findings,
        );
      }
    }
    const sessions = readRows(database.connection, endpoint, 'session').map((row) =>
      sessionPoint(toSeries(row, endpoint), toSession(row, endpoint)),
    );
    // The newest row of a session is what it came to.
    const newest = new Map(sessions.map((point) => [pointKey(point), point]));
    checkShipped(
      {
        endpoint,
        kind: 'session',
        points: [...newest.values()],
        sink: sink.points('1d'),
        isPoisoned: (key) => sink.isPoisoned(key),
      },
      status,
      findings,
    );
  }
}

function checkWindows(name: string, windows: readonly Window[], samples: readonly Sample[], findings: Findings): void {
  const lastEndMs = Math.max(...windows.map(({ endMs }) => endMs));
  let rolledUp = 0;
  for (const window of windows) {
    const own = samples.filter(({ dueMs }) => window.startMs <= dueMs && dueMs < window.endMs);
    rolledUp += own.length;
    const problem = differenceOf(window, own);
    if (problem !== undefined)
      findings.add('wrong', `window ${new Date(window.startMs).toISOString()}, ${name}: ${problem}`);
  }
  const expected = samples.filter(({ dueMs }) => dueMs < lastEndMs).length;
  if (rolledUp !== expected) findings.add('wrong', `${name}: ${expected} samples, ${rolledUp} of them in windows`);
}

function differenceOf(window: Window, samples: readonly Sample[]): string | undefined {
  if (window.samples !== samples.length) return `${window.samples} samples, ${samples.length} were taken`;
  const coveredMs = samples.reduce((sum, { gapMs = 0, inGap }) => sum + (inGap ? 0 : gapMs), 0);
  if (window.coveredMs !== coveredMs) return `${window.coveredMs} ms covered, ${coveredMs} are`;
  for (const counter of window.totals.keys()) {
    const total = samples.findLast(({ totals }) => totals[counter] !== undefined)?.totals[counter];
    if (window.totals[counter] !== total) return `total ${counter} is ${window.totals[counter]}, was ${total}`;
    const grown = samples.filter(({ deltas }) => deltas[counter] !== undefined);
    const delta = grown.length === 0 ? undefined : sumOf(grown, counter);
    if (window.deltas[counter] !== delta) return `delta ${counter} is ${window.deltas[counter]}, not ${delta}`;
    const gapDelta =
      grown.length === 0
        ? undefined
        : sumOf(
            grown.filter(({ inGap }) => inGap),
            counter,
          );
    if (window.gapDeltas[counter] !== gapDelta)
      return `gap delta ${counter} is ${window.gapDeltas[counter]}, not ${gapDelta}`;
  }
  return undefined;
}

function sumOf(samples: readonly Sample[], counter: number): number {
  return samples.reduce((sum, { deltas }) => sum + (deltas[counter] ?? 0), 0);
}

type Shipped = {
  readonly endpoint: Endpoint;
  readonly kind: Exclude<RowKind, 'raw'>;
  readonly points: readonly Point[];
  readonly sink: ReadonlyMap<string, Point['fields']>;
  readonly isPoisoned: (key: string) => boolean;
};

function checkShipped(
  { endpoint, kind, points, sink, isPoisoned }: Shipped,
  status: StoreStatus,
  findings: Findings,
): void {
  const name = tableOf(endpoint, kind);
  const rows = status.rolledUp.find((one) => one.endpoint === endpoint && one.tier === kind)?.rows ?? 0;
  const account = status.sinks.find((one) => one.endpoint === endpoint && one.tier === kind);
  const { delivered = 0, waiting = 0, rejected = 0, dropped = 0 } = account ?? {};
  const words = `${name}: delivered ${delivered}, waiting ${waiting}, rejected ${rejected}, dropped ${dropped}`;
  if (delivered + waiting + rejected + dropped !== rows) findings.add('wrong', `${words}; ${rows} were written`);
  if (waiting > 0) findings.add('wrong', `${words}, after a time of calm`);
  if (dropped > 0) return;
  for (const point of points) {
    const key = pointKey(point);
    const fields = sink.get(key);
    if (isPoisoned(key)) continue;
    if (fields === undefined) findings.add('lost', `${name}: the sink has no point ${key}`);
    else if (!haveSameFields(fields, point.fields)) findings.add('wrong', `${name}: the values of the point ${key}`);
  }
}

type Row = Record<string, unknown>;

function readRows(database: DatabaseSync, endpoint: Endpoint, kind: RowKind): Row[] {
  return database
    .prepare(
      `SELECT row.*, target.app, target.room_id, target.user_id, series.labels FROM ${tableOf(endpoint, kind)} AS row
       JOIN series ON series.id = series_id JOIN target ON target.id = target_id ORDER BY row.id`,
    )
    .all();
}

function toWindow(row: Row, endpoint: Endpoint): Window {
  const of = (figure: keyof Counter) => figures(row, endpoint, figure);
  return {
    startMs: Number(row['start_ms']),
    endMs: Number(row['end_ms']),
    samples: Number(row['samples']),
    coveredMs: Number(row['covered_ms']),
    totals: of('total'),
    deltas: of('delta'),
    gapDeltas: of('gapDelta'),
    peaks: of('peak'),
  };
}

function toSession(row: Row, endpoint: Endpoint) {
  return {
    ...toWindow(row, endpoint),
    openings: figures(row, endpoint, 'opening'),
    isConfirmed: row['confirmed'] === 1,
  };
}

function figures(row: Row, endpoint: Endpoint, figure: keyof Counter): Totals {
  return counters[endpoint].map((counter) => {
    const value = row[counter[figure]];
    return typeof value === 'number' ? value : undefined;
  });
}

function toSeries(row: Row, endpoint: Endpoint): Series {
  const room = { app: String(row['app']), roomId: String(row['room_id']) };
  const target =
    endpoint === 'room_stats'
      ? { endpoint: 'room_stats' as const, ...room }
      : { endpoint: 'gift_count' as const, ...room, userId: String(row['user_id']) };
  return { target, labels: JSON.parse(String(row['labels'])) };
}

function seriesKey({ target, labels }: Series): string {
  return `${keyOf(target)}\n${JSON.stringify(labels)}`;
}
