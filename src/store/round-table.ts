import type { Round, RoundCounts, Schedule } from '../model/round.ts';
import { endpoints } from '../model/target.ts';
import { DamagedValue, type Database, integer, readInteger, type Statement, text } from './database.ts';

/** A round that has not ended, as an earlier run of the program left it. */
export type OpenRound = { readonly round: Round; readonly counts: RoundCounts };

export type RoundProgress = { readonly polled: number; readonly failed: number; readonly skipped: number };

/** What became of the targets that were due, for each round of each schedule. */
export class RoundTable {
  readonly #insertSchedule: Statement;
  readonly #selectSchedule: Statement;
  readonly #upsert: Statement;
  readonly #addProgress: Statement;
  readonly #end: Statement;
  readonly #endBefore: Statement;
  readonly #selectOpen: Statement;
  readonly #selectLastId: Statement;
  readonly #selectLastStart: Statement;
  readonly #delete: Statement;

  constructor(database: Database) {
    this.#insertSchedule = database.prepare(
      'INSERT INTO schedule (app, endpoint, cron, timezone) VALUES (?, ?, ?, ?) RETURNING id',
    );
    this.#selectSchedule = database.prepare(
      'SELECT id FROM schedule WHERE app = ? AND endpoint = ? AND cron = ? AND timezone = ?',
    );
    // A round that is begun again after a restart goes on under its new id; what nobody polls any more becomes cut off.
    this.#upsert = database.prepare(
      `INSERT INTO round (id, schedule_id, start_ms, due) VALUES (?, ?, ?, ?)
       ON CONFLICT (schedule_id, start_ms) DO UPDATE
       SET id = excluded.id, due = max(due, polled + failed + skipped + excluded.due), ended = 0`,
    );
    // An answer that comes after the end of its round takes the place of a cut-off, so the sum stays right.
    this.#addProgress = database.prepare(
      `UPDATE round SET polled = polled + ?2, failed = failed + ?3, skipped = skipped + ?4,
         due = max(due, polled + failed + skipped + ?2 + ?3 + ?4)
       WHERE id = ?1`,
    );
    this.#end = database.prepare('UPDATE round SET ended = 1 WHERE id = ?');
    this.#endBefore = database.prepare('UPDATE round SET ended = 1 WHERE NOT ended AND id < ?');
    this.#selectOpen = database.prepare(
      `SELECT app, endpoint, cron, timezone, start_ms, due, polled, failed, skipped, cut_off
       FROM round JOIN schedule ON schedule.id = schedule_id WHERE NOT ended ORDER BY start_ms`,
    );
    this.#selectLastId = database.prepare('SELECT max(id) FROM round');
    this.#selectLastStart = database.prepare('SELECT max(start_ms) FROM round WHERE start_ms <= ?');
    this.#delete = database.prepare(
      'DELETE FROM round WHERE id IN (SELECT id FROM round WHERE start_ms < ? AND ended LIMIT ?)',
    );
  }

  lastId(): number {
    return readInteger(this.#selectLastId) ?? 0;
  }

  begin(id: number, { schedule, startMs }: Round, due: number): void {
    this.#upsert.run(id, this.#scheduleId(schedule), startMs, due);
  }

  #scheduleId({ app, endpoint, cron, timezone }: Schedule): number {
    const key = [app, endpoint, cron, timezone] as const;
    return integer(readInteger(this.#selectSchedule, ...key) ?? readInteger(this.#insertSchedule, ...key));
  }

  add(id: number, { polled, failed, skipped }: RoundProgress): void {
    const { changes } = this.#addProgress.run(id, polled, failed, skipped);
    if (changes === 0) throw new Error(`round ${id} was never begun`);
  }

  end(id: number): void {
    this.#end.run(id);
  }

  endAllBefore(id: number): void {
    this.#endBefore.run(id);
  }

  open(): readonly OpenRound[] {
    return this.#selectOpen.all().map((row) => {
      const endpoint = endpoints.find((name) => name === row['endpoint']);
      if (endpoint === undefined)
        throw new DamagedValue(`the store holds a schedule of unknown endpoint ${row['endpoint']}`);
      const [app, cron, timezone] = [text(row['app']), text(row['cron']), text(row['timezone'])];
      const counts = {
        due: integer(row['due']),
        polled: integer(row['polled']),
        failed: integer(row['failed']),
        skipped: integer(row['skipped']),
        cutOff: integer(row['cut_off']),
      };
      return { round: { schedule: { app, endpoint, cron, timezone }, startMs: integer(row['start_ms']) }, counts };
    });
  }

  /** When the newest round started, of those up to an instant. */
  lastStartMs(untilMs: number): number | undefined {
    return readInteger(this.#selectLastStart, untilMs);
  }

  /** Deletes at most `limit` ended rounds that started before an instant; returns how many. */
  deleteBefore(startMs: number, limit: number): number {
    return Number(this.#delete.run(startMs, limit).changes);
  }
}
