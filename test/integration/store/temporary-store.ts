import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { counters } from '../../../src/model/measurement.ts';
import type { Round, Schedule } from '../../../src/model/round.ts';
import type { Sample } from '../../../src/model/sample.ts';
import { type Endpoint, endpoints, type Series } from '../../../src/model/target.ts';
import { createRollUp } from '../../../src/roll-up/roll-up.ts';
import { emptyBatch, type NewSample } from '../../../src/store/batch.ts';
import { type Database, openDatabase } from '../../../src/store/database.ts';
import { type Journal, type JournalOptions, openJournal } from '../../../src/store/journal.ts';
import type { Reader } from '../../../src/store/sink-ledger.ts';
import { createVirtualClock } from '../../virtual-clock.ts';

export const hourMs = 60 * 60 * 1_000;
export const dayMs = 24 * hourMs;
export const startMs = Date.UTC(2026, 0, 1);
export const forever = Number.POSITIVE_INFINITY;

export const rollUpOptions = { timezone: 'Etc/UTC', closeAfterMs: 30 * 60_000 };

/** A sink of samples. */
export function sinkOf(name: string): Reader {
  return { name, tables: endpoints };
}

/** A folder with at most one store in it, that is gone when it is disposed of. */
export class TemporaryStore implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'livetally-store-'));
  readonly path = join(this.folder, 'store.db');
  readonly clock = createVirtualClock({ wallMs: startMs });

  open(options: Partial<JournalOptions> = {}): Journal {
    return openJournal({
      path: this.path,
      clock: this.clock,
      keepMs: 14 * dayMs,
      maxSizeBytes: 1e12,
      keepTiersMs: { '5m': forever, '1h': forever, '1d': forever, '1mo': forever },
      rollUp: createRollUp(rollUpOptions),
      onForgotten: () => {},
      onDamagedRows: () => {},
      onTornCommit: () => {},
      sinks: [sinkOf('influxdb')],
      holder: { pid: 1234, host: 'studio', command: 'livetally run' },
      ...options,
    });
  }

  /** Reads what is on the disk, beside the journal, with a connection of its own. */
  query(sql: string, path = this.path): readonly Record<string, unknown>[] {
    using database: Database = openDatabase(path, 1_000);
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

export function roomSeries(roomId: string, labels: Record<string, string> = {}): Series {
  return { target: { endpoint: 'room_stats', app: 'main', roomId }, labels };
}

export function receiverSeries(roomId: string, userId: string): Series {
  return { target: { endpoint: 'gift_count', app: 'main', roomId, userId }, labels: {} };
}

export function scheduleOf(endpoint: Endpoint): Schedule {
  return { app: 'main', endpoint, cron: '*/15 * * * * *', timezone: 'Etc/UTC' };
}

export function roundAt(endpoint: Endpoint, roundStartMs: number): Round {
  return { schedule: scheduleOf(endpoint), startMs: roundStartMs };
}

/** The first sample of a target, unless a gap is given. */
export function sampleAt(dueMs: number, changes: Partial<Sample> = {}): Sample {
  return {
    dueMs,
    delayMs: 120,
    gapMs: undefined,
    inGap: false,
    sessionMs: startMs,
    totals: [1, 2, 3, 4, 5, 6],
    deltas: [undefined, 0, 1, 2, 3, 4],
    ...changes,
  };
}

/** Commits rows of one series, in rounds of an hour; due instants are a second apart. */
export function commitRows(
  journal: Journal,
  series: Series,
  { count, fromMs = startMs, stepMs = 1_000 }: { count: number; fromMs?: number; stepMs?: number },
): void {
  const width = counters[series.target.endpoint].length;
  const samples = Array.from({ length: count }, (_, index): Sample => {
    const sample = sampleAt(fromMs + index * stepMs);
    return { ...sample, totals: sample.totals.slice(0, width), deltas: sample.deltas.slice(0, width) };
  });
  commitSamples(journal, series, samples);
}

/** Commits samples of one series, in rounds of an hour. */
export function commitSamples(journal: Journal, series: Series, samples: readonly Sample[]): void {
  const [registration] = journal.register([series]);
  if (registration === undefined || samples.length === 0) throw new Error('there is nothing to commit');
  const { seriesId, endpoint } = registration;
  const firstId = journal.nextRoundId();
  const rounds = [...Map.groupBy(samples, ({ dueMs }) => Math.floor(dueMs / hourMs)).values()];
  const begun = rounds.map((own, index) => ({
    id: firstId + index,
    round: roundAt(endpoint, own[0]?.dueMs ?? 0),
    due: own.length,
  }));
  const rows = rounds.flatMap((own, index) =>
    own.map((sample): NewSample => ({ endpoint, seriesId, roundId: firstId + index, sample })),
  );
  journal.commit({ ...emptyBatch, begun, samples: rows, ended: begun.map(({ id }) => id) });
}

/** Rolls up what there is, and ends what is over by an instant. */
export function rollUp(journal: Journal, untilMs: number): void {
  while (journal.rollUp(untilMs).hasMore);
}

/** Runs retention until there is nothing left to do. */
export function tidyUp(journal: Journal): void {
  while (journal.tidy());
}
