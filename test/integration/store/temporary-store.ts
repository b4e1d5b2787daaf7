import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Round, Schedule } from '../../../src/model/round.ts';
import type { Sample } from '../../../src/model/sample.ts';
import type { Endpoint, Series } from '../../../src/model/target.ts';
import type { Batch, NewSample } from '../../../src/store/batch.ts';
import { type Database, openDatabase } from '../../../src/store/database.ts';
import { type Journal, type JournalOptions, openJournal } from '../../../src/store/journal.ts';
import { createVirtualClock } from '../../virtual-clock.ts';

export const dayMs = 24 * 60 * 60 * 1_000;
export const startMs = Date.UTC(2026, 0, 1);

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
      sinks: ['influxdb'],
      holder: { pid: 1234, host: 'studio', command: 'livetally run' },
      ...options,
    });
  }

  /** Reads what is on the disk, beside the journal, with a connection of its own. */
  query(sql: string): readonly Record<string, unknown>[] {
    using database: Database = openDatabase(this.path, 1_000);
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
    sessionMs: startMs,
    totals: [1, 2, 3, 4, 5, 6],
    deltas: [undefined, 0, 1, 2, 3, 4],
    ...changes,
  };
}

export const emptyBatch: Batch = {
  begun: [],
  samples: [],
  states: new Map(),
  unanswered: new Map(),
  ended: [],
  endBefore: 0,
};

/** Commits rows of one series, a round of its own around them; due instants are a second apart. */
export function commitRows(
  journal: Journal,
  series: Series,
  { count, fromMs = startMs, stepMs = 1_000 }: { count: number; fromMs?: number; stepMs?: number },
): void {
  const [registration] = journal.register([series]);
  if (registration === undefined) throw new Error('one series gives one registration');
  const { seriesId, endpoint } = registration;
  const roundId = journal.nextRoundId();
  const samples = Array.from({ length: count }, (_, index): NewSample => {
    const sample = sampleAt(fromMs + index * stepMs);
    const width = endpoint === 'room_stats' ? 6 : 3;
    const { totals, deltas } = sample;
    return {
      endpoint,
      seriesId,
      roundId,
      sample: { ...sample, totals: totals.slice(0, width), deltas: deltas.slice(0, width) },
    };
  });
  const begun = [{ id: roundId, round: roundAt(endpoint, fromMs), due: count }];
  journal.commit({ ...emptyBatch, begun, samples, ended: [roundId] });
}

/** Runs retention until there is nothing left to do. */
export function tidyUp(journal: Journal): void {
  while (journal.tidy());
}
