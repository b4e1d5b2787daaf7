import type { DatabaseSync } from 'node:sqlite';
import { type Counter, counters } from '../../../src/model/measurement.ts';
import { type Point, sessionPoint, windowPoint } from '../../../src/model/point.ts';
import type { Totals } from '../../../src/model/sample.ts';
import type { StoreStatus } from '../../../src/model/store-status.ts';
import { type RowKind, tableOf } from '../../../src/model/stored-table.ts';
import { type Endpoint, endpoints, type Series } from '../../../src/model/target.ts';
import { type Tier, tiers, type Window } from '../../../src/model/window.ts';
import { checkSessions } from './check-sessions.ts';
import { deletedIds, openReader } from './check-store.ts';
import { checkWindows, noWindows, type WindowsOfSeries } from './check-windows.ts';
import type { Findings } from './findings.ts';
import type { Span } from './lived-time.ts';
import { haveSameFields, pointKey, type SimulatedSink } from './simulated-sink.ts';
import { keyOf, type TruthLog } from './truth-log.ts';

export type TiersContext = {
  readonly log: TruthLog;
  readonly sink: SimulatedSink;
  readonly status: StoreStatus;
  /** The reporting zone is another one now and then. */
  readonly zoneChanges: boolean;
  readonly goneBack: readonly Span[];
};

/** Windows and sessions are what their samples come to, each sample is in one window of each tier, and the sink has what the store has. */
export function checkTiers(path: string, context: TiersContext, findings: Findings): void {
  const { log, sink, status } = context;
  using database = openReader(path);
  for (const endpoint of endpoints) {
    const isWhole = isKept(database.connection, endpoint, status);
    const windows = new Map<string, WindowsOfSeries>();
    for (const tier of tiers) {
      const points = readRows(database.connection, endpoint, tier).map((row) => {
        const [series, window] = [toSeries(row, endpoint), toWindow(row, endpoint)];
        const own = windows.get(seriesKey(series)) ?? noWindows();
        windows.set(seriesKey(series), own);
        own[tier].push(window);
        return windowPoint(series, window);
      });
      checkShipped({ endpoint, kind: tier, points, sink }, status, findings);
    }
    const taken = Map.groupBy(isWhole ? log.taken(endpoint) : [], ({ series }) => seriesKey(series));
    for (const [key, ofSeries] of isWhole ? windows : []) {
      const samples = (taken.get(key) ?? []).map(({ sample }) => sample);
      checkWindows(key.replaceAll('\n', ' '), ofSeries, { ...context, samples }, findings);
    }
    const sessions = readRows(database.connection, endpoint, 'session').map((row) => ({
      series: toSeries(row, endpoint),
      session: toSession(row, endpoint),
    }));
    const samples = log.taken(endpoint).slice(0, lastRolledUp(database.connection, endpoint));
    checkSessions(sessions, { samples, isWhole }, findings);
    // The newest row of a session is what it came to.
    const points = sessions.map(({ series, session }) => sessionPoint(series, session));
    const newest = new Map(points.map((point) => [pointKey(point), point]));
    checkShipped(
      {
        endpoint,
        kind: 'session',
        points: [...newest.values()],
        sink,
      },
      status,
      findings,
    );
  }
}

/** All points that the store has rows of in a tier's bucket, by their keys. */
export function tierPoints(path: string, tier: Tier): ReadonlyMap<string, Point['fields']> {
  using database = openReader(path);
  const fields = new Map<string, Point['fields']>();
  const add = (point: Point) => fields.set(pointKey(point), point.fields);
  for (const endpoint of endpoints) {
    for (const row of readRows(database.connection, endpoint, tier)) {
      add(windowPoint(toSeries(row, endpoint), toWindow(row, endpoint)));
    }
    for (const row of tier === '1d' ? readRows(database.connection, endpoint, 'session') : []) {
      add(sessionPoint(toSeries(row, endpoint), toSession(row, endpoint)));
    }
  }
  return fields;
}

type Shipped = {
  readonly endpoint: Endpoint;
  readonly kind: Exclude<RowKind, 'raw'>;
  readonly points: readonly Point[];
  readonly sink: SimulatedSink;
};

function checkShipped({ endpoint, kind, points, sink }: Shipped, status: StoreStatus, findings: Findings): void {
  const name = tableOf(endpoint, kind);
  const rows = status.rolledUp.find((one) => one.endpoint === endpoint && one.tier === kind)?.rows ?? 0;
  const account = status.sinks.find((one) => one.endpoint === endpoint && one.tier === kind);
  const { delivered = 0, waiting = 0, rejected = 0, dropped = 0 } = account ?? {};
  const words = `${name}: delivered ${delivered}, waiting ${waiting}, rejected ${rejected}, dropped ${dropped}`;
  if (delivered + waiting + rejected + dropped !== rows) findings.add('wrong', `${words}; ${rows} were written`);
  if (waiting > 0) findings.add('wrong', `${words}, after a time of calm`);
  if (dropped > 0) return;
  const tier = kind === 'session' ? '1d' : kind;
  const [there, strangers] = [sink.points(tier), sink.strangers(tier)];
  for (const point of points) {
    const key = pointKey(point);
    const fields = there.get(key);
    // A session that went on after the copy was made has more in the sink than the copy knows.
    if (sink.isPoisoned(key) || strangers.has(key) || sink.mixed(tier).has(key)) continue;
    if (fields === undefined) findings.add('lost', `${name}: the sink has no point ${key}`);
    else if (!haveSameFields(fields, point.fields)) findings.add('wrong', `${name}: the values of the point ${key}`);
  }
}

/** A row's id is its place among the samples that were taken, from 1. */
function lastRolledUp(database: DatabaseSync, endpoint: Endpoint): number {
  const select = database.prepare("SELECT max(to_id) AS id FROM settled WHERE sink = 'roll_up' AND table_name = ?");
  return Number(select.get(endpoint)?.['id'] ?? 0);
}

/** What was deleted before it was rolled up is in no window, and counted. Windows are deleted only where the store gets too large. */
function isKept(database: DatabaseSync, endpoint: Endpoint, { rollUp }: StoreStatus): boolean {
  const kinds = [...tiers, 'session'] as const;
  return (
    rollUp.every(({ dropped }) => dropped === 0) &&
    kinds.every((kind) => deletedIds(database, tableOf(endpoint, kind), 0) === 0)
  );
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
