import type { Account, RunEnd, RunEnds, StoredRound } from '../model/stock.ts';
import { type Findings, instant } from './findings.ts';

/** Each row of a table is accounted for, with every reader of it. */
export function checkAccounts(accounts: readonly Account[], findings: Findings): void {
  for (const account of accounts) {
    const { reader, table, committed, delivered, waiting, rejected, rejectedAs, dropped, settled } = account;
    const place = `${table} for ${reader}`;
    const sum = delivered + waiting + rejected + dropped;
    if (sum !== committed) {
      const parts = `delivered ${delivered} + waiting ${waiting} + rejected ${rejected} + dropped ${dropped}`;
      findings.add('ledger', place, `${committed} rows were committed, and ${parts} = ${sum}`);
    }
    const { listed, deleted, unlisted } = rejectedAs;
    if (listed + deleted + unlisted !== rejected) {
      const parts = `listed ${listed} + deleted ${deleted} + of an older store ${unlisted}`;
      findings.add('ledger', place, `${rejected} rows were rejected, and ${parts} = ${listed + deleted + unlisted}`);
    }
    let endId = -1;
    for (const { fromId, toId } of settled) {
      if (fromId <= endId || toId <= fromId || toId > committed) {
        findings.add('ledger', place, `rows ${fromId + 1} to ${toId} cannot be done with, of ${committed}`);
      }
      endId = toId;
    }
  }
}

export type RoundContext = {
  /** How long the targets of the round are due after its start, at most. */
  readonly intervalMs: number;
  readonly ends: RunEnds;
};

/** The longest time-out of a request, and until what came of it is on the disk. */
const answerMs = 70_000;

/**
 * A round that adds up is due = polled + failed + skipped + cut off, of which none is negative. Cut off is what is left over:
 * it takes a run that ended, and a round is open in the last run only.
 */
export function checkRound(round: StoredRound, context: RoundContext, findings: Findings): void {
  const problem = problemOf(round, context);
  const { schedule, startMs } = round;
  if (problem === undefined) return;
  findings.add('round', roundPlace(schedule), `the round of ${instant(startMs)} ${problem}`, startMs);
}

function problemOf(
  { startMs, hasEnded, due, polled, failed, skipped }: StoredRound,
  { intervalMs, ends }: RoundContext,
): string | undefined {
  const cutOff = due - polled - failed - skipped;
  if (Math.min(due, polled, failed, skipped, cutOff) < 0) {
    return `does not add up: due ${due}, polled ${polled}, failed ${failed}, skipped ${skipped}`;
  }
  // The last target is due at the end of the interval, and no request for it begins when it is due again.
  const reaches = ({ fromMs, toMs }: RunEnd) => startMs <= toMs && startMs + 2 * intervalMs + answerMs >= fromMs;
  if (!hasEnded) {
    return ends.last !== undefined && reaches(ends.last) ? undefined : 'is open, and the last run is not in it';
  }
  return cutOff === 0 || ends.earlier.some(reaches)
    ? undefined
    : `has cut off ${cutOff} of ${due}, and no run ended in it`;
}

export function roundPlace({ app, endpoint }: { readonly app: string; readonly endpoint: string }): string {
  return `${endpoint} of app ${app}`;
}
