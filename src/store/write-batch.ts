import type { Batch } from './batch.ts';
import type { RoundProgress } from './round-table.ts';
import type { Tables } from './tables.ts';

/** Writes a batch, within a transaction of the caller. */
export function writeBatch(tables: Tables, runId: number, batch: Batch): void {
  for (const { id, round, due } of batch.begun) tables.rounds.begin(id, round, due);
  for (const { endpoint, seriesId, sample } of batch.samples) tables.samples[endpoint].insert(seriesId, sample);
  for (const [targetId, state] of batch.states) tables.series.writeState(targetId, state);
  for (const [roundId, progress] of countProgress(batch)) tables.rounds.add(roundId, progress);
  for (const id of batch.ended) tables.rounds.end(id);
  if (batch.endBefore > 0) tables.rounds.endAllBefore(batch.endBefore);
  const lastDueMs = findLastDueMs(batch);
  if (lastDueMs > 0) tables.runs.reach(runId, lastDueMs);
}

/** Polled is counted from the samples themselves, so the rounds can never say other than the rows. */
function countProgress({ samples, unanswered }: Batch): ReadonlyMap<number, RoundProgress> {
  const progress = new Map<number, { polled: number; failed: number; skipped: number }>();
  for (const [roundId, { failed, skipped }] of unanswered) progress.set(roundId, { polled: 0, failed, skipped });
  for (const { roundId } of samples) {
    const round = progress.get(roundId);
    if (round === undefined) progress.set(roundId, { polled: 1, failed: 0, skipped: 0 });
    else round.polled++;
  }
  return progress;
}

/** The latest due instant that the batch knows of, answered or not: none of them may come again after a restart. */
function findLastDueMs({ begun, samples, unansweredMs }: Batch): number {
  let lastMs = unansweredMs;
  for (const { round } of begun) lastMs = Math.max(lastMs, round.startMs);
  for (const { sample } of samples) lastMs = Math.max(lastMs, sample.dueMs);
  return lastMs;
}
