import type { IdRange } from '../model/id-range.ts';
import type { Rejection } from './backlog.ts';
import type { SinkProblem, WriteOutcome } from './sink.ts';
import { judge, type SentRow } from './verdict.ts';

/** All rows of a range, in ascending order; none where they were all deleted in the meantime. Of damaged ones nothing was sent. */
export type Sent = {
  readonly rows: readonly SentRow[];
  readonly damaged: readonly Rejection[];
  readonly outcome: WriteOutcome;
};

export type DeliverySteps = {
  write(range: IdRange): Promise<Sent>;
  /** What is not rejected was delivered. */
  settle(range: IdRange, rejected: readonly Rejection[]): void;
  /** The latest write has met it; none follows. */
  meet(problem: SinkProblem): void;
};

/** `clean`: all delivered; `culled`: some rejected, the others delivered; `stopped`: a problem, the rest still waits. */
export type Delivery = 'clean' | 'culled' | 'stopped';

type Batch = { readonly range: IdRange; readonly rows: readonly SentRow[] };

/**
 * Writes a range of rows; where the server refuses some of it, halves it until the bad rows stand alone. Each part is
 * settled as soon as its fate is known, so an outage in the middle loses no progress.
 */
export async function deliver(range: IdRange, steps: DeliverySteps): Promise<Delivery> {
  const { rows, damaged, outcome } = await steps.write(range);
  const verdict = judge(rows, outcome);
  switch (verdict.kind) {
    case 'settled':
      steps.settle(range, [...verdict.rejected, ...damaged]);
      return verdict.rejected.length === 0 ? 'clean' : 'culled';
    case 'some_refused':
      return await deliverHalves({ range, rows }, steps, { holdsBadRows: true });
    case 'too_large':
      return await deliverHalves({ range, rows }, steps, { holdsBadRows: false });
    case 'problem':
      steps.meet(verdict.problem);
      return 'stopped';
    default:
      return verdict satisfies never;
  }
}

async function deliverHalves(
  batch: Batch,
  steps: DeliverySteps,
  { holdsBadRows }: { readonly holdsBadRows: boolean },
): Promise<Delivery> {
  const [older, newer] = halve(batch);
  const first = await deliver(newer.range, steps);
  if (first === 'stopped') return first;
  // Bad rows that are not in one half are in the other: it would be refused as a whole, so it is halved unasked.
  const isOlderBad = holdsBadRows && first === 'clean' && older.rows.length > 1;
  const second = isOlderBad ? await deliverHalves(older, steps, { holdsBadRows }) : await deliver(older.range, steps);
  return first === 'culled' && second === 'clean' ? 'culled' : second;
}

function halve({ range, rows }: Batch): [older: Batch, newer: Batch] {
  const middle = rows.length >> 1;
  const boundaryId = rows[middle - 1]?.id ?? range.fromId;
  return [
    { range: { fromId: range.fromId, toId: boundaryId }, rows: rows.slice(0, middle) },
    { range: { fromId: boundaryId, toId: range.toId }, rows: rows.slice(middle) },
  ];
}
