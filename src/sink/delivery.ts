import type { IdRange } from '../model/id-range.ts';
import type { Rejection, Row } from './backlog.ts';
import type { SinkProblem, WriteOutcome } from './sink.ts';
import { judge } from './verdict.ts';

/** `rows` are all rows of the range, in ascending order, and not none. */
export type Batch = { readonly range: IdRange; readonly rows: readonly Row[] };

export type DeliverySteps = {
  write(rows: readonly Row[]): Promise<WriteOutcome>;
  /** What is not rejected was delivered. */
  settle(range: IdRange, rejected: readonly Rejection[]): void;
  /** The latest write has met it; none follows. */
  meet(problem: SinkProblem): void;
};

/** `clean`: all delivered; `culled`: some rejected, the others delivered; `stopped`: a problem, the rest still waits. */
export type Delivery = 'clean' | 'culled' | 'stopped';

/**
 * Writes a batch; where the server refuses some of it, halves it until the bad rows stand alone. Each part is settled
 * as soon as its fate is known, so an outage in the middle loses no progress.
 */
export async function deliver(batch: Batch, steps: DeliverySteps): Promise<Delivery> {
  const verdict = judge(batch.rows, await steps.write(batch.rows));
  switch (verdict.kind) {
    case 'settled':
      steps.settle(batch.range, verdict.rejected);
      return verdict.rejected.length === 0 ? 'clean' : 'culled';
    case 'some_refused':
      return await deliverHalves(batch, steps, { holdsBadRows: true });
    case 'too_large':
      return await deliverHalves(batch, steps, { holdsBadRows: false });
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
  const first = await deliver(newer, steps);
  if (first === 'stopped') return first;
  // Bad rows that are not in one half are in the other: it would be refused as a whole, so it is halved unasked.
  const isOlderBad = holdsBadRows && first === 'clean' && older.rows.length > 1;
  const second = isOlderBad ? await deliverHalves(older, steps, { holdsBadRows }) : await deliver(older, steps);
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
