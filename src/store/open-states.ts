import { type Endpoint, endpoints } from '../model/target.ts';
import { DamagedValue, type Database, integer, type OutputValue, type Statement, text } from './database.ts';

/** What the roll-up remembers of a series or a target, as the roll-up wrote it. */
export type OpenState = { readonly id: number; readonly endpoint: Endpoint; readonly state: string };

/** What is open of every series and target: windows that have not ended, and the latest session. */
export class OpenStates {
  readonly #selectWindows: Statement;
  readonly #selectSession: Statement;
  readonly #selectDueWindows: Statement;
  readonly #selectDueSessions: Statement;
  readonly #upsertWindows: Statement;
  readonly #deleteWindows: Statement;
  readonly #upsertSession: Statement;

  constructor(database: Database) {
    this.#selectWindows = database.prepare(
      `SELECT target_id, state FROM series JOIN target ON target.id = target_id
       LEFT JOIN open_windows ON series_id = series.id WHERE series.id = ?`,
    );
    this.#selectSession = database.prepare('SELECT state FROM open_session WHERE target_id = ?');
    this.#selectDueWindows = database.prepare(
      `SELECT series_id AS id, endpoint, state FROM open_windows
       JOIN series ON series.id = series_id JOIN target ON target.id = target_id
       WHERE next_end_ms <= ? ORDER BY next_end_ms LIMIT ?`,
    );
    this.#selectDueSessions = database.prepare(
      `SELECT target_id AS id, endpoint, state FROM open_session JOIN target ON target.id = target_id
       WHERE next_end_ms <= ? ORDER BY next_end_ms LIMIT ?`,
    );
    const assign = 'DO UPDATE SET next_end_ms = excluded.next_end_ms, state = excluded.state';
    this.#upsertWindows = database.prepare(
      `INSERT INTO open_windows VALUES (?, ?, ?) ON CONFLICT (series_id) ${assign}`,
    );
    this.#deleteWindows = database.prepare('DELETE FROM open_windows WHERE series_id = ?');
    this.#upsertSession = database.prepare(
      `INSERT INTO open_session VALUES (?, ?, ?) ON CONFLICT (target_id) ${assign}`,
    );
  }

  /** The windows of a series; undefined where there is no such series, and `state` where none is open. */
  windowsOf(seriesId: number): { readonly targetId: number; readonly state: string | undefined } | undefined {
    const row = this.#selectWindows.get(seriesId);
    return row && { targetId: integer(row['target_id']), state: optionalText(row['state']) };
  }

  /** The latest session of a target. */
  sessionOf(targetId: number): string | undefined {
    return optionalText(this.#selectSession.get(targetId)?.['state']);
  }

  /** At most `limit` series that have windows which end at or before an instant. */
  dueWindows(untilMs: number, limit: number): readonly OpenState[] {
    return this.#selectDueWindows.all(untilMs, limit).map(toOpenState);
  }

  /** At most `limit` targets whose session closes at or before an instant. */
  dueSessions(untilMs: number, limit: number): readonly OpenState[] {
    return this.#selectDueSessions.all(untilMs, limit).map(toOpenState);
  }

  writeWindows(seriesId: number, nextEndMs: number | undefined, state: string | undefined): void {
    if (state === undefined || nextEndMs === undefined) this.#deleteWindows.run(seriesId);
    else this.#upsertWindows.run(seriesId, nextEndMs, state);
  }

  writeSession(targetId: number, nextEndMs: number | undefined, state: string): void {
    this.#upsertSession.run(targetId, nextEndMs ?? null, state);
  }
}

function toOpenState(row: Record<string, OutputValue>): OpenState {
  const endpoint = endpoints.find((name) => name === row['endpoint']);
  if (endpoint === undefined)
    throw new DamagedValue(`the store holds a target of an unknown endpoint ${row['endpoint']}`);
  return { id: integer(row['id']), endpoint, state: text(row['state']) };
}

function optionalText(value: OutputValue | undefined): string | undefined {
  return value === null || value === undefined ? undefined : text(value);
}
