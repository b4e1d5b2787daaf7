import { type Endpoint, endpoints, type Labels, type Series, type Target } from '../model/target.ts';
import {
  classifyError,
  DamagedValue,
  type Database,
  integer,
  type OutputValue,
  readInteger,
  type Statement,
  text,
} from './database.ts';

/** A series as the store knows it. Samples and tally states are committed under these ids. */
export type Registration = {
  readonly endpoint: Endpoint;
  readonly seriesId: number;
  readonly targetId: number;
  /** What the tally wrote last; undefined for a target that was never answered. */
  readonly state: string | undefined;
};

/** Targets, their series, and what the tally remembers of each. */
export class SeriesTable {
  readonly #insertTarget: Statement;
  readonly #selectTarget: Statement;
  readonly #upsertSeries: Statement;
  readonly #selectSeries: Statement;
  readonly #selectTargetById: Statement;
  readonly #upsertState: Statement;
  readonly #selectPart: Statement;
  readonly #forget: Statement;
  readonly #forgetSession: Statement;
  readonly #deleteSeries: Statement;
  readonly #deleteState: Statement;
  readonly #deleteTarget: Statement;

  constructor(database: Database) {
    this.#insertTarget = database.prepare(
      'INSERT INTO target (endpoint, app, room_id, user_id) VALUES (?, ?, ?, ?) RETURNING id',
    );
    this.#selectTarget = database.prepare(
      `SELECT target.id, tally.state FROM target LEFT JOIN tally ON tally.target_id = target.id
       WHERE endpoint = ? AND app = ? AND room_id = ? AND user_id = ?`,
    );
    this.#upsertSeries = database.prepare(
      `INSERT INTO series (target_id, labels, run_id) VALUES (?, ?, ?)
       ON CONFLICT (target_id, labels) DO UPDATE SET run_id = excluded.run_id RETURNING id`,
    );
    this.#selectSeries = database.prepare(
      `SELECT endpoint, app, room_id, user_id, labels FROM series JOIN target ON target.id = target_id
       WHERE series.id = ?`,
    );
    this.#selectTargetById = database.prepare('SELECT endpoint, app, room_id, user_id FROM target WHERE id = ?');
    this.#upsertState = database.prepare(
      'INSERT INTO tally VALUES (?, ?) ON CONFLICT (target_id) DO UPDATE SET state = excluded.state',
    );
    this.#selectPart = database.prepare(
      'SELECT max(target_id) FROM (SELECT target_id FROM tally WHERE target_id > ? ORDER BY target_id LIMIT ?)',
    );
    this.#forget = database.prepare(
      `DELETE FROM tally WHERE target_id > ?1 AND target_id <= ?2
         AND NOT EXISTS (SELECT 1 FROM series WHERE series.target_id = tally.target_id AND run_id > ?3)
         AND NOT EXISTS (SELECT 1 FROM open_session AS open
                         WHERE open.target_id = tally.target_id AND next_end_ms IS NOT NULL)
       RETURNING target_id`,
    );
    this.#forgetSession = database.prepare('DELETE FROM open_session WHERE target_id = ?');
    const holds = [
      'EXISTS (SELECT 1 FROM open_windows WHERE series_id = series.id)',
      'EXISTS (SELECT 1 FROM open_session WHERE target_id = series.target_id)',
      ...endpoints.map((endpoint) => `EXISTS (SELECT 1 FROM ${endpoint}_session WHERE series_id = series.id)`),
    ];
    this.#deleteSeries = database.prepare(
      `DELETE FROM series WHERE id IN (SELECT id FROM series WHERE run_id <= ? AND NOT ${holds.join(' AND NOT ')} LIMIT ?)
       RETURNING target_id`,
    );
    const orphan = 'NOT EXISTS (SELECT 1 FROM series WHERE series.target_id = ?1)';
    this.#deleteState = database.prepare(`DELETE FROM tally WHERE target_id = ?1 AND ${orphan}`);
    this.#deleteTarget = database.prepare(`DELETE FROM target WHERE id = ?1 AND ${orphan}`);
  }

  /** Finds or makes a series, and keeps it as long as the run lasts. */
  register(series: Series, runId: number): Registration {
    const { endpoint, app, roomId } = series.target;
    const key = [endpoint, app, roomId, userOf(series.target)] as const;
    const row = this.#selectTarget.get(...key) ?? this.#insertTarget.get(...key);
    const targetId = integer(row?.['id']);
    const state = row?.['state'];
    const stored = this.#upsertSeries.get(targetId, writeLabels(series.labels), runId);
    return {
      endpoint,
      targetId,
      seriesId: integer(stored?.['id']),
      state: typeof state === 'string' ? state : undefined,
    };
  }

  read(seriesId: number): Series {
    const series = this.find(seriesId);
    if (series === undefined) throw new Error(`the store has no series ${seriesId}`);
    return series;
  }

  find(seriesId: number): Series | undefined {
    const row = this.#selectSeries.get(seriesId);
    return row && { target: readTarget(row), labels: readLabels(text(row['labels'])) };
  }

  /** Undefined also where what is there of it is damaged. */
  findSound(seriesId: number): Series | undefined {
    try {
      return this.find(seriesId);
    } catch (error) {
      if (classifyError(error) !== 'damaged_value') throw error;
      return undefined;
    }
  }

  readTarget(targetId: number): Target {
    const row = this.#selectTargetById.get(targetId);
    if (row === undefined) throw new Error(`the store has no target ${targetId}`);
    return readTarget(row);
  }

  writeState(targetId: number, state: string): void {
    this.#upsertState.run(targetId, state);
  }

  /**
   * Forgets what tally and roll-up remember of targets that no later run than this one had, looking at `limit` of them
   * above an id. Returns the last it looked at; undefined when there was none.
   */
  forgetUsedUpTo(runId: number, aboveTargetId: number, limit: number): number | undefined {
    const lastId = readInteger(this.#selectPart, aboveTargetId, limit);
    if (lastId === undefined) return undefined;
    for (const row of this.#forget.all(aboveTargetId, lastId, runId))
      this.#forgetSession.run(integer(row['target_id']));
    return lastId;
  }

  /**
   * Deletes at most `limit` series last used by this run or an earlier one, and targets left without any; returns how many series.
   * A series stays as long as something of it is open, or a session is written under it.
   */
  deleteUsedUpTo(runId: number, limit: number): number {
    const deleted = this.#deleteSeries.all(runId, limit);
    for (const row of deleted) {
      const targetId = integer(row['target_id']);
      this.#deleteState.run(targetId);
      this.#deleteTarget.run(targetId);
    }
    return deleted.length;
  }
}

function userOf(target: Target): string {
  return target.endpoint === 'gift_count' ? target.userId : '';
}

function readTarget(row: Record<string, OutputValue>): Target {
  const app = text(row['app']);
  const roomId = text(row['room_id']);
  const endpoint = endpoints.find((name) => name === row['endpoint']);
  switch (endpoint) {
    case 'room_stats':
      return { endpoint, app, roomId };
    case 'gift_count':
      return { endpoint, app, roomId, userId: text(row['user_id']) };
    case undefined:
      throw new DamagedValue(`the store holds a target of an unknown endpoint ${text(row['endpoint'])}`);
    default:
      return endpoint satisfies never;
  }
}

/** Equal labels give equal text, whatever their order. */
function writeLabels(labels: Labels): string {
  return JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function readLabels(json: string): Labels {
  const labels = parse(json);
  if (isLabels(labels)) return labels;
  throw new DamagedValue(`the store holds labels that are no text: ${json}`);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isLabels(value: unknown): value is Labels {
  return (
    value !== null && typeof value === 'object' && Object.values(value).every((label) => typeof label === 'string')
  );
}
